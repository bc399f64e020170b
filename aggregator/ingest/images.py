"""What of an image on a web page can stand on ours: where it is, how large, and what it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .address import absolute_link
from .text import one_line

MAX_CANDIDATES = 20
"""Sizes of one image in its srcset. Further ones are left out."""

_MAX_SOURCE_SET_CHARACTERS = 8000
"""What follows in a srcset isn't read. So many are enough for 20 long addresses."""

_MAX_STYLE_CHARACTERS = 2000
"""Of a style attribute. What follows isn't searched."""

_MAX_SIDE_PIXELS = 10_000
"""A width or height beyond this is a mistake, and left out."""

_MAX_ALT_CHARACTERS = 1000
"""A description that is longer is cut."""

# From all of these but src, scripts of the blog's own pages load an image once it comes into view. Until then, src has
# a placeholder or nothing. The last can also name the large image that a click opens, so src comes before it.
_SOURCES = ("data-src", "data-lazy-src", "src", "data-original")
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")

_LENGTH = re.compile(r"([0-9]{1,5})(?:px)?", re.ASCII)
_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)(?:\s++([^,]*+))?+")
_SOUND_CANDIDATE = re.compile(r"https?://\S++(?<!,)(?: (?:[1-9][0-9]{0,4}w|[0-9]{1,2}(?:\.[0-9]{1,3})?x))?", re.ASCII)
_INVISIBLE_STYLE = re.compile(r"display\s*+:\s*+none|(?:^|[\s;])(?:width|height)\s*+:\s*+[01]px", re.IGNORECASE)

_TRACKERS = re.compile(
    r"https?://(?:"
    r"pixel\.(?:wp|quantserve|facebook)\.com/"
    r"|(?:stats|feeds)\.wordpress\.com/"
    r"|feeds\d?\.feedburner\.com/~r/|feedproxy\.google\.com/~r/|feedads\.g\.doubleclick\.net/"
    r"|(?:[\w-]+\.)*(?:doubleclick\.net|google-analytics\.com|scorecardresearch\.com|feedsportal\.com|statcounter\.com)/"
    r"|blogger\.googleusercontent\.com/tracker/"
    r"|medium\.com/_/stat"
    r"|www\.facebook\.com/tr\b"
    r"|[\w.-]+\.list-manage\.com/track/"
    r")"
)


def image_attributes(found: Mapping[str, str], base_url: str) -> dict[str, str] | None:
    """The attributes to write for those that were found; None for an image that shows nothing or counts readers."""
    sizes = {name: size for name in ("width", "height") if (size := _length(found.get(name, "")))}
    if _is_invisible(sizes, found.get("style", "")):
        return None
    source_set = _first(found, _SOURCE_SETS, lambda value: _source_set(value, base_url))
    source = _first(found, _SOURCES, lambda value: absolute_link(value, base_url))
    source = source or source_set.partition(" ")[0].rstrip(",")
    if not source or _TRACKERS.match(source):
        return None
    candidates = {"srcset": source_set} if source_set else {}
    return {"src": source, **candidates, "alt": one_line(found.get("alt", ""), _MAX_ALT_CHARACTERS), **sizes}


def _first(found: Mapping[str, str], names: tuple[str, ...], read: Callable[[str], str]) -> str:
    """The first of these attributes that can be read, as `read` gives it; empty if none can."""
    return next((value for name in names if name in found and (value := read(found[name]))), "")


def _is_invisible(sizes: Mapping[str, str], style: str) -> bool:
    numbers = [int(size) for size in sizes.values()]
    return bool(numbers and max(numbers) <= 1) or bool(_INVISIBLE_STYLE.search(style[:_MAX_STYLE_CHARACTERS]))


def _length(value: str) -> str:
    match = _LENGTH.fullmatch(value.strip())
    return str(int(match[1])) if match and int(match[1]) <= _MAX_SIDE_PIXELS else ""


def _source_set(value: str, base_url: str) -> str:
    """The candidates whose address and size are sound (HTML standard, 4.8.4.2.1)."""
    candidates: list[str] = []
    position = 0
    text = value[:_MAX_SOURCE_SET_CHARACTERS]
    while len(candidates) < MAX_CANDIDATES and (match := _CANDIDATE.match(text, position)):
        address, descriptor = match[1], (match[2] or "").strip()
        position = match.end()
        if address.endswith(","):
            address, descriptor, position = address.rstrip(","), "", match.end(1)
        candidate = f"{absolute_link(address, base_url)} {descriptor}".rstrip()
        # An address may still end with a comma, if something invisible stood after it. Browsers would end the candidate
        # there, and take its size for the next address.
        if _SOUND_CANDIDATE.fullmatch(candidate) and not _TRACKERS.match(candidate):
            candidates.append(candidate)
    return ", ".join(candidates)
