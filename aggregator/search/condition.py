"""Which terms a post must have, as both databases' indexes are asked, and as a text of terms can be looked at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .entry_terms import BOUNDARY, IN_AUTHOR, IN_TITLE, LETTER
from .query import ANYWHERE, AUTHOR, TITLE, Words
from .terms import is_single_letter

MAX_ASKED_TERMS = 24
"""Of one question, the longest, which few posts have. All are looked at in the posts that have those."""
_MARK_OF = {ANYWHERE: "", TITLE: IN_TITLE, AUTHOR: IN_AUTHOR}
_DIVIDED = f" {BOUNDARY} "


@dataclass(frozen=True, slots=True)
class Condition:
    """What the index can tell: every term is there, of each group one is, and none of the last."""

    every: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    none_of: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether any post may meet it that hasn't got what it must not have: no index helps."""
        return not (self.every or self.one_of)

    def and_one_of(self, group: Iterable[str]) -> Condition:
        return replace(self, one_of=(*self.one_of, tuple(group)))

    def is_met_by(self, padded: str) -> bool:
        """Whether the terms of a post, with a space before and behind them, are such."""
        return (
            all(f" {term} " in padded for term in self.every)
            and all(any(f" {term} " in padded for term in group) for group in self.one_of)
            and not any(f" {term} " in padded for term in self.none_of)
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What the index can't tell: terms stand side by side in a part of a post."""

    field: str
    pattern: re.Pattern[str] | str
    is_excluded: bool

    def is_met_by(self, padded: str) -> bool:
        part = _part(padded, self.field)
        found = self.pattern in part if isinstance(self.pattern, str) else bool(self.pattern.search(part))
        return found != self.is_excluded


def marks_of(words: Words) -> list[str]:
    """What posts have in the index that have these words somewhere; they may have more of it than the words."""
    return [_mark_of(term, words.field) for term in words.terms]


def is_told_by_index(words: Words) -> bool:
    """Whether all posts that have these marks have the words."""
    return len(words.terms) == 1 and not (words.field and is_single_letter(words.terms[0]))


def beside(words: Words) -> Beside:
    return Beside(words.field, _pattern(words.terms), words.is_excluded)


def condition_of(wanted: Sequence[Words], unwanted: Sequence[Words]) -> Condition:
    every = dict.fromkeys(mark for words in wanted for mark in marks_of(words))
    longest = sorted(every, key=len, reverse=True)[:MAX_ASKED_TERMS]
    none_of = dict.fromkeys(mark for words in unwanted if is_told_by_index(words) for mark in marks_of(words))
    return Condition(tuple(longest), (), tuple(none_of))


def _mark_of(term: str, field: str) -> str:
    return f"{LETTER}{term}" if is_single_letter(term) else f"{_MARK_OF[field]}{term}"


def _pattern(terms: Sequence[str]) -> re.Pattern[str] | str:
    """A single letter of a script that has pairs, at an end, is that of any word that ends, or begins, with it."""
    first, last = is_single_letter(terms[0]), is_single_letter(terms[-1])
    written = f" {' '.join(terms)} "
    if not (first or last):
        return written
    begins = "[^ :]*" if first else ""
    ends = "[^ ]*" if last else ""
    return re.compile(f" {begins}{re.escape(written[1:-1])}{ends} ")


def _part(padded: str, field: str) -> str:
    if field == ANYWHERE:
        return padded
    title, _, rest = padded.partition(_DIVIDED)
    return f"{title} " if field == TITLE else f" {rest}".partition(_DIVIDED)[0] + " "
