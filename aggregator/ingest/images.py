"""What of an image on a web page can stand on ours: where it is, how large, and what it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .address import media_link
from .balance import Element
from .hidden import hides
from .left_out import BLANKS, TRACKERS
from .media_files import PICTURES
from .styled import style_of
from .text import one_line

MAX_CANDIDATES = 20
"""Sizes of one image in its srcset. Further ones are left out."""

_MAX_SOURCE_SET_CHARACTERS = 8000
"""What follows in a srcset isn't read. So many are enough for 20 long addresses."""

_MAX_SIDE_PIXELS = 10_000
"""A width or height beyond this is a mistake, and left out."""

_MAX_ALT_CHARACTERS = 1000
"""A description that is longer is cut."""

_FROM_SCRIPTS = re.compile(
    r"(?:data-|nitro-|lazy-?)(?:(?!low|thumb|small|placeholder|preview)[a-z]+-)*?(?:[a-z]*src|lazy-?load|lazy|echo)"
)
"""Names of attributes from which scripts of the blog's own pages load an image or a frame once it comes into view.
Until then, src has a placeholder or nothing."""

_FROM_LAZY_SCRIPTS = re.compile(rf"{_FROM_SCRIPTS.pattern}|data-original")
"""Of an image that says by its class that it is loaded late. Else the original is one of several sizes."""

_SETS_FROM_SCRIPTS = re.compile(r"(?:data-|nitro-|lazy-?)(?:[a-z]+-)*?[a-z]*srcset")

_OF_OTHER_SIZES = re.compile(
    r"data-(?:original|orig-file|full(?:-url|-src)?|(?:large|medium)[-_](?:file|image|src)|(?:img|image)(?:-url)?"
    r"|hi-?res(?:-src)?|high-?res(?:-src)?|zoom-(?:image|src)|photo|url)"
)
"""Names of attributes with an image that a script shows, or that a click opens: src comes before them if it is one."""

_PICTURE_FILE = re.compile(
    rf"(?:url\()?[\s\"']*+([^\s\"'<>()\[\],]{{1,2000}}\.(?:{PICTURES})(?:[?#][^\s\"'<>]*)?)[\s\"')]*+",
    re.IGNORECASE,
)
"""The value of an attribute of whatever name that names a picture."""

_NAMES_OF_OTHERS = re.compile(
    r"(?:src|srcset|alt|title|class|id|style|longdesc|usemap|onerror|.*(?:thumb|low|tiny|preview|placeholder).*)"
)
"""Attributes of an image whose value isn't the picture itself."""

MIN_EMBEDDED_CHARACTERS = 4000
"""Of an image that is written into the post itself (data:). Shorter ones hold the place of another."""

_MAX_CAN_BE_LAZY = 20
"""Attributes of one element that are tried."""

_LEAST_SIZE = re.compile(r"(?<![\w-])min-(?:width|height)\s*+:\s*+[1-9]", re.IGNORECASE)
_LENGTH = re.compile(r"([0-9]{1,5})(?:px)?", re.ASCII)
_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)(?:\s++([^,]*+))?+")
_SOUND_CANDIDATE = re.compile(r"https?://\S++(?<!,)(?: (?:[1-9][0-9]{0,4}w|[0-9]{1,2}(?:\.[0-9]{1,3})?x))?", re.ASCII)
SIZE_IN_NAME = re.compile(r"-([0-9]{1,5})x[0-9]{1,5}(?=\.[A-Za-z0-9]{2,5}$)", re.ASCII)
"""What WordPress puts into the names of files that are smaller than their original, the width first."""

_FILE_NAME = re.compile(r"[^?#]*/([^/?#]*)")


def image_attributes(found: Mapping[str, str], base_url: str) -> dict[str, str] | None:
    """The attributes to write for those that were found; None for an image that shows nothing or counts readers."""
    sizes = _sizes(found)
    awaited = lazy_address(found, base_url)
    own = media_link(found.get("src", ""), base_url)
    shown = "" if is_blank(own) else own
    is_waiting = bool(awaited and not shown)
    if _is_invisible(sizes, found) and not is_waiting:
        return None
    source_set = _first(found, _SETS_FROM_SCRIPTS, lambda value: _source_set(value, base_url))
    source_set = source_set or _source_set(found.get("srcset", ""), base_url)
    source = awaited or shown or _first(found, _OF_OTHER_SIZES, lambda value: _address(value, base_url))
    source = source or source_set.partition(" ")[0].rstrip(",") or _named_somehow(found, base_url) or own
    if not source or TRACKERS.addresses.match(source):
        return None
    candidates = {"srcset": source_set} if source_set else {}
    sizes = {} if is_waiting and _is_pixel(sizes) else sizes
    return {"src": source, **candidates, "alt": _words(found), **_hover_words(found), **sizes}


