"""What an entry is found by, as one text: marks, then words. Pure.

A mark has a colon, which no word has. The marks are those of `Mark`; the words are those of title, author, tags and
text, in this order and as often as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from aggregator.models.tag_key import key_of

from .terms import single_letters, terms

MAX_TEXT_CHARACTERS = 150_000
"""Of a post, some 25,000 words: it is found by those. Terms are made while others wait for the database, and half a
million letters of Chinese would take seconds."""

IN_TITLE, IN_AUTHOR, IN_TAG, OF_FEED, IN_PERIOD, LETTER = "t:", "a:", "g:", "f:", "p:", "c:"
"""What marks begin with: a word of the title, a word of the author's name, a tag's key, the feed's id, the year, month
or day on which it is shown in UTC (p:2026, p:2026-06, p:2026-06-07), a letter of a script that gives pairs."""

BOUNDARY = "|"
"""Between words that are not beside each other, so that no phrase goes across it. No word is like it."""


def terms_of_entry(*, title: str, author: str, tags: Sequence[str], text: str, feed_id: int, shown_at: datetime) -> str:
    """What `EntryText.terms` holds for an entry. `text` is plain text, without markup."""
    in_title, in_author = terms(title), terms(author)
    of_tags = [[BOUNDARY, *terms(tag)] for tag in tags]
    in_text = terms(text[:MAX_TEXT_CHARACTERS])
    words = [*in_title, BOUNDARY, *in_author, *chain.from_iterable(of_tags), BOUNDARY, *in_text]
    marks = [
        f"{OF_FEED}{feed_id}",
        *periods(shown_at),
        *marked(IN_TITLE, in_title),
        *marked(IN_AUTHOR, in_author),
        *marked(IN_TAG, filter(None, map(key_of, tags))),
        *marked(LETTER, single_letters(words)),
    ]
    return " ".join([*marks, *words])


def periods(moment: datetime) -> list[str]:
    day = moment.astimezone(UTC).date().isoformat()
    return [f"{IN_PERIOD}{day[:length]}" for length in (4, 7, 10)]


def marked(kind: str, words: Iterable[str]) -> Iterator[str]:
    """Each word once, as a mark."""
    return (f"{kind}{word}" for word in dict.fromkeys(words))
