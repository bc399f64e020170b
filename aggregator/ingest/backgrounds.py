"""Pictures that a style or a script draws into an element which holds nothing else: there they decorate nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .balance import Element
from .images import image_attributes, is_pixel
from .markup import MEDIA, Tag
from .media_files import PICTURES
from .nesting import Token, ends_of, words_of
from .styled import style_of

SIGNS = ("url(", "data-bg", "data-background", "data-src=", "data-original=", "data-image=", "itemid=")
"""One of them stands in lower case in every HTML with a picture in or behind such an element."""

_ELEMENTS = frozenset({"a", "div", "figure", "li", "p", "section", "span", "td"})
_SEEN = MEDIA | {"picture", "table", "noscript", "hr"}
_NAMES_OF_PICTURES = ("data-src", "data-original", "data-image", "itemid")
"""Attributes with a picture that a script puts into the element, if it is one."""

_PICTURE = re.compile(rf"[^?#]+\.(?:{PICTURES})(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_MAX_TOKENS = 20
"""Within such an element."""

_STYLE = re.compile(r"(?<![\w-])background(?:-image)?\s*+:[^;()]{0,200}url\(\s*+[\"']?([^\"')\s]++)", re.IGNORECASE)
_MAY_HAVE = re.compile(r"background|\bdata-bg|src|original|image|itemid", re.IGNORECASE)
"""Stands in every tag that has such a style or attribute."""

_VALUE = re.compile(r"\s*+(?:url\(\s*+)?[\"']?([^\"')\s(]++)[\"']?\s*+\)?\s*+", re.IGNORECASE)
_NAMES = ("data-bg", "data-background-image", "data-background", "data-bg-image", "data-bg-src", "data-bgset")


def with_lone_backgrounds(read: Sequence[Token], base_url: str) -> list[Token]:
    """The tokens with an image within each element that is there for the picture behind it."""
    ends = ends_of(read)
    written: list[Token] = []
    addresses: set[str] = set()
    for index, token in enumerate(read):
        written.append(token)
        if not isinstance(token, Tag) or token.is_end or token.name not in _ELEMENTS:
            continue
        end = ends.get(index, 0)
        if not index < end <= index + _MAX_TOKENS + 1 or not _MAY_HAVE.search(token.source):
            continue
        if _shows_something(read[index + 1 : end], has_caption=token.name == "figure"):
            continue
        if image := picture_of(token.attributes, base_url):
            addresses = addresses or _addresses(read, base_url)
            if image["src"] not in addresses:
                written.append(Element("img", image))
    return written


def _addresses(read: Sequence[Token], base_url: str) -> set[str]:
    """Of all the pictures that are there by themselves."""
    images = (token.attributes for token in read if not isinstance(token, str) and token.name == "img")
    return {""} | {found["src"] for each in images if (found := image_attributes(each, base_url))}


def _shows_something(inner: Sequence[Token], *, has_caption: bool) -> bool:
    return bool(not has_caption and words_of(inner).strip()) or any(
        not isinstance(each, str) and each.name in _SEEN for each in inner
    )


def picture_of(found: Mapping[str, str], base_url: str) -> dict[str, str] | None:
    """The image for an element with these attributes, by its style or by what is left for a script."""
    match = _STYLE.search(style_of(found))
    addresses = [match[1]] if match else []
    addresses += [named[1] for name in _NAMES if (named := _VALUE.fullmatch(found.get(name, "")))]
    addresses += [value for name in _NAMES_OF_PICTURES if _PICTURE.fullmatch(value := found.get(name, ""))]
    address = next((each for each in addresses if "/" in each or "." in each), "")
    if not address or is_pixel(found):
        return None
    return image_attributes({"src": address, "alt": _words(found)}, base_url)


def _words(found: Mapping[str, str]) -> str:
    return found.get("aria-label", "") or found.get("title", "") or found.get("data-alt", "")
