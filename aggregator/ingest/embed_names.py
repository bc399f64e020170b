"""What the link to a film, a sound or a file says: what it is, and its title or its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from .address import host_of
from .embed_pages import kind_of_host
from .media_files import PICTURES, media_type_of
from .text import one_line

MAX_NAME_CHARACTERS = 200

_KINDS = (
    (re.compile(PICTURES), "Picture"),
    (re.compile(r"m3u8"), "Video"),
    (re.compile(r"(?:glb|gltf|stl)"), "3D model"),
    (re.compile(r"(?:pdf|epub|odt|odp|pptx?|docx?|xlsx?|csv|txt|zip)"), ""),
)
"""Endings of files and what they are called, nothing meaning by their ending. Sounds and films `media_files` knows."""

_EXTENSION = re.compile(r"[^?#]*/([^/?#]*\.([A-Za-z0-9]{2,5}))")
_VIDEO = frozenset({"video", "amp-video", "video-js", "hls-video"})
_AUDIO = frozenset({"audio", "amp-audio", "bgsound"})


def kind_of(element: str, found: Mapping[str, str], address: str) -> str:
    """ "Video", "Audio", "Picture", a format such as "PDF", or nothing that is known."""
    media, _, form = found.get("type", "").lower().partition("/")
    if media in ("video", "audio", "image"):
        return "Picture" if media == "image" else media.capitalize()
    if element in _VIDEO or element in _AUDIO:
        return "Video" if element in _VIDEO else "Audio"
    return kind_of_file(address) or ("PDF" if form == "pdf" else kind_of_host(address))


def kind_of_file(address: str) -> str:
    """The same, as the file's ending tells."""
    file = _EXTENSION.match(address)
    if not file:
        return ""
    extension = file[2].lower()
    if kind := next((kind or extension.upper() for pattern, kind in _KINDS if pattern.fullmatch(extension)), ""):
        return kind
    media = media_type_of("", file[1]).partition("/")[0]
    return media.capitalize() if media in ("audio", "video") else ""


def name_of(kind: str, title: str, address: str) -> str:
    """What the link says."""
    if kind in ("Video", "Audio"):
        return f"{kind}: {title or _place(address)}"
    return title or f"{kind or 'Embedded'}: {_place(address)}"


def file_of(address: str) -> str:
    """The name of the file; empty if the address names none of a kind that is known."""
    match = _EXTENSION.match(address)
    return one_line(unquote(match[1]), MAX_NAME_CHARACTERS) if match and kind_of_file(address) else ""


def title_of(found: Mapping[str, str]) -> str:
    """What its author calls it."""
    named = (found[name] for name in ("title", "aria-label", "playlabel", "data-pen-title") if found.get(name))
    return one_line(next(named, ""), MAX_NAME_CHARACTERS)


def _place(address: str) -> str:
    file = file_of(address)
    return f"{file} ({host_of(address)})" if file else host_of(address)
