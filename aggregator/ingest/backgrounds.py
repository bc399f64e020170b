"""Pictures that a style draws behind an element which holds nothing else: there they decorate nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .balance import Element
from .images import image_attributes, is_pixel
from .markup import Tag
from .nesting import Token, ends_of, words_of
from .styled import style_of

SIGNS = ("url(", "data-bg", "data-background")
"""One of them stands in lower case in every HTML with a picture behind an element."""

_ELEMENTS = frozenset({"a", "div", "figure", "li", "p", "section", "span", "td"})
_SEEN = frozenset({"img", "picture", "image", "iframe", "video", "audio", "object", "embed", "table", "noscript", "hr"})
_MAX_TOKENS = 20
"""Within such an element."""

_STYLE = re.compile(r"(?<![\w-])background(?:-image)?\s*+:[^;()]{0,200}url\(\s*+[\"']?([^\"')\s]++)", re.IGNORECASE)
_MARK = re.compile(r"\bbackground|\bdata-bg", re.IGNORECASE)
"""Stands in every tag that has such a style or attribute."""

_VALUE = re.compile(r"\s*+(?:url\(\s*+)?[\"']?([^\"')\s(]++)[\"']?\s*+\)?\s*+", re.IGNORECASE)
_NAMES = ("data-bg", "data-background-image", "data-background", "data-bg-image", "data-bg-src", "data-bgset")


def with_lone_backgrounds(read: Sequence[Token], base_url: str) -> list[Token]:
    """The tokens with an image within each element that is there for the picture behind it."""
    ends = ends_of(read)
    written: list[Token] = []
    for index, token in enumerate(read):
        written.append(token)
        if not isinstance(token, Tag) or token.is_end or token.name not in _ELEMENTS or not _MARK.search(token.source):
            continue
        end = ends.get(index, 0)
        if not 0 < end - index - 1 <= _MAX_TOKENS or _shows_something(read[index + 1 : end]):
            continue
        if image := _image_of(token.attributes, base_url):
            written.append(Element("img", image))
    return written


def _shows_something(inner: Sequence[Token]) -> bool:
    return bool(words_of(inner).strip()) or any(not isinstance(each, str) and each.name in _SEEN for each in inner)


def _image_of(found: Mapping[str, str], base_url: str) -> dict[str, str] | None:
    match = _STYLE.search(style_of(found))
    addresses = [match[1]] if match else []
    addresses += [named[1] for name in _NAMES if (named := _VALUE.fullmatch(found.get(name, "")))]
    address = next((each for each in addresses if "/" in each or "." in each), "")
    if not address or is_pixel(found):
        return None
    return image_attributes({"src": address, "alt": found.get("aria-label", "") or found.get("title", "")}, base_url)
