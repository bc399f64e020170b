"""Text -> the terms by which it is found. Pure; all that search knows of languages.

What is stored and what is looked for go through here, and databases compare terms as they are. So both databases give
the same posts. Change what comes out, and `VERSION` must rise: the worker then makes the terms of all posts anew.

    "Ménage à trois"  ->  menage a trois      case and marks don't count, as `spelling.plain` has it
    "שָׁלוֹם" "مَرْحَبًا"    ->  שלום مرحبا           nor points and harakat, which few write
    "機能です" "ไทย"   ->  機能 能で です ไท ทย      scripts without spaces, and Hangul, give pairs of letters
    "C++ and .NET"    ->  c++ c and .net net   what would be another word without its signs is kept whole, too
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from operator import add
from typing import TYPE_CHECKING
from unicodedata import digit as digit_of
from unicodedata import normalize

from aggregator.models.spelling import STROKES

if TYPE_CHECKING:
    import regex

VERSION = 1
"""Of the terms; stored beside them."""
MAX_TERM_CHARACTERS = 40
"""Of a longer word, the beginning: no language has such, and databases have limits."""

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}ーｰ\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}"
_PAIRED = rf"{_SPACELESS}\p{{Hangul}}"
"""People look for parts of what is written in one. Hangul has spaces, but endings that follow its words at once."""
_LETTER = rf"[\p{{L}}\p{{N}}\p{{M}}--[{_PAIRED}]]"
_SIGNS = r"\+\+|(?<=(?<![\p{L}\p{N}])\p{L})\#(?![\w#])"
_DOT = r"(?<![^\s\x1c-\x1f(\[{\"'/])\.(?=\p{L})"
"""`str.split` and `re` count the four separators as spaces, too; Unicode, and so `regex`, doesn't."""
_TERM = (
    rf"(?P<paired>[{_PAIRED}][{_PAIRED}\p{{Mn}}\p{{Mc}}]*+)"
    rf"|(?P<dot>{_DOT})?(?P<word>{_LETTER}++)(?P<signs>{_SIGNS})?|(?P<emoji>\p{{Emoji_Presentation}})"
)
_ASCII_TERM = re.compile(
    r"(?P<dot>(?<![^\s(\[{\"'/])\.(?=[a-z]))?(?P<word>[a-z0-9]++)(?P<signs>\+\+|(?<=(?<![a-z0-9])[a-z])\#(?![\w#]))?"
)
"""The same of what is ASCII, for a tenth of the time."""
_MAY_BE_PAIRED = re.compile(r"[^\x00-\u0dff]")
_MAY_BE_SPACELESS = re.compile(r"[^\x00-\u0dff\u2000-\u2e7f]")
_BETWEEN_SPACELESS = rf"(?<=[{_SPACELESS}])[\s\u200b\ufeff]+(?=[{_SPACELESS}])"
"""Where a line of the source ends there, readers see no space."""
_QUOTES_AND_DASHES = re.compile("[‘’“”„«»–—…]+")
"""Beyond ASCII, few texts have anything else."""
_GRAPHEME = r"\X"
_MARKS = r"[\p{M}\u1100-\u11ff]"
"""Also parts of Hangul. Without such, each character is a letter."""
_REMEMBERED_PIECES = 2**14
"""Texts repeat their words: most needn't be taken apart anew."""
_MAX_REMEMBERED_CHARACTERS = 32
_NO_LETTERS = re.compile(
    "[\u00ad\u0640\u200b-\u200d\u2060\ufeff"  # invisible, and the Arabic long stroke
    "\u0300-\u036f"  # marks of the Latin, Greek and Cyrillic scripts
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points and accents
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]+"  # harakat, signs of the Quran
)
_SPELLED_OTHERWISE = {**STROKES, **dict(zip("ىیکة", "ييكه", strict=True))}
"""Also letters that are one to who writes Arabic or Persian."""
_IS_SPELLED_OTHERWISE = re.compile(f"[{''.join(_SPELLED_OTHERWISE)}]")
_OF_ONE_FORM = re.compile("[\0-\x7f\u3001-\u3035\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3]*")
"""Japanese, Chinese and Korean texts are mostly of these, which have neither case nor marks."""
_NOT_ALONE = "\uffff"
"""No character at all."""
_REMEMBERED_LETTERS = 2**14
_DIGIT = r"[\p{Nd}--[0-9]]"
"""Of other scripts; every keyboard has 0 to 9."""


def terms(text: str) -> list[str]:
    """The terms of a text in its order, each as often as it comes. None has a space or a colon."""
    if not text.isascii():
        if _MAY_BE_SPACELESS.search(text):
            text = _pattern(_BETWEEN_SPACELESS).sub("", text)
        text = _QUOTES_AND_DASHES.sub(" ", text)
    # Of what stands between two spaces: no term goes across one.
    return list(chain.from_iterable(map(_remembered.__getitem__, text.split())))


def _taken_apart(piece: str) -> Sequence[str]:
    form = folded(piece)
    if form.isascii():
        return tuple(term for match in _ASCII_TERM.finditer(form) for term in _of_word(match))
    pairs = _pairs_of_letters if _pattern(_MARKS).search(form) else _pairs
    return tuple(term for match in _pattern(_TERM).finditer(form) for term in _of_match(match, pairs))


class _Remembered(dict[str, Sequence[str]]):
    """The terms of short pieces of text. A function of ours between would take most of the time that asking takes."""

    def __missing__(self, piece: str) -> Sequence[str]:
        found = _taken_apart(piece)
        if len(piece) <= _MAX_REMEMBERED_CHARACTERS:
            if len(self) >= _REMEMBERED_PIECES:
                self.clear()
            self[piece] = found
        return found


