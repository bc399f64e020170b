"""What a page shows beside a post's text: pictures where the text has none, players, and named links. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from aggregator.models import Enclosure, Entry

PLAYED = frozenset({"audio", "video"})
"""The kinds that browsers have a player for."""

MAX_NAME_CHARACTERS = 100
"""Of a file, where its address names it: that can be as long as an address."""

_WITHOUT_PLAYER = re.compile(
    r"(?:audio|video)/(?:x-ms-.*|midi|amr|x-msvideo|x-flv|x-matroska|mpeg-url|x-mpegurl)|video/mpeg"
)
"""Types that no browser plays."""

_NAMES = {
    "application/pdf": "PDF",
    "application/epub+zip": "EPUB",
    "application/zip": "ZIP archive",
    "application/x-bittorrent": "Torrent",
    "application/x-shockwave-flash": "Flash film",
    "text/html": "Page",
}
_KINDS = {"audio": "Audio", "video": "Video", "image": "Picture", "text": "Text"}
_ENDING = re.compile(r"\.([A-Za-z0-9]{2,5})$")
_ADDRESS_END = r"(?=[\"?#,\s<]|$)"
"""Of one in a text: else "/talk/1" would be found in "/talk/12"."""

_ADDRESS = re.compile(r' (?:src|href)="([^"]*)"')
_PICTURE_ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|jxl|heic|tiff?)$", re.IGNORECASE)
"""Only behind a picture's name does a query say no more than a size: "show.php?id=1" is another one than "?id=2"."""
_SIZE_IN_NAME = re.compile(r"-[0-9]{1,5}x[0-9]{1,5}(?=\.[A-Za-z0-9]{2,5}$)")
_SIZES = (
    # Blogger: /s72-c/, /w640-h480/, and at the end =s1600. Flickr: a letter before the ending. Medium: /max/800/.
    (
        re.compile(r"(?:blogspot|googleusercontent)\.com$"),
        re.compile(r"/[swh][0-9]{1,4}(?:-[a-z0-9-]+)?(?=/)|=[swh][0-9][\w-]*$"),
    ),
    (re.compile(r"(?:^|\.)(?:static)?flickr\.com$"), re.compile(r"_[sqtmnwzcbhklo](?=\.[a-z]{3}$)")),
    (
        re.compile(r"(?:^|\.)medium\.com$"),
        re.compile(r"/(?:freeze/)?(?:max/[0-9]+|fit/[ct]/[0-9]+/[0-9]+)(?=/)|/v2/resize:[\w:]+(?=/)"),
    ),
)
"""Hosts of pictures, and how they write a size."""


@dataclass(frozen=True, slots=True)
class Medium:
    """One enclosure as a page shows it."""

    kind: str
    """image, audio, video; empty for a file, which is a link alone."""
    url: str
    name: str
    """What it is called; of a picture, what can be seen in it. May be empty."""
    facts: str
    """Such as "Audio, 47 min, 46 MB"."""


def media_beside(entry: Entry, enclosures: Iterable[Enclosure]) -> list[Medium]:
    """What to show beside the entry's text, by its blog's display mode, whose feed is at hand.

    A picture stands alone where the text has none, and else is a link, unless the text shows it, be it in another size.
    A file that the text links to needs no second link. Where posts aren't shown whole, there are links alone, and none
    to pictures.
    """
    if entry.feed.display != "full" or entry.is_cut:
        return _named([("", one) for one in enclosures if one.kind != "image"], entry.title)
    text = entry.content_html
    pictures = _Pictures(text)
    missing = [one for one in enclosures if _is_played(one) or not _stands_in(text, one, pictures)]
    shown = [(_shown_as(one, "<img" in text), one) for one in missing]
    return _named(sorted(shown, key=lambda pair: pair[0] != "image"), entry.title)  # pictures first, as in a post


def _is_played(one: Enclosure) -> bool:
    return one.kind in PLAYED and not _WITHOUT_PLAYER.fullmatch(one.media_type)


def _shown_as(one: Enclosure, has_pictures: bool) -> str:
    """The kind of what shows it; empty where that is a link alone."""
    return one.kind if _is_played(one) or (one.kind == "image" and not has_pictures) else ""


def _named(shown: Sequence[tuple[str, Enclosure]], title: str) -> list[Medium]:
    facts = [facts_of(one) for _, one in shown]
    alike = Counter(facts)
    return [
        Medium(kind=kind, url=one.url, name=_name(kind, one, title, is_alone=alike[told] == 1), facts=told)
        for (kind, one), told in zip(shown, facts, strict=True)
    ]


def _name(kind: str, one: Enclosure, title: str, *, is_alone: bool) -> str:
    """Its title, unless that is the post's. Else what its address calls a file, and what others are just like."""
    if one.title and one.title != title:
        return one.title
    name = file_name(one.url)
    if kind == "image":
        return ""
    if not is_alone:
        return name
    is_file = one.kind not in PLAYED | {"image"} and one.media_type != "text/html" and _ENDING.search(name)
    return name if is_file and not one.title and title != _ENDING.sub("", name) else ""


def facts_of(one: Enclosure) -> str:
    """What kind of file it is, how long it plays and how large it is, as far as that is known."""
    return ", ".join(part for part in (_kind_name(one), length_name(one.seconds), size_name(one.byte_count)) if part)


def length_name(seconds: int | None) -> str:
    """Such as `47 min` or `1 h 5 min`; empty if it isn't known."""
    if not seconds:
        return ""
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{minutes} min"] if minutes else parts)


def size_name(byte_count: int | None) -> str:
    """Such as `46 MB` or `1.5 GB`; empty if it isn't known."""
    if not byte_count:
        return ""
    if byte_count < 1000:
        return f"{byte_count} B"
    size, units = byte_count / 1000, ["kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    digits = f"{size:.1f}".removesuffix(".0") if size < 9.95 else f"{size:.0f}"
    return f"{digits} {units[0]}"


def file_name(url: str) -> str:
    """What an address calls its file, as far as that can be seen: escapes can hide controls in it, and marks that turn
    the text around."""
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    seen = "".join(character for character in name if character.isprintable()).strip()
    return seen if len(seen) <= MAX_NAME_CHARACTERS else f"{seen[: MAX_NAME_CHARACTERS - 1]}…"


def _kind_name(one: Enclosure) -> str:
    name = _NAMES.get(one.media_type) or _KINDS.get(one.kind)
    ending = _ENDING.search(urlsplit(one.url).path)
    return name or (f"{ending[1].upper()} file" if ending else "File")


class _Pictures:
    """The addresses in a text without what says their size; read when first asked for, and once for all files."""

    def __init__(self, html: str) -> None:
        self._html = html

    @cached_property
    def without_size(self) -> frozenset[str]:
        return frozenset(_without_size(found.partition("://")[2]) for found in _ADDRESS.findall(self._html))


def _stands_in(html: str, one: Enclosure, pictures: _Pictures) -> bool:
    """Whether the text has its address; of a picture, also that of another size of it."""
    address = escape(one.url.partition("://")[2])
    if address in html and re.search(rf"//{re.escape(address)}{_ADDRESS_END}", html):
        return True
    if one.kind != "image":
        return False
    return _without_size(address) in pictures.without_size


def _without_size(address: str) -> str:
    """What the addresses of all sizes of one picture share, as blogs' programs write them."""
    bare = address.partition("?")[0]
    host = bare.partition("/")[0]
    for places, size in _SIZES:
        if places.search(host):
            return size.sub("", bare)
    return _SIZE_IN_NAME.sub("", bare) if _PICTURE_ENDING.search(bare) else _SIZE_IN_NAME.sub("", address)
