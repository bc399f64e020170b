"""UTF-8 with bytes that don't belong to it: characters that were written in two halves, texts in another encoding."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

TEXT_BETWEEN_TAGS = re.compile(rb"[^<>&]++")
"""No character of more bytes than one has "<", ">" or "&" in it, in whatever encoding."""

_MAX_OTHER_TEXTS = 20_000
"""In a body with more, nobody has put anything together."""

_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_TORN_END = re.compile(rb"(?:[\xc2-\xdf\xe2\xf0]|[\xe0-\xef][\x80-\xbf]|\xf0[\x80-\xbf]{1,2})(?=[\s.\[\]]*\Z)")
"""Of a text that some program cut after so many bytes. Words of other encodings hardly end so."""


def with_whole_characters(body: bytes) -> bytes:
    """The body with its emoji in UTF-8, where some databases write each of them as two halves (CESU-8)."""
    return _HALVES.sub(_whole, body) if b"\xed" in body else body


def decoded_in_parts(body: bytes, encoding_of: Callable[[bytes], str]) -> str:
    """The text of a body that is UTF-8 in most of its parts.

    A text between two tags in which nothing but bad bytes stands beside ASCII is read in another encoding, as where
    somebody has put a feed together from others: `encoding_of` tells it, given all of those. All other bad bytes
    become U+FFFD.
    """
    texts = (text[0] for text in TEXT_BETWEEN_TAGS.finditer(body))
    others = list(islice(filter(_is_other, texts), _MAX_OTHER_TEXTS + 1))
    if not 0 < len(others) <= _MAX_OTHER_TEXTS:
        return body.decode("utf-8", "replace")
    encoding = encoding_of(b"\n".join(others))
    in_utf8 = TEXT_BETWEEN_TAGS.sub(lambda text: _in_utf8(text[0], encoding), body)
    return in_utf8.decode("utf-8", "replace")


def _in_utf8(text: bytes, encoding: str) -> bytes:
    return text.decode(encoding, "replace").encode("utf-8", "replace") if _is_other(text) else text


def _is_other(text: bytes) -> bool:
    """Whether bad bytes are all that isn't ASCII in a text, and it isn't merely cut off within a character."""
    if text.isascii():
        return False
    kept = text.decode("utf-8", "ignore")
    return kept.isascii() and len(kept) < len(text) and not _TORN_END.sub(b"", text).isascii()


def _whole(halves: re.Match[bytes]) -> bytes:
    pair = halves[0].decode("utf-8", "surrogatepass")
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()
