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

_USUAL_WORDS = 300
"""In a post; in one of twice as many, a word counts little more than half."""
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
    found: dict[int, tuple[float, date | None]] = dict.fromkeys(ids, (rank.of("  "), None))
    for pk, terms in terms_of(ids, deadline):
        padded = f" {terms} "
        found[pk] = rank.of(padded), _day_of(padded)
    today = next((day for _, day in found.values() if day), None)
    ranked: list[tuple[float, int]] = []
    for place, (worth, day) in enumerate(found.values()):
        days = (today - day).days if today and day else 0
        ranked.append((worth * _DAYS / (_DAYS + max(0, days)), -place))
    return [ids[-place] for _, place in sorted(ranked, reverse=True)]


def _day_of(padded: str) -> date | None:
    """As the marks of a post say: " p:2026 p:2026-06 p:2026-06-07"."""
    at = padded.find(_YEAR)
    return date.fromisoformat(padded[at + _DAY_BEHIND : at + _DAY_BEHIND + 10]) if at >= 0 else None


class _Rank:
    """What posts are worth to a query, by their terms."""

    def __init__(self, query: Query) -> None:
        words = [each for each in query.wanted if each.field != AUTHOR]  # whoever wrote it, says nothing of a post
        self.needles = [f" {' '.join(each.terms)} " for each in words]
        self.beside = [f" {' '.join([*one.terms, *other.terms])} " for one, other in pairwise(words)]
        self.marks = [
            ([f" {kind}{term} " for term in each.terms], worth)
            for each in words
            for kind, worth in ((IN_TITLE, _TITLE), (IN_AUTHOR, _AUTHOR), (IN_TAG, _TAG))
        ]

    def of(self, padded: str) -> float:
        slowness = _SATURATION * (0.25 + 0.75 * padded.count(" ") / _USUAL_WORDS)
        rank = 0.0
        for needle in self.needles:
            count = padded.count(needle) or 1  # it is there: else the post had not been found
            rank += count / (count + slowness)
        end_of_marks = padded.find(_DIVIDED)
        for marks, worth in self.marks:
            if all(padded.find(mark, 0, end_of_marks) >= 0 for mark in marks):
                rank += worth
        return rank + _BESIDE * sum(needle in padded for needle in self.beside)
