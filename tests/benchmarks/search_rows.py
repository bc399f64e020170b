"""Posts of invented words that search knows: some words stand in nearly all of them, most in a few."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate, islice

from django.db import connection

from aggregator.models import Entry, EntryText
from aggregator.models.entry_text import FULL_TEXT
from aggregator.search.entry_terms import terms_of_entry
from aggregator.search.terms import VERSION

VOCABULARY = 50_000
WORDS_OF_POST, WORDS_OF_TITLE = 200, 7
_AT_ONCE = 5_000
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er", "is")]


def word_of(rank: int) -> str:
    """The word that is the so many-th in frequency: the 25th stands in half of all posts, the 1,000th in one of 60."""
    letters = []
    rank += len(_SYLLABLES)
    while rank:
        rank, syllable = divmod(rank, len(_SYLLABLES))
        letters.append(_SYLLABLES[syllable])
    return "".join(letters)


def fill_texts() -> None:
    """What entries are found by that have no words yet, drawn as people use them: of twice the rank, half as often."""
    dice = random.Random(16)
    words = [word_of(rank) for rank in range(1, VOCABULARY + 1)]
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    rows = _rows(dice, words, weights)
    while some := list(islice(rows, _AT_ONCE)):
        EntryText.objects.bulk_create(some)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute(f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}) VALUES ('optimize')")


def _rows(dice: random.Random, words: list[str], weights: list[float]) -> Iterator[EntryText]:
    entries = Entry.objects.filter(text=None).order_by("pk").values_list("pk", "feed_id", "timeline_at")
    for pk, feed_id, shown_at in entries.iterator(_AT_ONCE):
        drawn = dice.choices(words, cum_weights=weights, k=WORDS_OF_POST + WORDS_OF_TITLE + 4)
        title, author, tags, text = drawn[:7], drawn[7:9], drawn[9:11], drawn[11:]
        terms = terms_of_entry(
            title=" ".join(title),
            author=" ".join(author),
            tags=tags,
            text=" ".join(text),
            feed_id=feed_id,
            shown_at=shown_at,
        )
        yield EntryText(entry_id=pk, version=VERSION, terms=terms)
