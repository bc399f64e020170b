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
from itertools import pairwise

from .entry_terms import BOUNDARY, IN_AUTHOR, IN_TAG, IN_TITLE
from .matches import Place, terms_by_id
from .query import AUTHOR, Query

_READ_ROWS = 500
_USUAL_WORDS = 300
"""In a post; in one of twice as many, a word counts little more than half."""
_TITLE, _AUTHOR, _TAG, _BESIDE = 2.0, 0.5, 0.75, 1.0
_SATURATION = 1.2
_DIVIDED = f" {BOUNDARY} "
_DAYS = 365 * 5
"""After which a post is worth half."""


def best_first(query: Query, places: Sequence[Place]) -> list[Place]:
    """These places of posts that a query found, the best first."""
    if not places:
        return []
    newest, rank = max(places).shown_at, _Rank(query)
    ranked: list[tuple[float, Place]] = []
    for start in range(0, len(places), _READ_ROWS):
        some = places[start : start + _READ_ROWS]
        texts = terms_by_id([place.entry_id for place in some])
        for place in some:
            days = (newest - place.shown_at).days
            ranked.append((rank.of(texts.get(place.entry_id, "")) * _DAYS / (_DAYS + days), place))
    return [place for _, place in sorted(ranked, reverse=True)]


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

    def of(self, terms: str) -> float:
        padded = f" {terms} "
        slowness = _SATURATION * (0.25 + 0.75 * terms.count(" ") / _USUAL_WORDS)
        rank = 0.0
        for needle in self.needles:
            count = padded.count(needle) or 1  # it is there: else the post had not been found
            rank += count / (count + slowness)
        end_of_marks = padded.find(_DIVIDED)
        for marks, worth in self.marks:
            if all(padded.find(mark, 0, end_of_marks) >= 0 for mark in marks):
                rank += worth
        return rank + _BESIDE * sum(needle in padded for needle in self.beside)
