"""A body as it comes from the wire -> the bytes that were packed, never more than asked for at once."""

from __future__ import annotations

import re
import zlib

from .errors import BadEncoding

_GZIP_START = b"\x1f\x8b"
# What zlib calls `wbits`: the largest window (15), plus 16 for gzip's header, negative where there is no header at all.
_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_DEFLATE_WINDOW = -15

_DECIDING_BYTES = 8
"""The first of a body: more than enough to tell packed bytes from a text."""
_TEXT_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!a-z]|[{\[]\s*[\"{\]])", re.IGNORECASE)
"""How feeds and pages begin."""
_GZIP = frozenset({"gzip", "x-gzip"})
_NO_CODINGS = frozenset({"", "identity", "none", "utf-8", "utf8", "iso-8859-1", "aws-chunked"})
"""What some servers write there besides: nothing is packed that way."""


class Unpacker:
    """Unpacks gzip (RFC 1952, all its members) or deflate (RFC 1950, or bare RFC 1951 as some servers send it).

    The first bytes say which it is, or that nothing is packed, as headers lie; the header counts where they don't.
    """

    def __init__(self, content_encoding: str) -> None:
        """Raises BadEncoding where several codings are named."""
        codings = [coding.strip().lower() for coding in content_encoding.split(",")]
        named = [coding for coding in codings if coding not in _NO_CODINGS]
        if len(named) > 1:
            raise BadEncoding(reason="it is packed more than once")
        self._coding = named[0] if named else ""
        self._waiting = b""
        self._is_decided = self._is_gzip = False
        self._stream: zlib._Decompress | None = None
        self._is_packed = self._is_between = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing after what was unpacked."""
        return self._is_between or not self._is_packed

    def unpack(self, chunk: bytes, max_bytes: int) -> bytes:
        """What the chunk adds, cut off after `max_bytes`, so that a bomb can't fill the memory. Raises BadEncoding."""
        if not self._is_decided:
            self._waiting += chunk
            if len(self._waiting) < _DECIDING_BYTES:
                return b""
            chunk = self._decide()
        return self._inflate(chunk, max_bytes) if self._is_packed else chunk

    def end(self, max_bytes: int) -> bytes:
        """What is still to come after the last chunk, of a body of a few bytes. Raises BadEncoding."""
        if self._is_decided or not self._waiting:
            return b""
        chunk = self._decide()
        return self._inflate(chunk, max_bytes) if self._is_packed else chunk

    def _decide(self) -> bytes:
        """Find out how the body is packed; the bytes that waited for that."""
        start, self._waiting, self._is_decided = self._waiting, b"", True
        self._is_gzip = start.startswith(_GZIP_START)
        if self._is_gzip:
            self._is_packed = True
        elif self._coding and not _TEXT_START.match(start):
            self._is_packed = self._coding == "deflate" or (self._coding in _GZIP and _has_zlib_header(start))
            if self._coding in _GZIP and not self._is_packed:
                is_torn = len(start) < len(_GZIP_START)
                raise BadEncoding(reason="it is cut short" if is_torn else "it is not packed the way its header says")
            if not self._is_packed:
                raise BadEncoding(reason="it is in a coding that was not asked for")
        return start

    def _inflate(self, chunk: bytes, max_bytes: int) -> bytes:
        data, self._waiting = self._waiting + chunk, b""
        unpacked = bytearray()
        while data and len(unpacked) < max_bytes:
            if self._stream is None:
                if len(data) < len(_GZIP_START):
                    self._waiting = data
                    break
                if self._is_between and not (self._is_gzip and data.startswith(_GZIP_START)):
                    break  # some servers pad what they packed
                self._stream = zlib.decompressobj(self._window(data))
                self._is_between = False
            try:
                unpacked += self._stream.decompress(data, max_bytes - len(unpacked))
            except zlib.error as error:
                raise BadEncoding(reason="it is not packed the way its header says") from error
            if not self._stream.eof:
                break
            data, self._stream, self._is_between = self._stream.unused_data, None, True
        return bytes(unpacked)

    def _window(self, data: bytes) -> int:
        if self._is_gzip:
            return _GZIP_WINDOW
        return _ZLIB_WINDOW if _has_zlib_header(data) else _RAW_DEFLATE_WINDOW


def _has_zlib_header(data: bytes) -> bool:
    return len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0
