"""Which of the media that an item names are one in several sizes: the largest is enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .address import lasting_part
from .images import SIZE_IN_NAME, without_size
from .loose import string_of
from .media import GROUP, caption_of
from .media_files import media_type_of
from .types import Enclosure

_MAX_WIDTH = 10**6
_SIZE_IN_QUERY = re.compile(
    r"(?:(?:w|h|width|height|size|s|q|quality|fit|crop|auto|format|fm|dpr|resize|strip|ssl)=[^&]*(?:&|$))+"
)


def one_of_each_group(contents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the other resolutions of a film or a sound: a group holds one, in several forms (Media RSS)."""
    kept: dict[object, dict[str, Any]] = {}
    for place, content in enumerate(contents):
        media_type = media_type_of(string_of(content, "type"), string_of(content, "url"))
        is_form = GROUP in content and media_type.startswith(("audio/", "video/")) and not caption_of(content, "title")
        key = (content[GROUP], media_type) if is_form else place
        if key not in kept or (string_of(content, "isdefault") == "true" and content.get("url")):
            kept[key] = content
    return list(kept.values())


def in_largest_size(found: Iterable[tuple[int, Enclosure]]) -> list[Enclosure]:
    """What was found, with its widths; of a picture in several sizes the largest, with all that is said of it."""
    largest: dict[str, tuple[int, Enclosure]] = {}
    for number, (width, one) in enumerate(found):
        key = _picture(one.url) if one.media_type.startswith("image/") else str(number)
        if key not in largest:
            largest[key] = (width, one)
        elif width > largest[key][0]:
            largest[key] = (width, replace(one, title=one.title or largest[key][1].title))
        elif not largest[key][1].title:
            largest[key] = (largest[key][0], replace(largest[key][1], title=one.title))
    return [one for _, one in largest.values()]


def _picture(url: str) -> str:
    """What the addresses of all sizes of a picture share."""
    head, _, query = url.partition("?")
    return without_size(head) + ("" if _SIZE_IN_QUERY.fullmatch(query) else f"?{query}")


def width_of(medium: Mapping[str, Any]) -> int:
    """Of a picture in pixels, as its feed or the name of its file says."""
    return width_told(medium) or width_in_name(string_of(medium, "url"))


def width_in_name(url: str) -> int:
    """As the name of a picture's file says; the original says none, and is the largest."""
    match = SIZE_IN_NAME.search(lasting_part(url))
    return int(match[1]) if match else _MAX_WIDTH


def width_told(medium: Mapping[str, Any]) -> int:
    """As its feed says; 0 if it says nothing."""
    text = string_of(medium, "width").removesuffix("px")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
