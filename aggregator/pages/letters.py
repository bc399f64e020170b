"""Under which letter a title stands in a list of many. Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

SIGNS = "#"
"""Stands for all that begins with a digit or a sign, and for what has no title."""
IDEOGRAPHS = "漢字"
"""Stands for all of these, as there are thousands."""


def letter_of(character: str) -> str:
    """The letter, of any script, as its capital and without marks: É stands under E, and a Korean syllable under its
    first consonant; `SIGNS` or `IDEOGRAPHS` for all else.
    """
    plain = unicodedata.normalize("NFKD", character)[:1]
    if not plain.isalpha():
        return SIGNS
    if unicodedata.name(plain, "").startswith("CJK "):
        return IDEOGRAPHS
    return plain.title()[:1]  # not `upper`: it has Georgian capitals that few fonts have


def by_letter(characters: Iterable[str]) -> dict[str, list[str]]:
    """For each letter the characters that stand under it: Latin ones first, other scripts after them, then the rest."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for character in characters:
        found[letter_of(character)].append(character)
    return {letter: found[letter] for letter in sorted(found, key=_place)}


def _place(letter: str) -> tuple[int, str]:
    return [IDEOGRAPHS, SIGNS].index(letter) + 1 if letter in {IDEOGRAPHS, SIGNS} else 0, letter