_remembered = _Remembered()


def single_letters(words: Iterable[str]) -> list[str]:
    """The letters of terms that are pairs, each once: who looks for a single one means any word that has it."""
    paired = (word for word in dict.fromkeys(words) if not word.isascii() and is_paired(word))
    return list(dict.fromkeys(letter for word in paired for letter in _letters(word)))


def is_paired(term: str) -> bool:
    """Whether a term is of a script whose words are found by pairs of letters."""
    return bool(_MAY_BE_PAIRED.match(term) and _pattern(f"[{_PAIRED}]").match(term))


def is_single_letter(term: str) -> bool:
    """Whether a term is one letter of such a script, which stood alone between others."""
    return is_paired(term) and len(_letters(term)) == 1


def graphemes(text: str) -> Sequence[str]:
    """The letters of a text as people count them, each with its marks. Text can be cut between two."""
    return text if text.isascii() else _pattern(_GRAPHEME).findall(text)


def without_gaps(text: str) -> list[tuple[int, int]]:
    """Where spaces and the like begin and end that aren't between words, as readers of the script see none there."""
    may_have = _MAY_BE_SPACELESS.search(text)
    return [match.span() for match in _pattern(_BETWEEN_SPACELESS).finditer(text)] if may_have else []


def placed(form: str) -> Iterator[tuple[str, int, int]]:
    """The terms of a folded text, each with where it begins and ends in that."""
    if form.isascii():
        yield from ((term, *match.span()) for match in _ASCII_TERM.finditer(form) for term in _of_word(match))
        return
    pairs = _pairs_of_letters if _pattern(_MARKS).search(form) else _pairs
    for match in _pattern(_TERM).finditer(form):
        found = _of_match(match, pairs)
        if match["paired"]:
            yield from _placed_pairs(found, _letters(match["paired"]), match.start())
        else:
            yield from ((term, match.start(), match.end()) for term in found)


def _placed_pairs(pairs: Sequence[str], letters: Sequence[str], start: int) -> Iterator[tuple[str, int, int]]:
    for number, pair in enumerate(pairs):
        length = sum(map(len, letters[number : number + 2]))
        yield pair, start, start + length
        start += len(letters[number])


def folded(text: str) -> str:
    """The text in the form in which its words are compared: without case and marks, as `spelling.plain` has it."""
    if text.isascii() or _OF_ONE_FORM.fullmatch(text):
        return text.lower()
    form = _NO_LETTERS.sub("", normalize("NFKD", normalize("NFKD", text).casefold()))
    form = normalize("NFC", _IS_SPELLED_OTHERWISE.sub(_otherwise, form))
    return form if form.isascii() else _pattern(_DIGIT).sub(_as_ascii, form)


def folded_in_place(text: str) -> str | None:
    """The same with each letter where it was; None if some letter isn't one character, both before and after.

    What divides pieces of the text is a space in it.
    """
    if text.isascii():
        return text.lower()
    if without_gaps(text):
        return None
    form = _QUOTES_AND_DASHES.sub(_as_spaces, text).translate(_letters_alone)
    return None if _NOT_ALONE in form else form


class _LettersAlone(dict[int, str]):
    """The folded form of each character that is a letter by itself before and after; of others, _NOT_ALONE."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        form = folded(letter)
        is_alone = len(form) == 1 and _stands_alone(letter) and _stands_alone(form)
        found = form if is_alone else _NOT_ALONE
        if len(self) < _REMEMBERED_LETTERS:
            self[code] = found
        return found


def _stands_alone(letter: str) -> bool:
    """Whether it is never a part of the letter beside it."""
    return letter.isascii() or len(_pattern(_GRAPHEME).findall(f"a{letter}{letter}a")) == len("a..a")


def _as_spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _otherwise(letter: re.Match[str]) -> str:
    return _SPELLED_OTHERWISE[letter[0]]


def _as_ascii(digit: regex.Match[str]) -> str:
    value = digit_of(digit[0], None)  # digits of a newer Unicode than this Python's have none
    return digit[0] if value is None else str(value)


def _of_match(match: regex.Match[str], pairs: Callable[[str], Sequence[str]]) -> Sequence[str]:
    if paired := match["paired"]:
        return pairs(paired)
    return _of_word(match) if match["word"] else [match["emoji"]]


def _of_word(match: re.Match[str] | regex.Match[str]) -> Sequence[str]:
    """The word; before it itself with its signs, if it has such: "c++", "c#", ".net"."""
    word = match["word"]
    short = word[:MAX_TERM_CHARACTERS]
    if signs := match["signs"]:
        return [word[: MAX_TERM_CHARACTERS - len(signs)] + signs, short]
    return [f".{word[: MAX_TERM_CHARACTERS - 1]}", short] if match["dot"] else [short]


def _pairs(run: str) -> Sequence[str]:
    return [*map(add, run, run[1:])] or [run]


def _pairs_of_letters(run: str) -> Sequence[str]:
    letters = [letter[: MAX_TERM_CHARACTERS // 2] for letter in _letters(run)]
    return [*map(add, letters, letters[1:])] or letters


def _letters(run: str) -> Sequence[str]:
    return _pattern(_GRAPHEME).findall(run) if _pattern(_MARKS).search(run) else run


_letters_alone = _LettersAlone()


@cache
def _pattern(expression: str) -> regex.Pattern[str]:
    """Made when a text needs it: most need none, and to make them takes a tenth of a poll that brings nothing."""
    made: regex.Pattern[str] = import_module("regex").compile(f"(?V1){expression}")
    return made
