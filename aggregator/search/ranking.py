"""Which of the posts that were found say most of what was looked for: a rank of our own, the same on both databases.

The databases' own ranks differ, and take seconds for a common word. This one is counted from the terms of a post, word
by word of the query that the post must have:

- how often it is there, each time worth less than the one before, and less in a long post than in a short one
- more if it is in the title, and a little if it is in the author's name or among the tags
- more if what stands side by side in the query does so in the post

Half of it goes in the time that the world takes to forget: a post of a year ago must be a fifth better than one of
today. Of equal ones, the newest come first. All is counted in one order, so that no last digit differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from .deadline import Deadline
from .entry_terms import BOUNDARY, IN_AUTHOR, IN_PERIOD, IN_TAG, IN_TITLE
from .matches import terms_of
from .query import AUTHOR, Query

_USUAL_CHARACTERS = 2_000
"""Of a post's terms, some 300 words; in one of twice as many, a word counts little more than half. To count the words
themselves would take as long as to look for one more."""
_TITLE, _AUTHOR, _TAG, _BESIDE = 2.0, 0.5, 0.75, 1.0
_SATURATION = 1.2
_YEAR = f" {IN_PERIOD}"
_DAY_BEHIND = len(f" {IN_PERIOD}2026 {IN_PERIOD}2026-06 {IN_PERIOD}")
_DIVIDED = f" {BOUNDARY} "
_DAYS = 365 * 5
"""After which a post is worth half."""


def best_first(query: Query, ids: Sequence[int], deadline: Deadline) -> list[int]:
    """The ids of posts that a query found, given the newest first, the best first."""
    rank = _Rank(query)
    found = dict.fromkeys(ids, (rank.of("  "), ""))
    for pk, terms in terms_of(ids, deadline):
        padded = f" {terms} "
        found[pk] = rank.of(padded), _day_of(padded)
    ageing = _Ageing(next((day for _, day in found.values() if day), ""))
    ranked = [(worth * ageing[day], -place) for place, (worth, day) in enumerate(found.values())]
    return [ids[-place] for _, place in sorted(ranked, reverse=True)]


def _day_of(padded: str) -> str:
    """As the marks of a post say: " p:2026 p:2026-06 p:2026-06-07". Empty if they are missing."""
    at = padded.find(_YEAR)
    return padded[at + _DAY_BEHIND : at + _DAY_BEHIND + 10] if at >= 0 else ""


class _Ageing(dict[str, float]):
    """How much of a post's worth is left, by its day."""

    def __init__(self, newest: str) -> None:
        self.newest = newest

    def __missing__(self, day: str) -> float:
        is_known = day and self.newest
        days = (date.fromisoformat(self.newest) - date.fromisoformat(day)).days if is_known else 0
        self[day] = _DAYS / (_DAYS + max(0, days))
        return self[day]


class _Rank:
    """What posts are worth to a query, by their terms."""

    def __init__(self, query: Query) -> None:
        words = [each for each in query.wanted if each.field != AUTHOR]  # whoever wrote it, says nothing of a post
        self.needles = [f" {' '.join(each.terms)} " for each in words]
        self.beside = [f" {' '.join([*one.terms, *other.terms])} " for one, other in pairwise(words)]
        self.marked = [(f":{each.terms[0]} ", each.terms) for each in words]

    def of(self, padded: str) -> float:
        slowness = _SATURATION * (0.25 + 0.75 * len(padded) / _USUAL_CHARACTERS)
        rank = 0.0
        for needle in self.needles:
            count = padded.count(needle) or 1  # it is there: else the post had not been found
            rank += count / (count + slowness)
        marks = padded[: padded.find(_DIVIDED) + 1]
        for first_marked, terms in self.marked:
            if first_marked in marks:  # of most posts, none has it
                rank += _worth_of_marks(marks, terms)
        for needle in self.beside:
            if needle in padded:
                rank += _BESIDE
        return rank


def _worth_of_marks(marks: str, terms: Sequence[str]) -> float:
    kinds = (IN_TITLE, _TITLE), (IN_AUTHOR, _AUTHOR), (IN_TAG, _TAG)
    return sum(worth for kind, worth in kinds if all(f" {kind}{term} " in marks for term in terms))
