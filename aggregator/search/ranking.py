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

from .condition import marks_of
from .entry_terms import IN_AUTHOR, IN_TAG, IN_TITLE
from .matches import Place, terms_by_id
from .query import AUTHOR, Query, Words

_READ_ROWS = 500
_USUAL_WORDS = 300
"""In a post; in one of twice as many, a word counts little more than half."""
_TITLE, _AUTHOR, _TAG, _BESIDE = 2.0, 0.5, 0.75, 1.0
_SATURATION = 1.2
_DAYS = 365 * 5
"""After which a post is worth half."""


def best_first(query: Query, places: Sequence[Place]) -> list[Place]:
    """These places of posts that a query found, the best first."""
    if not places:
        return []
    newest = max(places).shown_at
    ranked: list[tuple[float, Place]] = []
    for start in range(0, len(places), _READ_ROWS):
        some = places[start : start + _READ_ROWS]
        texts = terms_by_id([place.entry_id for place in some])
        ranked += [
            (_rank(query, texts.get(place.entry_id, ""), (newest - place.shown_at).days), place) for place in some
        ]
    return [place for _, place in sorted(ranked, reverse=True)]


def _rank(query: Query, terms: str, days: int) -> float:
    padded = f" {terms} "
    length = padded.count(" ")
    rank = sum((_rank_of(words, padded, length) for words in query.wanted), 0.0)
    for one, other in pairwise(query.wanted):
        if f" {' '.join([*one.terms, *other.terms])} " in padded:
            rank += _BESIDE
    return rank * _DAYS / (_DAYS + days)


def _rank_of(words: Words, padded: str, length: int) -> float:
    """What a word of the query, or several side by side, is worth in a post. Whoever wrote it, says nothing of it."""
    if words.field == AUTHOR:
        return 0.0
    count = padded.count(f" {' '.join(words.terms)} ") or 1  # it is there: else the post had not been found
    rank = count / (count + _SATURATION * (0.25 + 0.75 * length / _USUAL_WORDS))
    marks = [mark.rpartition(":")[2] for mark in marks_of(words)]
    for kind, worth in ((IN_TITLE, _TITLE), (IN_AUTHOR, _AUTHOR), (IN_TAG, _TAG)):
        if all(f" {kind}{mark} " in padded for mark in marks):
            rank += worth
    return rank
