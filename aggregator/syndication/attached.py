"""The files beside a post, as each format of our feeds names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.xmlutils import SimplerXMLGenerator

RSS_NAMESPACES = {
    "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}

_UNKNOWN_TYPE = "application/octet-stream"
"""RSS and JSON Feed demand a type; this one says that it isn't known (RFC 2046 section 4.5.1)."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside a post. Its type may be empty."""

    url: str
    media_type: str
    byte_count: int | None
    seconds: int | None
    title: str

    @property
    def kind(self) -> str:
        return self.media_type.partition("/")[0]


class WithoutTitle:
    """Hands on to a generator all that is to be written, but for elements named title."""

    def __init__(self, handler: SimplerXMLGenerator) -> None:
        self._handler = handler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)

    def addQuickElement(self, name: str, *arguments: Any, **named: Any) -> None:  # noqa: N802 -- SAX's spelling
        if name != "title":
            self._handler.addQuickElement(name, *arguments, **named)


def write_atom_links(handler: SimplerXMLGenerator, files: Sequence[Attached]) -> None:
    """A link for each file (RFC 4287 section 4.2.7)."""
    for one in files:
        said = {"type": one.media_type, "length": str(one.byte_count or ""), "title": one.title}
        known = {name: value for name, value in said.items() if value}
        handler.addQuickElement("link", "", {"rel": "enclosure", "href": one.url, **known})


def write_rss_elements(handler: SimplerXMLGenerator, files: Sequence[Attached]) -> None:
    """One enclosure, as more confuse podcast apps (RSS Best Practices Profile); the other files as Media RSS.

    That one is what can be listened to or watched, if there is any. Its length is demanded: 0 where it isn't known.
    """
    first = next((one for one in files if one.kind in {"audio", "video"}), None)
    first = first or next((one for one in files if one.kind != "image"), next(iter(files), None))
    if first is None:
        return
    length = str(first.byte_count or 0)
    handler.addQuickElement(
        "enclosure", "", {"url": first.url, "length": length, "type": first.media_type or _UNKNOWN_TYPE}
    )
    if first.seconds:
        handler.addQuickElement("itunes:duration", str(first.seconds))
    for one in files:
        if one is not first:
            _write_media(handler, one)


def json_members(files: Sequence[Attached]) -> dict[str, Any]:
    """The members of an item of JSON Feed 1.1: its main image, and all other files as attachments."""
    image = next((one for one in files if one.kind == "image"), None)
    return {
        "image": image.url if image else "",
        "attachments": [_as_json(one) for one in files if one is not image],
    }


def _write_media(handler: SimplerXMLGenerator, one: Attached) -> None:
    said = {"type": one.media_type, "fileSize": str(one.byte_count or ""), "duration": str(one.seconds or "")}
    known = {name: value for name, value in said.items() if value}
    handler.startElement("media:content", AttributesImpl({"url": one.url, **known}))
    if one.title:
        handler.addQuickElement("media:title", one.title)
    handler.endElement("media:content")


def _as_json(one: Attached) -> dict[str, Any]:
    said = {"title": one.title, "size_in_bytes": one.byte_count, "duration_in_seconds": one.seconds}
    known = {name: value for name, value in said.items() if value}
    return {"url": one.url, "mime_type": one.media_type or _UNKNOWN_TYPE, **known}
