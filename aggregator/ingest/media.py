"""What a feed says of media stays with the media: handlers that `parse` gives to feedparser.

By itself feedparser takes media:title for a title and media:description for a description of the item, so that the
caption of a picture stands for the post. Here a caption is kept with its media:content, or with the item where it
stands in a group or alone (https://www.rssboard.org/media-rss, "Optional Elements"). Of what podcasts have several of
(https://podcasting2.org/docs/podcast-namespace), all is kept, and an image within an item is the item's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .plain import as_html

CAPTIONS = "media_captions"
"""The field of an entry that holds what is said of all its media together."""

GROUP = "in_group"
"""The attribute of a media:content that says in which group it stands."""

TRANSCRIPTS = "podcast_transcripts"
ALTERNATES = "podcast_alternates"
"""The fields of an entry that hold what is said in its recording, and other forms of that."""

_ELEMENT = "media_caption"


def caption_of(medium: Mapping[str, Any], *names: str) -> str:
    """The first of these captions ("title", "description") that a media:content or an entry's `CAPTIONS` has."""
    return next((text for name in names if isinstance(text := medium.get(f"caption_{name}"), str) and text), "")


def captions_as_html(entry: Mapping[str, Any]) -> str:
    """The description of an entry's media as HTML, for an item without a text of its own; YouTube's have no other.

    Else what is spoken in them, or can be read on them.
    """
    said = entry.get(CAPTIONS)
    contents = entry.get("media_content")
    media = [said, *(contents if isinstance(contents, list) else [])]
    for name in ("description", "text"):
        for medium in media:
            if isinstance(medium, dict) and (text := caption_of(medium, name)):
                return text if medium.get(f"{name}_type") == "html" else as_html(text)
    return ""


def _start_content(parser: Any, attributes: dict[str, Any]) -> None:
    if group := getattr(parser, "open_group", 0):
        attributes[GROUP] = str(group)
    parser._get_context().setdefault("media_content", []).append(attributes)
    parser.open_medium = attributes


def _start_group(parser: Any, attributes: dict[str, Any]) -> None:
    parser.groups = getattr(parser, "groups", 0) + 1
    parser.open_group = parser.groups


def _end_group(parser: Any) -> None:
    parser.open_group = 0


def _end_content(parser: Any) -> None:
    parser.open_medium = None


def _start_caption(parser: Any, attributes: dict[str, Any]) -> None:
    # Without expecting a text: then feedparser gives it back and puts it nowhere.
    parser.push(_ELEMENT, 0)
    parser.caption_type = attributes.get("type", "")


def _end_title(parser: Any) -> None:
    _keep(parser, "title")


def _end_description(parser: Any) -> None:
    _keep(parser, "description")


def _end_text(parser: Any) -> None:
    _keep(parser, "text")


def _keep(parser: Any, name: str) -> None:
    text = parser.pop(_ELEMENT)
    if not text:
        return
    medium = getattr(parser, "open_medium", None)
    if medium is None:
        medium = parser._get_context().setdefault(CAPTIONS, {})
    medium.setdefault(f"caption_{name}", text)
    medium.setdefault(f"{name}_type", parser.caption_type)


def _transcript(parser: Any, attributes: dict[str, Any]) -> None:
    parser._get_context().setdefault(TRANSCRIPTS, []).append(attributes)


def _start_alternate(parser: Any, attributes: dict[str, Any]) -> None:
    parser.open_alternate = attributes


def _end_alternate(parser: Any) -> None:
    parser.open_alternate = None


def _source(parser: Any, attributes: dict[str, Any]) -> None:
    """One place where another form of an episode lies; the first on the web is enough."""
    alternate = getattr(parser, "open_alternate", None)
    uri = attributes.get("uri", "")
    if alternate is not None and "uri" not in alternate and (uri[:4].lower() == "http" or ":" not in uri):
        alternate["uri"] = uri
        parser._get_context().setdefault(ALTERNATES, []).append(alternate)


def _start_image(parser: Any, attributes: dict[str, Any]) -> None:
    parser._before_start_image(attributes)
    _take_image(parser, attributes.get("href") or attributes.get("url"))


def _end_image(parser: Any) -> None:
    _take_image(parser, _text(parser))
    parser._before_end_image()


def _end_url(parser: Any) -> None:
    if parser.inimage:
        _take_image(parser, _text(parser))
    parser._before_end_url()


def _take_image(parser: Any, url: str | None) -> None:
    if url and parser.inentry and parser.entries:
        parser.entries[-1].setdefault("image", {"href": url})


def _text(parser: Any) -> str:
    """What stands in the innermost element, so far."""
    return "".join(parser.elementstack[-1][2]).strip() if parser.elementstack else ""


HANDLERS: Mapping[str, Callable[..., None]] = {
    "_start_media_content": _start_content,
    "_end_media_content": _end_content,
    "_start_media_title": _start_caption,
    "_end_media_title": _end_title,
    "_start_media_description": _start_caption,
    "_end_media_description": _end_description,
    "_start_media_text": _start_caption,
    "_end_media_text": _end_text,
    "_start_media_group": _start_group,
    "_end_media_group": _end_group,
    "_start_podcast_transcript": _transcript,
    "_start_podcast_alternateenclosure": _start_alternate,
    "_end_podcast_alternateenclosure": _end_alternate,
    "_start_podcast_source": _source,
    "_start_image": _start_image,
    "_end_image": _end_image,
    "_end_url": _end_url,
}
"""By the names under which feedparser looks for them. Its own are there as "_before" and the name."""
