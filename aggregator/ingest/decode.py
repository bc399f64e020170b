"""Bytes to text: the right encoding, and no character that XML forbids."""

from __future__ import annotations

import codecs
import re
from importlib import import_module

from .broken_utf8 import TEXT_BETWEEN_TAGS, decoded_in_parts, with_whole_characters
from .charset_labels import LABEL_WINDOW_BYTES, SUPERSETS, XML_ENCODING, codec_named, labels_of
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

_ESCAPES = (
    *((start, "iso2022_jp_ext") for start in (b"\x1b$B", b"\x1b$@", b"\x1b$(D", b"\x1b(I")),
    (b"\x1b$)C", "iso2022_kr"),
)

_SAID_BY_DEFAULT = frozenset({"ascii", "iso8859-1", "cp1252"})

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
_OF_LATIN_SCRIPTS = frozenset({"iso8859-2", "cp1250", "cp1254", "cp1257"})
_CONTROLS = re.compile("[\x80-\x9f]")

_SAMPLE_BYTES = 16 * 2**10
"""Of text that isn't ASCII; a detector needs far less to be sure."""
_MIN_HIGH_BYTES = 8
"""Fewer than these are a word or two, in whatever script."""
_MIN_LATIN_HIGH_BYTES = 10
"""Latin scripts differ in few letters; with fewer of them, accidents of spelling decide."""
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_MIN_SHARE_IN_RUNS = 0.6
"""Of high bytes that stand beside others: 0.9 and more in scripts other than Latin, 0.5 and less in Latin ones."""
# What a detector may find, each with the certainty, from 0 to 1, from which on it was right on samples: of 3,800 in
# western languages it took none for others, and of those of five sentences in other scripts it knew nearly all. What
# it isn't sure of is read as it would be without it.
_OTHER_SCRIPTS = (
    *("shift_jis", "cp932", "euc-jp", "gb18030", "big5", "euc-kr", "cp949", "cp874"),
    *("koi8-r", "koi8-u", "windows-1251", "iso-8859-5", "cp866", "windows-1253", "iso-8859-7"),
    *("windows-1255", "iso-8859-8", "windows-1256", "iso-8859-6", "windows-1252"),
)
_MIN_CERTAINTY_OF_OTHER_SCRIPTS = 0.2
_LATIN_SCRIPTS = ("windows-1252", "windows-1250", "iso-8859-2", "windows-1254", "windows-1257")
_MIN_CERTAINTY_OF_LATIN_SCRIPTS = 0.18

_XML_DECLARATION = re.compile(r"<\?xml\s[^>]*>", re.IGNORECASE)
_DECLARED_UTF8 = '<?xml version="1.0" encoding="utf-8"?>'
_ALLOWED_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]++")
_CHARACTER_REFERENCE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));?")
_HALF_REFERENCES = re.compile(
    r"&#(5[56][0-9]{3}|[xX][dD][89abAB][0-9a-fA-F]{2});&#(5[67][0-9]{3}|[xX][dD][c-fC-F][0-9a-fA-F]{2});"
)
_MAX_CODE_POINT_DIGITS = 7
"""The last character is U+10FFFF, in decimal 1114111."""


def decode(body: bytes, content_type: str) -> str:
    """The text of a body, free of what XML 1.0 forbids, its XML declaration saying UTF-8.

    A byte order mark decides; then valid UTF-8 is UTF-8, whatever the labels say; then the charset of `content_type`
    (the HTTP header), of the XML declaration or of an HTML meta element; then what a detector is sure of; then what the
    feed's language is usually in; then windows-1252. Bad bytes become U+FFFD.

    Raises EmptyBody if nothing but white space is left.
    """
    text = _drop_forbidden(_decoded(body, content_type)).lstrip("\ufeff \t\r\n")
    if not text:
        raise EmptyBody
    declaration = _XML_DECLARATION.match(text)
    return _DECLARED_UTF8 + text[declaration.end() :] if declaration else text


def charset_flaw(body: bytes, content_type: str) -> str:
    """What is wrong with how a body says in which encoding it is; empty if nothing is, or nobody could notice.

    "label": it is UTF-8, and says that it is something else. "unlabeled": it isn't UTF-8, and says nothing, which means
    UTF-8. "bytes": it has bytes that don't exist in the encoding that it names.
    """
    if body.isascii() or _encoding_of_start(body) or body.startswith(codecs.BOM_UTF8):
        return ""
    labels = labels_of(body, content_type)
    others = [label for label in labels if label not in {"utf-8", "ascii"}]
    if _can_decode(body, "utf-8"):
        return "label" if others else ""
    if not labels:
        return "unlabeled"
    return "" if any(_can_decode(body, SUPERSETS.get(label, label)) for label in others) else "bytes"


