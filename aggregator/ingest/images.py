"""What of an image on a web page can stand on ours: where it is, how large, and what it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .address import absolute_link
from .hidden import hides
from .left_out import BLANKS, TRACKERS
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

_FROM_SCRIPTS = re.compile(
    r"(?:data-|nitro-|lazy-?)(?:(?!low|thumb|small|placeholder|preview)[a-z]+-)*?(?:[a-z]*src|lazy-?load|lazy|echo)"
)
"""Names of attributes from which scripts of the blog's own pages load an image or a frame once it comes into view.
Until then, src has a placeholder or nothing."""

_SETS_FROM_SCRIPTS = re.compile(r"(?:data-|nitro-|lazy-?)(?:[a-z]+-)*?[a-z]*srcset")

_OF_OTHER_SIZES = re.compile(
    r"data-(?:original|orig-file|full(?:-url|-src)?|(?:large|medium)[-_](?:file|image|src)|(?:img|image)(?:-url)?"
    r"|hi-?res(?:-src)?|high-?res(?:-src)?|zoom-(?:image|src)|photo|url)"
)
"""Names of attributes with an image that a script shows, or that a click opens: src comes before them if it is one."""

_MAX_CAN_BE_LAZY = 20
"""Attributes of one element that are tried."""

_MIN_INLINE_CHARACTERS = 400
"""Of a picture that is written into its page. The blanks that hold places are shorter."""

_OTHER_SCHEME = re.compile(r"(?!https?:)([a-z][a-z0-9+.-]{1,30}):", re.IGNORECASE)
_LENGTH = re.compile(r"([0-9]{1,5})(?:px)?", re.ASCII)
_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)(?:\s++([^,]*+))?+")
_SOUND_CANDIDATE = re.compile(r"https?://\S++(?<!,)(?: (?:[1-9][0-9]{0,4}w|[0-9]{1,2}(?:\.[0-9]{1,3})?x))?", re.ASCII)
_SIZE_IN_NAME = re.compile(r"-[0-9]{1,5}x[0-9]{1,5}(?=\.[A-Za-z0-9]{2,5}$)", re.ASCII)
_FILE_NAME = re.compile(r"[^?#]*/([^/?#]*)")


def image_attributes(found: Mapping[str, str], base_url: str) -> dict[str, str] | None:
    """The attributes to write for those that were found; None for an image that shows nothing or counts readers."""
    sizes = {name: size for name in ("width", "height") if (size := _length(found.get(name, "")))}
    awaited = lazy_address(found, base_url)
    own = absolute_link(found.get("src", ""), base_url)
    shown = "" if _is_blank(own) else own
    is_waiting = bool(awaited and not shown)
    if _is_invisible(sizes, found) and not is_waiting:
        return None
    source_set = _first(found, _SETS_FROM_SCRIPTS, lambda value: _source_set(value, base_url))
    source_set = source_set or _source_set(found.get("srcset", ""), base_url)
    source = awaited or shown or _first(found, _OF_OTHER_SIZES, lambda value: _address(value, base_url))
    source = source or source_set.partition(" ")[0].rstrip(",") or own
    if not source or TRACKERS.addresses.match(source):
        return None
    candidates = {"srcset": source_set} if source_set else {}
    sizes = {} if is_waiting and _is_pixel(sizes) else sizes
    return {"src": source, **candidates, "alt": _words(found), **sizes}


def words_of_image(found: Mapping[str, str]) -> str:
    """What stands in the place of an image that lies where no reader of ours finds it; empty for what shows nothing.

    Such are pictures on the author's own disk, in a mail, or written whole into the page; there a short one is the
    blank that holds the place of another.
    """
    source = found.get("src", "").strip()
    scheme = _OTHER_SCHEME.match(source)
    if not scheme or (scheme[1].lower() == "data" and len(source) < _MIN_INLINE_CHARACTERS):
        return ""
    return "" if is_pixel(found) or hides(found) else _words(found)


def _words(found: Mapping[str, str]) -> str:
    return one_line(found.get("alt", "") or found.get("title", ""), _MAX_ALT_CHARACTERS)


def lazy_address(found: Mapping[str, str], base_url: str) -> str:
    """Where scripts load an image or a frame from, once it comes into view; empty if they don't."""
    return _first(found, _FROM_SCRIPTS, lambda value: _address(value, base_url))


def without_size(path: str) -> str:
    """The address of a picture, without its query, as that of its original: "cat-300x200.jpg" is "cat.jpg"."""
    return _SIZE_IN_NAME.sub("", path)


def is_pixel(found: Mapping[str, str]) -> bool:
    """Whether something is too small to be seen."""
    sizes = {name: size for name in ("width", "height") if (size := _length(found.get(name, "")))}
    return _is_pixel(sizes) or bool(TRACKERS.styles.search(found.get("style", "")[:_MAX_STYLE_CHARACTERS]))


def _first(found: Mapping[str, str], names: re.Pattern[str], read: Callable[[str], str]) -> str:
    """The first of these attributes that can be read, as `read` gives it; empty if none can."""
    matching = [name for name in found if "-" in name or name.startswith("lazy")]
    fitting = (found[name] for name in matching[:_MAX_CAN_BE_LAZY] if names.fullmatch(name))
    return next((result for value in fitting if (result := read(value))), "")


def _address(value: str, base_url: str) -> str:
    """An address; "true", "1" and other settings of scripts are none, though they could be relative ones."""
    written = value.strip()
    return absolute_link(written, base_url) if "/" in written or "." in written else ""


def _is_blank(address: str) -> bool:
    match = _FILE_NAME.match(address)
    return bool(match and BLANKS.words.fullmatch(match[1]))


def _is_invisible(sizes: Mapping[str, str], found: Mapping[str, str]) -> bool:
    if _is_pixel(sizes):
        return True
    style = found.get("style", "")[:_MAX_STYLE_CHARACTERS]
    return bool(style and TRACKERS.styles.search(style)) or (("hidden" in found or bool(style)) and hides(found))


def _is_pixel(sizes: Mapping[str, str]) -> bool:
    return bool(sizes) and max(map(int, sizes.values())) <= 1


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
        if _SOUND_CANDIDATE.fullmatch(candidate) and not TRACKERS.addresses.match(candidate):
            candidates.append(candidate)
    return ", ".join(candidates)
