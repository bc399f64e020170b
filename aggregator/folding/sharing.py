"""What entries have in common that may be one post: keys, titles, dates and texts. Pure: looks at values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from aggregator.models import Entry

from .likeness import are_alike

MAX_SAME_TEXT_GAP = timedelta(days=7)
"""Posts with one title and one text whose dates are further apart are two posts, such as a yearly call for papers."""

Keys = Mapping[int, frozenset[str]]
"""By the id of an entry, the keys that tell which post it is."""
Shingles = Mapping[int, frozenset[int]]
"""By the id of an entry, its text as `likeness` compares it; only of entries whose texts decide something."""


def telling_keys(entries: Iterable[Entry]) -> dict[int, frozenset[str]]:
    """The keys of each entry without those that its feed gives to several, such as the page of a changelog."""
    entries = list(entries)
    uses = Counter((entry.feed_id, key) for entry in entries for key in keys_of(entry))
    return {entry.pk: frozenset(key for key in keys_of(entry) if uses[entry.feed_id, key] == 1) for entry in entries}


def keys_of(entry: Entry) -> frozenset[str]:
    return frozenset({entry.link_key, entry.id_key} - {""})


def dated_at(entry: Entry) -> datetime:
    return entry.published_at or entry.first_seen_at


def may_be_one_post(entry: Entry, other: Entry) -> bool:
    """Whether the two have one title and neighboring dates, and come from different feeds."""
    is_near = abs(dated_at(entry) - dated_at(other)) <= MAX_SAME_TEXT_GAP
    return is_near and entry.feed_id != other.feed_id and entry.title_key == other.title_key


def have_one_text(entry: Entry, other: Entry, texts: Shingles) -> bool:
    """Whether the two are one post by title, date and text alone."""
    texts_of_both = texts.get(entry.pk, frozenset()), texts.get(other.pk, frozenset())
    return bool(entry.title_key) and may_be_one_post(entry, other) and are_alike(*texts_of_both)
