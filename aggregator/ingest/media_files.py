"""What a feed says of a file (its type, its size, how long it plays), as far as that can be true."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .address import lasting_part

MAX_BYTES = 10**13
"""Ten terabytes. Who says that a file is larger has made a mistake."""

MAX_SECONDS = 30 * 86_400
"""A month. Who says that a recording is longer has made a mistake."""

PLAYABLE = r"mp3|m4a|og[ga]|opus|mp4|m4v|webm"
PICTURES = r"jpe?g|jfif|png|gif|webp|avif|svg|bmp"
"""For patterns: how the files of sounds and films end that browsers play, and of pictures that they show."""

_TYPES_BY_ENDING = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    **{name: f"image/{name}" for name in ("png", "gif", "webp", "avif", "heic", "bmp")},
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    "svg": "image/svg+xml",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "aac": "audio/aac",
    **dict.fromkeys(("oga", "ogg", "opus", "spx"), "audio/ogg"),
    "flac": "audio/flac",
    "wav": "audio/wav",
    **dict.fromkeys(("aif", "aiff"), "audio/aiff"),
    **dict.fromkeys(("mid", "midi"), "audio/midi"),
    "amr": "audio/amr",
    "wma": "audio/x-ms-wma",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mkv": "video/x-matroska",
    **dict.fromkeys(("mpg", "mpeg"), "video/mpeg"),
    "avi": "video/x-msvideo",
    "wmv": "video/x-ms-wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "m3u8": "application/vnd.apple.mpegurl",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "zip": "application/zip",
    "torrent": "application/x-bittorrent",
}
_OF_EITHER_KIND = frozenset({"mp4", "ogg", "webm"})
"""Endings of sound as well as of films: there the feed's own word counts."""

_TYPES_BY_MEDIUM = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}
"""The most usual type of each medium (Media RSS), where nothing else tells."""

_OTHER_NAMES = {
    **dict.fromkeys(("audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"), "audio/mpeg"),
    **dict.fromkeys(("image/jpg", "image/pjpeg"), "image/jpeg"),
}
"""Of types, which not every podcast app knows."""

_UNKNOWN = frozenset({"application/octet-stream", "binary/octet-stream"})
"""Types that servers give to what they know nothing of."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+_-]{0,80}")
_ENDING = re.compile(r"\.([A-Za-z0-9]{2,7})$")
_NAMED_IN_QUERY = re.compile(r"[?=/&][^?=/&]+\.([A-Za-z0-9]{2,7})(?=&|$)")
_CLOCK = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,4}):)?([0-9]{1,7})(?:\.[0-9]*)?", re.ASCII)
_BYTES = re.compile(r"[0-9]{1,14}", re.ASCII)


def media_type_of(told: str, url: str, medium: str = "") -> str:
    """The media type: as the feed says, unless the address ends as a file of another kind does."""
    told = told.partition(";")[0].strip().lower()
    if "/" not in told:  # "mp3", "audio"
        medium = medium or told
    told = _OTHER_NAMES.get(told, told)
    told = told if _TYPE.fullmatch(told) and told not in _UNKNOWN else ""
    match = _ENDING.search(lasting_part(url))
    ending = match[1].lower() if match else ""
    if not told and ending not in _TYPES_BY_ENDING and (named := _named_in_query(url)):
        ending = named[-1].lower()
    by_ending = _TYPES_BY_ENDING.get(ending, "")
    if not by_ending:
        medium = medium.lower()
        return told or _TYPES_BY_MEDIUM.get(medium, "") or _TYPES_BY_ENDING.get(medium, "")
    kind, kind_by_ending = told.partition("/")[0], by_ending.partition("/")[0]
    if kind == kind_by_ending or (ending in _OF_EITHER_KIND and kind in {"audio", "video"}):
        return told
    if not told and ending in _OF_EITHER_KIND and medium.lower() in {"audio", "video"}:
        return f"{medium.lower()}/{by_ending.partition('/')[2]}"
    return by_ending


def _named_in_query(url: str) -> list[str]:
    """The endings of the files that are named in an address behind its "?"."""
    _, mark, query = url.partition("#")[0].partition("?")
    return _NAMED_IN_QUERY.findall(mark + query)


def byte_count_of(value: object) -> int | None:
    """A size that a file can have, from a text or a number; None for nonsense, such as 0, -1 or "unknown"."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _BYTES.fullmatch(text) and 0 < int(text) <= MAX_BYTES else None


def seconds_of(value: object) -> int | None:
    """How long a recording takes: seconds, MM:SS or HH:MM:SS, from a text or a number; None for nonsense."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    match = _CLOCK.fullmatch(text) if len(text) < 40 else None
    if match is None:
        return None
    seconds = 3600 * int(match[1] or 0) + 60 * int(match[2] or 0) + int(match[3])
    return seconds if 0 < seconds <= MAX_SECONDS else None


def file_name(url: str) -> str:
    """What an address calls its file, without the ending; empty if it names none."""
    return _ENDING.sub("", urlsplit(url).path.rstrip("/").rpartition("/")[2])
