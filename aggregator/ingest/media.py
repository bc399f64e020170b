"""What Media RSS says of a medium stays with the medium: handlers that `parse` gives to feedparser.

By itself feedparser takes media:title for a title and media:description for a description of the item, so that the
caption of a picture stands for the post. Here a caption is kept with its media:content, or with the item where it
stands in a group or alone (https://www.rssboard.org/media-rss, "Optional Elements").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .plain import as_html

CAPTIONS = "media_captions"
"""The field of an entry that holds what is said of all its media together."""

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
    parser._get_context().setdefault("media_content", []).append(attributes)
    parser.open_medium = attributes


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


HANDLERS: Mapping[str, Callable[..., None]] = {
    "_start_media_content": _start_content,
    "_end_media_content": _end_content,
    "_start_media_title": _start_caption,
    "_end_media_title": _end_title,
    "_start_media_description": _start_caption,
    "_end_media_description": _end_description,
    "_start_media_text": _start_caption,
    "_end_media_text": _end_text,
}
"""By the names under which feedparser looks for them."""
