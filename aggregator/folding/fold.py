"""One post that came through several feeds shows once: one of its entries is shown, the others are folded into it.

`choosing` says which one is shown. An entry is folded only into one that it resembles itself, of another feed; in
doubt both are shown, because a post that is wrongly folded is a post lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from aggregator.models import Entry, Feed, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import save_each

from .choosing import places_of
from .group import group_of
from .likeness import id_key, link_key, title_key

CHUNK_ENTRIES = 500
"""Entries whose copies are looked for at once: a curator can change all posts of many feeds, too many for memory."""


def identify(entry: Entry) -> None:
    """Set the keys by which copies of the entry are found (unsaved)."""
    entry.link_key, entry.id_key = link_key(entry.url), id_key(entry.guid)
    entry.title_key = title_key(entry.title, entry.content_html)


def fold(entry_ids: Iterable[int], now: datetime) -> None:
    """Decide anew which entries of these posts are shown. Call it in the change's transaction.

    Feeds are counted after the commit, as others may have locked them: `sql` tells the order of locks. With
    FOLD_DUPLICATES off, all that is folded is shown again.
    """
    ids = sorted(set(entry_ids))
    changed: set[int] = set()
    if settings.FOLD_DUPLICATES:
        for start in range(0, len(ids), CHUNK_ENTRIES):
            changed |= _fold_chunk(ids[start : start + CHUNK_ENTRIES])
    else:
        changed = _unfold_all()
    if changed:
        transaction.on_commit(partial(_recount, changed, now), robust=True)


def fold_feeds(feeds: Iterable[Feed], now: datetime) -> None:
    """Decide anew which entries of all posts of these feeds are shown, as when feeds begin or cease to be public."""
    fold(Entry.objects.filter(feed__in=feeds).values_list("pk", flat=True), now)


def _fold_chunk(entry_ids: Collection[int]) -> set[int]:
    """Fold these entries; the feeds, by their ids, that show more or fewer entries now."""
    group = group_of(entry_ids)
    if group.is_too_large:
        ids_by_feed = _by_feed(entry_ids, group.entries)
        if len(ids_by_feed) > 1:  # one feed alone is too much; it must not crowd out the copies of another
            return set().union(*map(_fold_chunk, ids_by_feed))
    return _save_places(group.entries, places_of(group.entries, group.keys, group.read_texts()))


def _by_feed(entry_ids: Collection[int], entries: Iterable[Entry]) -> list[list[int]]:
    ids_of: defaultdict[int, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.pk in entry_ids:
            ids_of[entry.feed_id].append(entry.pk)
    return list(ids_of.values())


def _save_places(entries: Sequence[Entry], places: Mapping[int, Entry | None]) -> set[int]:
    """Save what changed; the feeds, by their ids, that show more or fewer entries now."""
    moved: list[Entry] = []
    for entry in entries:
        original = places[entry.pk]
        original_id = original.pk if original else None
        if entry.duplicate_of_id != original_id:
            entry.duplicate_of_id = original_id
            moved.append(entry)
    spared = list(_spare_announcing(entries, places))
    rows = {entry.pk: entry for entry in (*moved, *spared)}
    save_each(list(rows.values()), ("duplicate_of", "announced_at"))
    return {entry.feed_id for entry in moved}


def _spare_announcing(entries: Sequence[Entry], places: Mapping[int, Entry | None]) -> Iterator[Entry]:
    """Mark entries that needn't be announced any more: copies, and posts of which a copy was announced. Those marked.

    An entry that was never announced gets the moment of its arrival as `announced_at`. An entry that was announced has
    a later moment, so the two can be told apart.
    """
    announced_ids = {
        original.pk
        for entry in entries
        if (original := places[entry.pk]) and entry.announced_at and entry.announced_at > entry.first_seen_at
    }
    for entry in entries:
        if entry.announced_at is None and (places[entry.pk] or entry.pk in announced_ids):
            entry.announced_at = entry.first_seen_at
            yield entry


def _unfold_all() -> set[int]:
    folded = Entry.objects.filter(duplicate_of__isnull=False)
    changed = set(folded.values_list("feed_id", flat=True))
    if changed:
        folded.update(duplicate_of=None)
    return changed


def _recount(feed_ids: Collection[int], now: datetime) -> None:
    with transaction.atomic():  # counted while the rows are locked: else what a poll stores meanwhile would be missed
        refresh_counts(Feed.objects.filter(pk__in=feed_ids).locked())
        SiteState.objects.touch(now)
