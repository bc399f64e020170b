"""Small pictures, byte by byte, of the kinds that a logo may have."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A whole one, in gray."""
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + kind + data + _crc(kind + data) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def jpeg(width: int, height: int) -> bytes:
    """As far as its size: an APP0 with a filler before it, a Huffman table, which isn't it, then the frame."""
    app0 = b"\xff\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    table = b"\xff\xc4\x00\x05\x00\x00\x00"
    return b"\xff\xd8" + app0 + table + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9)


def webp(width: int, height: int, kind: bytes) -> bytes:
    """The head of one: lossy (VP8 ), lossless (VP8L) or extended (VP8X)."""
    if kind == b"VP8X":
        data = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        data = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        data = b"\x50\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return b"RIFF" + struct.pack("<I", len(data) + 12) + b"WEBP" + kind + struct.pack("<I", len(data)) + data


def svg(said: str = 'viewBox="0 0 40 20"', within: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {said}>{within}<path d="M0 0h9v9z"/></svg>'.encode()
