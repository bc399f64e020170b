"""What of an SVG within a post can be read: the words in it, and the addresses of its pictures."""

from __future__ import annotations

import re

from .text import one_line, resolve_entities, resolve_entities_of_attribute

_MAX_WORDS = 20_000
_MAX_PICTURES = 20

_SIGNS = re.compile(r"<(?:text|foreignobject|image)[\s>]", re.IGNORECASE)
_TAG = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9:-]*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*)>|<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL
)
_ADDRESS = re.compile(r"\b(?:xlink:)?href\s*=\s*(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)

_PIXEL = re.compile(r"(?<![\w-])(?:width|height)\s*+=\s*+[\"']?[01](?:px)?(?=[\"'\s/]|$)", re.IGNORECASE)
_READ = frozenset({"text", "foreignobject"})
_NOT_READ = frozenset({"defs", "symbol", "style", "script", "metadata", "title", "desc", "clippath", "mask"})
"""Elements whose text nobody sees where it stands."""


def words_in(svg: str) -> str:
    """Its labels on one line, in their order; empty if it has none, as icons."""
    if not _SIGNS.search(svg):
        return ""
    words: list[str] = []
    read = hidden = last = 0
    for match in _TAG.finditer(svg):
        if read and not hidden:
            words.append(svg[last : match.start()])
        last = match.end()
        name = (match[2] or "").lower()
        if name not in _READ | _NOT_READ or (match[3] or "").endswith("/"):
            continue
        step = -1 if match[1] else 1
        if name in _READ:
            read = max(0, read + step)
            words.append(" ")
        else:
            hidden = max(0, hidden + step)
    return one_line(resolve_entities("".join(words)), _MAX_WORDS)


def pictures_in(svg: str) -> list[str]:
    """The addresses of its pictures, as they are written."""
    if not _SIGNS.search(svg):
        return []
    images = (match[3] for match in _TAG.finditer(svg) if (match[2] or "").lower() == "image" and not match[1])
    found = (match for image in images if not _PIXEL.search(image) and (match := _ADDRESS.search(image)))
    addresses = [resolve_entities_of_attribute(match[1] or match[2] or "") for match in found]
    return [address for address in addresses if not address.startswith(("data:", "#"))][:_MAX_PICTURES]