def _can_decode(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeError:
        return False
    return True


def _decoded(body: bytes, content_type: str) -> str:
    certain = _encoding_of_start(body)
    if certain:
        return body.decode(certain, "replace")
    labels = labels_of(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_despite_bad_bytes(with_whole_characters(body), labels)
    escaped = _escaped_encoding(body, labels) if body.isascii() else ""
    return body.decode(escaped, "replace") if escaped else text


def _escaped_encoding(body: bytes, labels: list[str]) -> str:
    """The encoding of a body that writes Asian characters with sequences of ASCII; empty for any other body."""
    if b"\x1b" in body:  # which no text in ASCII has
        named = next((label for label in labels if label.startswith("iso2022")), "")
        return named or next((encoding for start, encoding in _ESCAPES if start in body), "")
    return "hz" if "hz" in labels and b"~{" in body else ""


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
    declared = XML_ENCODING.match(body[:LABEL_WINDOW_BYTES].decode("cp037"))
    return (codec_named(declared[1]) if declared else "") or "cp037"


def _decoded_despite_bad_bytes(body: bytes, labels: list[str]) -> str:
    others = [label for label in labels if not label.startswith("utf-")]
    if _is_damaged_utf8(body, is_labeled_otherwise=bool(others)):
        return decoded_in_parts(body, lambda texts: _encodings(texts, others, body)[0])
    encodings = _encodings(body, others, body)
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode(encodings[0], "replace")


def _encodings(text: bytes, labels: list[str], body: bytes) -> list[str]:
    """What the text, a part of the body or all of it, may be written in, likelier ones first.

    Latin-1 is what servers and programs say that were told nothing. So another label counts more, and what a detector
    is sure of, if that is no Latin script, and what the feed's language is usually in, if that is one.
    """
    meant = [label for label in labels if label not in _SAID_BY_DEFAULT]
    found = [] if meant else _detected(text, is_latin_named=bool(labels))
    likely = [SUPERSETS.get(label, label) for label in (*meant, *found, *(set(labels) - set(meant)))]
    usual = [] if meant or found else _usual_encodings(text, body)
    return [*(one for one in usual if not labels or one in _OF_LATIN_SCRIPTS), *likely, "cp1252"]


def _detected(body: bytes, *, is_latin_named: bool) -> list[str]:
    """The encoding that a detector is sure of, as Python calls it; none if it is in doubt, or agrees with a label."""
    sample = _sample(body)
    high_bytes = _HIGH_BYTES.findall(sample)
    count = sum(map(len, high_bytes))
    is_latin = sum(len(run) for run in high_bytes if len(run) > 1) < count * _MIN_SHARE_IN_RUNS
    if (is_latin and is_latin_named) or count < (_MIN_LATIN_HIGH_BYTES if is_latin else _MIN_HIGH_BYTES):
        return []
    # By name, as few feeds need it: to import it takes 60 ms, and its first answer twice as long.
    found = import_module("chardet").detect(
        sample,
        include_encodings=_LATIN_SCRIPTS if is_latin else _OTHER_SCRIPTS,
        prefer_superset=False,
    )
    if not found["encoding"]:  # no text at all
        return []
    least = _MIN_CERTAINTY_OF_LATIN_SCRIPTS if is_latin else _MIN_CERTAINTY_OF_OTHER_SCRIPTS
    codec = codec_named(found["encoding"])
    return [codec] if found["confidence"] >= least and codec != "cp1252" else []


def _sample(body: bytes) -> bytes:
    """The texts between tags that aren't ASCII, up to a limit."""
    texts = bytearray()
    for text in TEXT_BETWEEN_TAGS.finditer(body):
        if not text[0].isascii():
            texts += text[0] + b"\n"
        if len(texts) >= _SAMPLE_BYTES:
            break
    return bytes(texts[:_SAMPLE_BYTES])


def _usual_encodings(text: bytes, body: bytes) -> list[str]:
    """The usual ones of the language that the body names, without any in which the text has control characters."""
    language = _LANGUAGE.search(body[:LABEL_WINDOW_BYTES].decode("latin-1"))
    usual = _ENCODINGS_OF_LANGUAGES.get(language[1].lower(), ()) if language else ()
    return [encoding for encoding in usual if not _CONTROLS.search(text.decode(encoding, "ignore"))]


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


def _drop_forbidden(text: str) -> str:
    allowed = "".join(_ALLOWED_CHARACTERS.findall(text))
    possible = _CHARACTER_REFERENCE.sub(_possible_reference, allowed)
    if possible == allowed:
        return allowed
    whole = _HALF_REFERENCES.sub(_whole_character, allowed)
    if whole != allowed:
        return _drop_forbidden(whole)
    # What stood around a dropped reference can be one itself ("&#55&#0;296;"): those are replaced, not dropped again.
    return _CHARACTER_REFERENCE.sub(lambda match: _possible_reference(match) or "\ufffd", possible)


def _whole_character(match: re.Match[str]) -> str:
    """The character whose two halves these references are, as JavaScript counts them."""
    high, low = (int(digits[1:], 16) if digits[0] in "xX" else int(digits) for digits in match.groups())
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return match[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _possible_reference(match: re.Match[str]) -> str:
    """The reference as written, or nothing if no XML character has that number."""
    digits = (match[1] or match[2]).lstrip("0")
    if not digits or len(digits) > _MAX_CODE_POINT_DIGITS:
        return ""
    code_point = int(digits, 10 if match[1] else 16)
    if code_point > 0x10FFFF or not _ALLOWED_CHARACTERS.match(chr(code_point)):
        return ""
    return match[0]