def _words(found: Mapping[str, str]) -> str:
    return one_line(found.get("alt", "") or found.get("title", ""), _MAX_ALT_CHARACTERS)


def _hover_words(found: Mapping[str, str]) -> dict[str, str]:
    """What shows at the mouse, where it says more than the description: a comic's second joke."""
    title = one_line(found.get("title", ""), _MAX_ALT_CHARACTERS)
    return {"title": title} if title and title != _words(found) else {}


def in_place_of_image(found: Mapping[str, str], base_url: str) -> Element | str | None:
    """What stands there for an image that `image_attributes` has nothing for; None if nothing is lost with it.

    One that is written into the post itself can be seen in the post; of one that nobody gets, there is what it shows.
    """
    source = found.get("src", "").lstrip()
    if media_link(source, base_url) or _is_invisible(_sizes(found), found):
        return None
    alt = _words(found)
    if source[:11].lower() == "data:image/" and len(source) > MIN_EMBEDDED_CHARACTERS and base_url:
        return Element("a", {"href": base_url}, f"Picture: {alt}" if alt else "Picture")
    return f"[{alt}]" if alt else None  # as browsers that show no pictures do


def lazy_address(found: Mapping[str, str], base_url: str) -> str:
    """Where scripts load an image or a frame from, once it comes into view; empty if they don't."""
    names = _FROM_LAZY_SCRIPTS if "lazy" in found.get("class", "") else _FROM_SCRIPTS
    return _first(found, names, lambda value: _address(value, base_url))


def without_size(path: str) -> str:
    """The address of a picture, without its query, as that of its original: "cat-300x200.jpg" is "cat.jpg"."""
    return SIZE_IN_NAME.sub("", path)


def is_pixel(found: Mapping[str, str]) -> bool:
    """Whether something is too small to be seen."""
    return _is_pixel(_sizes(found)) or _is_pixel_by_style(style_of(found))


def _first(found: Mapping[str, str], names: re.Pattern[str], read: Callable[[str], str]) -> str:
    """The first of these attributes that can be read, as `read` gives it; empty if none can."""
    matching = [name for name in found if "-" in name or name.startswith("lazy")]
    fitting = (found[name] for name in matching[:_MAX_CAN_BE_LAZY] if names.fullmatch(name))
    return next((result for value in fitting if (result := read(value))), "")


def _address(value: str, base_url: str) -> str:
    """An address; "true", "1" and other settings of scripts are none, though they could be relative ones."""
    written = value.strip()
    return media_link(written, base_url) if "/" in written or "." in written else ""


def _named_somehow(found: Mapping[str, str], base_url: str) -> str:
    """The picture that an attribute of any other name has, for an image without one of its own."""
    for name, value in list(found.items())[:_MAX_CAN_BE_LAZY]:
        if not _NAMES_OF_OTHERS.fullmatch(name) and (match := _PICTURE_FILE.fullmatch(value.removeprefix("data-src:"))):
            return media_link(match[1], base_url)
    return ""


def is_blank(address: str) -> bool:
    """Whether a picture only holds the place of another."""
    match = _FILE_NAME.match(address)
    return bool(match and BLANKS.words.fullmatch(match[1]))


def _is_invisible(sizes: Mapping[str, str], found: Mapping[str, str]) -> bool:
    if _is_pixel(sizes):
        return True
    style = style_of(found)
    return _is_pixel_by_style(style) or (("hidden" in found or bool(style)) and hides(found))


def _is_pixel_by_style(style: str) -> bool:
    """Not where a least size makes it larger: so frames are made as wide as phones allow."""
    return bool(style and TRACKERS.styles.search(style)) and not _LEAST_SIZE.search(style)


def _sizes(found: Mapping[str, str]) -> dict[str, str]:
    """Its width and its height, as far as they can be believed."""
    return {name: size for name in ("width", "height") if (size := _length(found.get(name, "")))}


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
        candidate = f"{media_link(address, base_url)} {descriptor}".rstrip()
        # An address may still end with a comma, if something invisible stood after it. Browsers would end the candidate
        # there, and take its size for the next address.
        if _SOUND_CANDIDATE.fullmatch(candidate) and not TRACKERS.addresses.match(candidate):
            candidates.append(candidate)
    return ", ".join(candidates)
