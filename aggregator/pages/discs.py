"""A blog's face: a disc with a color and letters of its own. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from zlib import crc32

PALETTE = (
    "#0b7a5c",
    "#2f6fb3",
    "#b3532f",
    "#7a4fa8",
    "#a83e63",
    "#4d7326",
    "#8a6212",
    "#19747f",
    "#5a5fbe",
    "#9a3f9a",
    "#b23b3b",
    "#5d6b75",
    "#3f6f4f",
    "#81593a",
)
"""White text on each of these has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3)."""

ARTICLES = frozenset({"a", "an", "the"})
MAX_MARKS = 2
"""Combining marks kept on a letter: a title with thousands of them must stay inside of its disc."""

MAX_SIGN_CHARACTERS = 11
"""As many as the longest emoji in use has."""

ZERO_WIDTH_JOINER = "\u200d"
EMOJI_MODIFIERS = frozenset("\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


@dataclass(frozen=True, slots=True)
class Disc:
    color: str
    letters: str


def disc_of(slug: str, title: str) -> Disc:
    """The same slug has the same color on every page and in every process."""
    return Disc(PALETTE[crc32(slug.encode()) % len(PALETTE)], letters_of(title))


def letters_of(title: str) -> str:
    """One or two letters; of a script without capitals one sign, of a title without letters its first sign."""
    text = unicodedata.normalize("NFC", title)
    words = [word for word in text.split() if any(char.isalnum() for char in word)]
    names = [word for word in words if word.lower() not in ARTICLES] or words
    starts = [_first_letter(word) for word in names[:2]]
    if not starts:
        return _first_sign(text.strip())
    if starts[0].upper() == starts[0].lower() and not starts[0].isdigit():
        return starts[0]
    return "".join(starts).upper()


def _first_letter(word: str) -> str:
    start = next(index for index, char in enumerate(word) if char.isalnum())
    return word[start] + _marks(word[start + 1 :])


def _marks(text: str) -> str:
    """The combining marks that `text` begins with, no more than fit on a letter."""
    count = next((index for index, char in enumerate(text) if not unicodedata.combining(char)), len(text))
    return text[: min(count, MAX_MARKS)]


def _first_sign(text: str) -> str:
    """The first sign; of an emoji all that it is made of: joined parts, skin tone, the two letters of a flag."""
    end = 1
    while end < min(len(text), MAX_SIGN_CHARACTERS) and _continues(text[end - 1], text[end], end):
        end += 1
    return text[:end] or "?"


def _continues(previous: str, char: str, index: int) -> bool:
    is_flag = index == 1 and _is_flag_letter(previous) and _is_flag_letter(char)
    return is_flag or ZERO_WIDTH_JOINER in (previous, char) or char in EMOJI_MODIFIERS


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
