"""A post that was let go, as it was too old for this site, can come again through another feed. Pure.

Its text can't be compared any more. So it must have come after the other one was emptied, and be no news by its own
date; it must have the other's date and title under its link, or the other's permanent id. In doubt it is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from aggregator.models import Entry
from aggregator.models.visible import PUBLIC_STATES

from .sharing import MAX_SAME_TEXT_GAP, Keys, dated_at

MIN_AGE = timedelta(days=3)
"""At which a post is no news any more. News is never taken for an old post: somebody could have been quick to use its
link, and have had that let go."""


def emptied_by_key(entries: Iterable[Entry], keys: Keys) -> Mapping[str, Sequence[Entry]]:
    """The emptied ones of a group, but for those that readers didn't see when they had their text, by their keys."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.pk):
        if entry.emptied_at and not _was_withheld(entry):
            for key in keys[entry.pk]:
                found[key].append(entry)
    return found


def comes_again(entry: Entry, other: Entry) -> bool:
    """Whether the entry is the post of the other one, which is emptied, and with which it has a key in common."""
    if other.emptied_at is None or entry.first_seen_at <= other.emptied_at or entry.feed_id == other.feed_id:
        return False
    if entry.is_original or entry.first_seen_at - dated_at(entry) < MIN_AGE:
        return False
    has_its_name = bool(entry.id_key) and entry.id_key == other.id_key
    has_its_title = _words(entry.title) == _words(other.title)
    return (has_its_name or has_its_title) and abs(dated_at(entry) - dated_at(other)) <= MAX_SAME_TEXT_GAP


def _was_withheld(entry: Entry) -> bool:
    is_withheld = entry.is_hidden or entry.is_held or entry.is_filtered
    return is_withheld or entry.feed.state not in PUBLIC_STATES


def _words(title: str) -> list[str]:
    return title.casefold().split()
