"""Text -> the terms by which it is found. Pure; all that search knows of languages.

What is stored and what is looked for go through here, and databases compare terms as they are. So both databases give
the same posts. Change what comes out, and `VERSION` must rise: the worker then makes the terms of all posts anew.

    "Ménage à trois"  ->  menage a trois      case and marks don't count, as `spelling.plain` has it
    "שָׁלוֹם" "مَرْحَبًا"    ->  שלום مرحبا           nor points and harakat, which few write
    "機能です" "ไทย"   ->  機能 能で です ไท ทย      scripts without spaces, and Hangul, give overlapping pairs of letters
    "C++ and .NET"    ->  c++ c and .net net   what would be another word without its signs is kept whole, too
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import regex

from aggregator.models.spelling import plain

VERSION = 1
"""Of the terms; stored beside them."""
MAX_TERM_CHARACTERS = 40
"""Of a longer word, the beginning: no language has such, and databases have limits."""

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}ーｰ\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}"
_PAIRED = rf"{_SPACELESS}\p{{Hangul}}"
"""People look for parts of what is written in one. Hangul has spaces, but endings that follow its words at once."""
_LETTER = rf"[\p{{L}}\p{{N}}\p{{M}}--[{_PAIRED}]]"
_SIGNS = r"\+\+|(?<=(?<![\p{L}\p{N}])\p{L})\#(?![\w#])"
_DOT = r"(?<![^\s(\[{\"'/])\.(?=\p{L})"
_EMOJI = r"\p{Emoji_Presentation}"
_TERM = regex.compile(
    rf"(?V1)(?P<paired>[{_PAIRED}][{_PAIRED}\p{{Mn}}\p{{Mc}}]*+)"
    rf"|(?P<dot>{_DOT})?(?P<word>{_LETTER}++)(?P<signs>{_SIGNS})?|(?P<emoji>{_EMOJI})"
)
_HAS_OTHERS = regex.compile(rf"(?V1)[{_PAIRED}]|{_EMOJI}|\+\+|\#|{_DOT}")
_HAS_SIGNS = re.compile(r"\+\+|#|(?:^|[\s(\[{\"'/])\.[a-z]")
_ASCII_WORD = re.compile("[a-z0-9]+")
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]++")
_BETWEEN_SPACELESS = regex.compile(rf"(?V1)(?<=[{_SPACELESS}])\s+(?=[{_SPACELESS}])")
"""Where a line of the source ends there, readers see no space."""
_GRAPHEME = regex.compile(r"\X")
_HAS_MARKS = regex.compile(r"[\p{M}\u1100-\u11ff]")
"""Also parts of Hangul. Without such, each character is a letter."""
_NO_LETTERS = {
    **dict.fromkeys((0xAD, 0x640, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)),  # invisible, and the Arabic long stroke
    **dict.fromkeys(range(0x591, 0x5BE)),  # Hebrew points and accents
    **dict.fromkeys((0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7, 0x670)),
    **dict.fromkeys(range(0x610, 0x61B)),  # Arabic harakat and signs of the Quran
    **dict.fromkeys(range(0x64B, 0x660)),
    **dict.fromkeys(range(0x6D6, 0x6DD)),
    **dict.fromkeys(range(0x6DF, 0x6E9)),
    **dict.fromkeys(range(0x6EA, 0x6EE)),
}
_SPELLED_ALIKE = str.maketrans("ىیکة", "ييكه")
"""Letters that are one to who writes Arabic or Persian."""
_DIGIT = regex.compile(r"(?V1)[\p{Nd}--[0-9]]")
"""Of other scripts; every keyboard has 0 to 9."""


def terms(text: str) -> list[str]:
    """The terms of a text in its order, each as often as it comes. None has a space or a colon."""
    form = folded(text)
    if form.isascii() and _HAS_SIGNS.search(form) is None:  # as most are; the rest takes several times as long
        return [word[:MAX_TERM_CHARACTERS] for word in _ASCII_WORD.findall(form)]
    form = _BETWEEN_SPACELESS.sub("", form)
    if _HAS_OTHERS.search(form) is None:
        return [word[:MAX_TERM_CHARACTERS] for word in _WORD.findall(form)]
    return [term for piece in _pieces(form) for term in piece]


def single_letters(words: Sequence[str]) -> list[str]:
    """The letters of terms that are pairs, each once: who looks for a single one means any word that has it."""
    found: dict[str, None] = {}
    for word in words:
        if is_paired(word):
            found.update(dict.fromkeys(_letters(word)))
    return list(found)


def is_paired(term: str) -> bool:
    """Whether a term is of a script whose words are found by pairs of letters."""
    match = None if term.isascii() else _TERM.match(term)
    return bool(match and match["paired"])


def folded(text: str) -> str:
    """The text in the form in which its words are compared."""
    if text.isascii():
        return text.lower()
    form = plain(text.translate(_NO_LETTERS)).translate(_NO_LETTERS).translate(_SPELLED_ALIKE)
    return _DIGIT.sub(_as_ascii, form)


def _as_ascii(digit: regex.Match[str]) -> str:
    return str(int(digit[0]))


def _pieces(form: str) -> Iterator[list[str]]:
    for match in _TERM.finditer(form):
        if word := match["word"]:
            yield _of_word(word, match["signs"], is_dotted=bool(match["dot"]))
        elif paired := match["paired"]:
            yield _pairs(paired)
        else:
            yield [match["emoji"]]


def _of_word(word: str, signs: str | None, *, is_dotted: bool) -> list[str]:
    """The word; before it itself with its signs, if it has such: "c++", "c#", ".net"."""
    short = word[:MAX_TERM_CHARACTERS]
    if signs:
        return [word[: MAX_TERM_CHARACTERS - len(signs)] + signs, short]
    return [f".{word[: MAX_TERM_CHARACTERS - 1]}", short] if is_dotted else [short]


def _pairs(run: str) -> list[str]:
    letters = [letter[: MAX_TERM_CHARACTERS // 2] for letter in _letters(run)]
    return ["".join(pair) for pair in pairwise(letters)] or letters


def _letters(run: str) -> Sequence[str]:
    return _GRAPHEME.findall(run) if _HAS_MARKS.search(run) else run
