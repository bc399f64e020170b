"""Plain text out of other people's text: one line, printable, of bounded length. Pure values."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from html.entities import html5
from unicodedata import category

# An integer that long makes html.unescape raise; no character has such a number.
_ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
_NAME_BEHIND_AN_AMPERSAND = re.compile(r"&([A-Za-z][A-Za-z0-9]*+[;=]?)")

# What XML forbids or PostgreSQL refuses: controls but tab and line end, lone surrogates, U+FFFE and U+FFFF. Also the
# last private characters there are, so that no text has them already when a step needs a mark of its own.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010fffb-\U0010ffff]")

# Overrides and isolates turn the text around them; the others are invisible and mean nothing in a title.
_UNSEEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]")

# Letters, signs and marks that leave the paper white. Some spell Korean or choose how an emoji looks; alone they show
# nothing, and a heading of them couldn't be clicked on.
_WHITE = re.compile(
    r"[\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u061c\u200c-\u200f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*+"
)

# One joiner or direction mark may be spelling (Persian, emoji families); a row of them is a trick. At an end
# there is nothing that they could join.
_JOINERS = "\u061c\u200c-\u200f"
_JOINER_RUN = re.compile(f"[{_JOINERS}]{{2,}}")
_NOT_AT_EDGE = " \u061c\u200c\u200d\u200e\u200f"

_MAX_MARKS = 8
"""On one character. No script stacks more than a few on a letter, and a flag takes seven."""

# A row that is long enough to have more marks than that.
_MAY_BE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")
_TAGS = range(0xE0000, 0xE01F0)


def printable(text: str) -> str:
    """`text` with "\\n" line ends and without the characters that XML or a database refuses."""
    if text.isprintable():  # on one line; none of those characters is
        return text
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def resolve_entities(text: str) -> str:
    """`text` with its character references resolved once; impossible ones become U+FFFD."""
    return html.unescape(_ENDLESS_REFERENCE.sub("\ufffd", text)) if "&" in text else text


def resolve_entities_of_attribute(value: str) -> str:
    """`value` with its character references resolved once, as in the attributes of HTML (13.2.5.73).

    There "&copy" is a character only as a whole word: "?a=1&copy=2&region=3" has three parameters.
    """
    return resolve_entities(_NAME_BEHIND_AN_AMPERSAND.sub(_reference_or_ampersand, value))


def _reference_or_ampersand(match: re.Match[str]) -> str:
    return match[0] if match[1] in html5 else f"&amp;{match[1]}"


def one_line(text: str, max_length: int) -> str:
    """`text` as it can stand in a heading: one line, no tricks with invisible characters, shortened.

    Reads no more than twenty times `max_length` characters of it.
    """
    return beginning([text], max_length)


def beginning(pieces: Iterable[str], max_length: int) -> str:
    """`one_line` of all the texts in a row. Takes only as many of them as it needs."""
    text, rest = "", iter(pieces)
    for enough in (2 * max_length, 20 * max_length):
        while len(text) <= enough and (piece := next(rest, None)) is not None:
            text += piece
        line = _readable(text[:enough])
        if len(line) > max_length or len(text) <= enough:
            break
    return shorten(line, max_length)


def _readable(text: str) -> str:
    """One line without tricks. What more text could change at its end is left out, so a longer line begins with it."""
    if text.isascii() and text.isprintable():  # most are, and need no search for what is beyond
        return _single_spaced(text)
    line = _UNSEEN.sub("", _FORBIDDEN.sub("", _single_spaced(text)))
    line = _MAY_BE_MARKS.sub(_without_flood, _JOINER_RUN.sub("", line))
    return "" if _WHITE.fullmatch(line) else _single_spaced(line.strip(_NOT_AT_EDGE))


def _without_flood(row: re.Match[str]) -> str:
    """The row with as many marks on each of its characters as may stand there; a joiner begins no new one."""
    kept, marks = "", 0
    for character in row[0]:
        if category(character) in {"Mn", "Me"} or ord(character) in _TAGS:
            marks += 1
        elif character not in _NOT_AT_EDGE:
            marks = 0
        if marks <= _MAX_MARKS:
            kept += character
    return kept


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def shorten(line: str, max_length: int) -> str:
    """`line`, or as much of it as fits with "…", cut between words unless the last word is very long."""
    if len(line) <= max_length:
        return line
    cut = line[: max_length - 1]
    space = cut.rfind(" ") if line[max_length - 1] != " " else len(cut)
    if space > max_length // 2:
        cut = cut[:space]
    return cut.strip(_NOT_AT_EDGE) + "…"
