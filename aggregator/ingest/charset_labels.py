"""What a body says its encoding is: the names that stand in its header and in itself, as Python calls them."""

from __future__ import annotations

import codecs
import re

_HTTP_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
XML_ENCODING = re.compile(r"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE | re.ASCII)
_META_CHARSET = re.compile(r"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
LABEL_WINDOW_BYTES = 4096
"""At the beginning of a body, where labels and languages are looked for."""

SUPERSETS = {
    # Labels that the web uses for more than they say (WHATWG Encoding, "names and labels").
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NEVER_A_LABEL = frozenset({"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Codecs of Python that no feed is written in; some of them are slow or warn."""

_OWN_NAME = re.compile(r"\A(?:(?:x-)?(?:win|windows|cp)[-_]?(\d{3,4})\Z|(?:x-)+)", re.ASCII | re.IGNORECASE)
"""As programs call encodings: x-sjis, x-mac-roman, win-1251."""


def labels_of(body: bytes, content_type: str) -> list[str]:
    """The codecs that the header and the body name, as Python calls them; only text encodings that exist."""
    window = body.removeprefix(codecs.BOM_UTF8)[:LABEL_WINDOW_BYTES].decode("latin-1")
    found = (_HTTP_CHARSET.search(content_type), XML_ENCODING.match(window), _META_CHARSET.search(window))
    return [codec for codec in (codec_named(match[1]) for match in found if match) if codec]


def codec_named(name: str) -> str:
    """The codec that a label means, as Python calls it; empty for what is no encoding of texts."""
    name = _OWN_NAME.sub(lambda found: f"cp{found[1]}" if found[1] else "", name)
    try:
        "".encode(name)  # refuses names that exist, but change bytes to bytes: zlib, base64
        codec = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec in _NEVER_A_LABEL else codec
