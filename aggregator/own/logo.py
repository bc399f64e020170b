"""A planet's own picture: of which kind it is and how large, by its bytes alone. Pure."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

SUFFIXES = (".png", ".svg", ".webp", ".jpg", ".jpeg")
"""With one of which its file's name ends."""
MAX_BYTES = 200_000
MAX_PIXELS = 4096
"""Of either side: browsers unpack all of a picture, however small it is shown."""
WIDE = 2
"""So many times as wide as high, it stands for the site's name; else it stands beside it."""

_SVG = "http://www.w3.org/2000/svg svg"
_LENGTH = re.compile(r"\s*(\d*\.?\d+)\s*(?:px)?\s*")
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers behind which a JPEG says how large it is (ISO 10918-1 table B.1)."""
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})


class BadLogo(ValueError):
    """A file that can't be the logo. `str()` says what it must be."""


@dataclass(frozen=True, slots=True)
class Logo:
    name: str
    """At its address: it changes with the picture, so browsers may keep it for good."""
    kind: str
    """Its media type."""
    width: int
    height: int
    content: bytes = field(repr=False)

    @property
    def is_wide(self) -> bool:
        """Whether it stands for the site's name."""
        return self.width >= WIDE * self.height

    @property
    def is_app_icon(self) -> bool:
        """Whether it can stand for the site where nothing but a square PNG will do: on a phone's first screen."""
        return self.kind == "image/png" and self.width == self.height


def logo_of(content: bytes) -> Logo:
    """The logo that these bytes are, whatever their file's name says. Raises BadLogo."""
    kind, suffix, size_of = next((found for start, found in _KINDS if content.startswith(start)), _SVG_KIND)
    try:
        width, height = size_of(content)
    except (struct.error, IndexError) as error:
        raise BadLogo("a whole picture; this one is cut off") from error
    if not (0 < width <= MAX_PIXELS and 0 < height <= MAX_PIXELS):
        raise BadLogo(f"a picture of at most {MAX_PIXELS} pixels on each side; this one says {width} x {height}")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Logo(f"logo-{digest}.{suffix}", kind, width, height, content)


def _size_of_png(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if content[at] != 0xFF:
            raise BadLogo("a whole picture; this JPEG is damaged")
        marker = content[at + 1]
        if marker == 0xFF:  # one may be filled up with more of them
            at += 1
        elif marker in _JPEG_ALONE:
            at += 2
        elif marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]


def _size_of_webp(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if content[8:12] != b"WEBP" or kind not in (b"VP8 ", b"VP8L", b"VP8X"):
        raise BadLogo("a PNG, SVG, WebP or JPEG picture")
    if kind == b"VP8X":
        width, width_high, height, height_high = struct.unpack("<HBHB", content[24:30])
        return 1 + width + (width_high << 16), 1 + height + (height_high << 16)
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _size_of_svg(content: bytes) -> tuple[int, int]:
    elements: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")  # it fetches nothing, and lets no entity grow without end
    parser.StartElementHandler = lambda *element: elements.append(element) if not elements else None
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadLogo(f"a PNG, SVG, WebP or JPEG picture; read as SVG, it is broken: {error}") from error
    (name, said), *_ = elements
    if name != _SVG:
        raise BadLogo('an SVG picture: its first element must be <svg xmlns="http://www.w3.org/2000/svg">')
    given = [_LENGTH.fullmatch(said.get(side, "")) for side in ("width", "height")]
    box = re.split(r"[\s,]+", said.get("viewBox", "").strip())[2:]
    found = given if all(given) or len(box) != 2 else [_LENGTH.fullmatch(length) for length in box]
    width, height = (round(float(match[1])) if match else 0 for match in found)
    if not (width and height):
        raise BadLogo("an SVG that says how large it is: it needs a viewBox, or width and height in pixels")
    return width, height


_Kind = tuple[str, str, Callable[[bytes], tuple[int, int]]]
_KINDS: tuple[tuple[bytes, _Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", ("image/png", "png", _size_of_png)),
    (b"\xff\xd8\xff", ("image/jpeg", "jpg", _size_of_jpeg)),
    (b"RIFF", ("image/webp", "webp", _size_of_webp)),
)
"""How each begins. What begins otherwise is an SVG, or none of them."""
_SVG_KIND: _Kind = ("image/svg+xml", "svg", _size_of_svg)
