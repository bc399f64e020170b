"""Cutting text between the characters that people see, which may be several code points each; pure.

An approximation of Unicode's extended grapheme clusters (UAX #29) with what the standard library knows. It leaves out
the signs that some scripts write before a number, and marks in an order that nobody writes.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_MARKS = {"Mn", "Me", "Mc"}
_VIRAMA_CLASS = 9
# Spacing vowels of Thai and Lao that the categories call letters.
_VOWELS = "\u0e33\u0eb3"


def cut(text: str, max_length: int) -> str:
    """`text`, or as much of it as fits into `max_length` code points with "…"; no visible character is torn."""
    if len(text) <= max_length:
        return text
    end = max_length - 1
    while end > 0 and not _is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + "…" if max_length > 0 else ""


def _is_boundary(text: str, index: int) -> bool:
    """Whether a visible character ends before `index`, which lies inside the text."""
    before, after = text[index - 1], text[index]
    if _clings(after) or before == _JOINER:
        return False
    if unicodedata.combining(before) == _VIRAMA_CLASS and unicodedata.category(after) == "Lo":
        return False  # a conjunct of an Indic script
    if _continues_syllable(before, after):
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        return _flag_letters_before(text, index) % 2 == 0
    return True


def _clings(character: str) -> bool:
    """Marks, joiners, variation selectors, skin tones and the tags of flags belong to what stands before them."""
    if character in "\u200c\u200d" or character in _VOWELS:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    return unicodedata.category(character) in _MARKS


def _continues_syllable(before: str, after: str) -> bool:
    """Whether both belong to one syllable of Hangul, written in parts: leading consonants, vowels, trailing ones."""
    if _is_leading(before):
        return _is_leading(after) or _is_vowel_or_trailing(after) or "\uac00" <= after <= "\ud7a3"
    return _is_vowel_or_trailing(after) and (_is_vowel_or_trailing(before) or "\uac00" <= before <= "\ud7a3")


def _is_leading(character: str) -> bool:
    return "\u1100" <= character <= "\u115f" or "\ua960" <= character <= "\ua97f"


def _is_vowel_or_trailing(character: str) -> bool:
    return "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, index: int) -> int:
    """How many stand in a row: two make a flag."""
    start = index
    while start > 0 and _is_flag_letter(text[start - 1]):
        start -= 1
    return index - start
