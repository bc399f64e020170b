"""Nothing was found: the titles that are nearest to what was looked for.

A title is the nearer, the more of the words it has; a word that is spelled nearly so counts as most of it. Read are the
newest titles, and of all older ones those that have one of the words, if they are few: what it costs does not grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from aggregator.models import Entry, EntryQuerySet

from .condition import Condition
from .deadline import Deadline, TooSlow, within_a_second
from .entry_terms import IN_TITLE
from .index_rows import among, ids_meeting
from .query import AUTHOR, Query
from .terms import terms

READ_TITLES = 1_000
"""The newest, and as many older ones."""
MAX_TITLES = 5
MAX_WORDS = 6
"""Of the query, the longest."""
MIN_LETTERS = 4
"""Of a word that may be spelled otherwise: nearly all that are shorter are nearly alike."""
MIN_LIKENESS = 0.74
"""Of two words, as difflib counts it: two letters that changed places are no less in a word of eight."""


def nearest_titles(query: Query, entries: EntryQuerySet) -> list[Entry]:
    """Up to MAX_TITLES of these entries, with their feeds and without their texts, the nearest first."""
    words = _words_of(query)
    if not words:
        return []
    try:
        with within_a_second() as deadline:
            ids = _nearest_ids(words, entries, deadline)
            found = entries.filter(pk__in=ids).with_feed().without_content().in_bulk()
    except TooSlow:
        return []
    return [found[pk] for pk in ids if pk in found]


def _words_of(query: Query) -> list[str]:
    found = dict.fromkeys(term for words in query.wanted if words.field != AUTHOR for term in words.terms)
    return sorted(found, key=len, reverse=True)[:MAX_WORDS]


def _nearest_ids(words: Sequence[str], entries: EntryQuerySet, deadline: Deadline) -> list[int]:
    titles = {pk: (shown_at, terms(title)) for pk, shown_at, title in _read(words, entries)}
    known = {word for _, words_of_title in titles.values() for word in words_of_title}
    alike = [_alike(word, known, deadline) for word in words]
    ranked = sorted(
        (sum((max((near.get(word, 0.0) for word in found), default=0.0) for near in alike), 0.0), shown_at, pk)
        for pk, (shown_at, found) in titles.items()
    )
    return [pk for likeness, _, pk in reversed(ranked) if likeness > 0][:MAX_TITLES]


def _read(words: Sequence[str], entries: EntryQuerySet) -> Iterable[tuple[int, object, str]]:
    """The id, the moment and the title of entries."""
    columns = ("pk", "timeline_at", "title")
    yield from entries.newest_first().values_list(*columns)[:READ_TITLES]
    ids = ids_meeting(Condition(one_of=(tuple(f"{IN_TITLE}{word}" for word in words),)), READ_TITLES + 1)
    if len(ids) <= READ_TITLES:
        yield from entries.order_by().filter(pk__in=among(ids)).values_list(*columns)


def _alike(word: str, known: Iterable[str], deadline: Deadline) -> dict[str, float]:
    """How much the known words are like a word, of those that are. Of titles that a blog made up, nearly all may be."""
    if len(word) < MIN_LETTERS:
        return {word: 1.0}
    letters, matcher = set(word), SequenceMatcher(autojunk=False, b=word)
    found = {word: 1.0}
    for other in known:
        if abs(len(other) - len(word)) > 2 or len(letters.symmetric_difference(other)) > 3:
            continue
        deadline.check()
        matcher.set_seq1(other)
        if (likeness := matcher.ratio()) >= MIN_LIKENESS:
            found[other] = likeness
    return found
