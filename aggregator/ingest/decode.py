"""Bytes to text: the right encoding, and no character that XML forbids."""

from __future__ import annotations

import codecs
import re

from .errors import EmptyBody

_BYTE_ORDER_MARKS = (
    # The mark of UTF-32 begins with that of UTF-16, so it is tried first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_STARTS = (
    # How two ASCII characters look in encodings of 2 and 4 bytes a character (XML 1.0, appendix F).
    (re.compile(rb"[\x01-\x7f]\x00\x00\x00[\x01-\x7f]\x00\x00\x00", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00[\x01-\x7f]\x00\x00\x00[\x01-\x7f]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[\x01-\x7f]\x00[\x01-\x7f]\x00", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\x00[\x01-\x7f]\x00[\x01-\x7f]", re.DOTALL), "utf-16-be"),
)
_EBCDIC_START = "<?xm".encode("cp037")
"""The same in all code pages of EBCDIC, as is the declaration after it (XML 1.0, appendix F)."""

_HTTP_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_XML_ENCODING = re.compile(r"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE | re.ASCII)
_META_CHARSET = re.compile(r"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_LABEL_WINDOW_BYTES = 4096
"""At the beginning of a body, where labels and languages are looked for."""

_SUPERSETS = {
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

_LANGUAGE = re.compile(
    r"(?:<(?:dc:)?language>\s*|\s(?:xml:)?lang\s*=\s*[\"']|\"language\"\s*:\s*\")([a-z]{2})", re.IGNORECASE | re.ASCII
)
_ENCODINGS_OF_LANGUAGES = {
    # What a text without a label most often is in (HTML, "determining the character encoding"), likelier ones first.
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "ru", "sr", "tg", "tt", "uk"), ("cp1251",)),
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl"), ("iso8859-2", "cp1250")),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    **dict.fromkeys(("az", "ku", "tr"), ("cp1254",)),
    "el": ("cp1253",),
    "he": ("cp1255",),
    "ja": ("euc_jp", "cp932"),
    "ko": ("cp949",),
    "th": ("cp874",),
    "zh": ("gb18030", "big5hkscs"),
}
_CONTROLS = re.compile("[\x80-\x9f]")

_XML_DECLARATION = re.compile(r"<\?xml\s[^>]*>", re.IGNORECASE)
_DECLARED_UTF8 = '<?xml version="1.0" encoding="utf-8"?>'
_ALLOWED_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]++")
_CHARACTER_REFERENCE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));?")
_MAX_CODE_POINT_DIGITS = 7
"""The last character is U+10FFFF, in decimal 1114111."""


def decode(body: bytes, content_type: str) -> str:
    """The text of a body, free of what XML 1.0 forbids, its XML declaration saying UTF-8.

    A byte order mark decides; then valid UTF-8 is UTF-8, whatever the labels say; then the charset of `content_type`
    (the HTTP header), of the XML declaration or of an HTML meta element; then what the feed's language is usually in;
    then windows-1252. Bad bytes become U+FFFD.

    Raises EmptyBody if nothing but white space is left.
    """
    text = _drop_forbidden(_decoded(body, content_type)).lstrip("\ufeff \t\r\n")
    if not text:
        raise EmptyBody
    declaration = _XML_DECLARATION.match(text)
    return _DECLARED_UTF8 + text[declaration.end() :] if declaration else text


def _decoded(body: bytes, content_type: str) -> str:
    certain = _encoding_of_start(body)
    if certain:
        return body.decode(certain, "replace")
    labels = _labels(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_despite_bad_bytes(body, labels)
    escaped = [label for label in labels if label.startswith("iso2022")]
    # ISO-2022 writes Japanese with escape sequences in plain ASCII, which is valid UTF-8 too.
    return body.decode(escaped[0], "replace") if escaped and b"\x1b" in body else text


def _encoding_of_start(body: bytes) -> str:
    """The encoding that the first bytes prove; empty if they leave a doubt."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return encoding
    for pattern, encoding in _WIDE_STARTS:
        if pattern.match(body):
            return encoding
    return _ebcdic_code_page(body) if body.startswith(_EBCDIC_START) else ""


def _ebcdic_code_page(body: bytes) -> str:
    declared = _XML_ENCODING.match(body[:_LABEL_WINDOW_BYTES].decode("cp037"))
    return (_codec(declared[1]) if declared else "") or "cp037"


def _decoded_despite_bad_bytes(body: bytes, labels: list[str]) -> str:
    others = [label for label in labels if not label.startswith("utf-")]
    if _is_damaged_utf8(body, is_labeled_otherwise=bool(others)):
        return body.decode("utf-8", "replace")
    encodings = [_SUPERSETS.get(label, label) for label in others] or _usual_encodings(body)
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode(encodings[0] if encodings else "cp1252", "replace")


def _usual_encodings(body: bytes) -> list[str]:
    """The usual ones of the language that the text names, without any in which it would contain control characters."""
    language = _LANGUAGE.search(body[:_LABEL_WINDOW_BYTES].decode("latin-1"))
    usual = _ENCODINGS_OF_LANGUAGES.get(language[1].lower(), ()) if language else ()
    return [encoding for encoding in usual if not _CONTROLS.search(body.decode(encoding, "ignore"))]


def _is_damaged_utf8(body: bytes, *, is_labeled_otherwise: bool) -> bool:
    """Whether a body that is not valid UTF-8 was meant to be.

    In other encodings high bytes almost never form UTF-8 sequences: not at all in western ones, for one character in
    twelve in Chinese ones. So bytes in sound sequences are weighed against the bad bytes; a label that says otherwise
    asks for clearer evidence.
    """
    kept = body.decode("utf-8", "ignore").encode()
    bad_count = len(body) - len(kept)
    sound_count = len(kept.translate(None, bytes(range(128))))
    return sound_count > bad_count * (4 if is_labeled_otherwise else 1)


def _labels(body: bytes, content_type: str) -> list[str]:
    """The codecs that the header and the body name, as Python calls them; only text encodings that exist."""
    window = body.removeprefix(codecs.BOM_UTF8)[:_LABEL_WINDOW_BYTES].decode("latin-1")
    found = (_HTTP_CHARSET.search(content_type), _XML_ENCODING.match(window), _META_CHARSET.search(window))
    return [codec for codec in (_codec(match[1]) for match in found if match) if codec]


def _codec(name: str) -> str:
    try:
        "".encode(name)  # refuses names that exist, but change bytes to bytes: zlib, base64
        codec = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec in _NEVER_A_LABEL else codec


def _drop_forbidden(text: str) -> str:
    allowed = "".join(_ALLOWED_CHARACTERS.findall(text))
    possible = _CHARACTER_REFERENCE.sub(_possible_reference, allowed)
    if possible == allowed:
        return allowed
    # What stood around a dropped reference can be one itself ("&#55&#0;296;"): those are replaced, not dropped again.
    return _CHARACTER_REFERENCE.sub(lambda match: _possible_reference(match) or "\ufffd", possible)


def _possible_reference(match: re.Match[str]) -> str:
    """The reference as written, or nothing if no XML character has that number."""
    digits = (match[1] or match[2]).lstrip("0")
    if not digits or len(digits) > _MAX_CODE_POINT_DIGITS:
        return ""
    code_point = int(digits, 10 if match[1] else 16)
    if code_point > 0x10FFFF or not _ALLOWED_CHARACTERS.match(chr(code_point)):
        return ""
    return match[0]
