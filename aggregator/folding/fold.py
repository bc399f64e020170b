"""One post that came through several feeds shows once: one of its entries is shown, the others are folded into it.

`choosing` says which one is shown. An entry is folded only into one that it resembles itself, of another feed; in
doubt both are shown, because a post that is wrongly folded is a post lost. But what comes with other words under the
link of a post that is shown is neither: it is held for a curator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from aggregator.ingest.post_keys import id_key, link_key
from aggregator.models import Entry, Feed, SiteState, UncountedFeed, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.emptying import empty
from aggregator.models.sql import save_each
from aggregator.models.tagging import follow_entries, follow_feeds
from aggregator.search.index import index

from .choosing import SHOWN, Place, can_be_shown, places_of
from .group import group_of
from .likeness import title_key
from .locks import lock_posts

CHUNK_ENTRIES = 500
"""Entries whose copies are looked for at once: a curator can change all posts of many feeds, too many for memory."""
MIN_CHUNK_ENTRIES = 60
"""Fewer entries of one feed are not taken apart further, as their copies would be read again and again."""


def identify(entry: Entry) -> None:
    """Set the keys by which copies of the entry are found (unsaved)."""
    entry.link_key, entry.id_key = link_key(entry.url), id_key(entry.guid)
    entry.title_key = title_key(entry.title, entry.content_html)


@dataclass(slots=True)
class Folded:
    """What folding changed."""

    feed_ids: set[int] = field(default_factory=set)
    """The feeds that show or hold more or fewer entries now."""
    moved_ids: set[int] = field(default_factory=set)
    """The entries that are shown, folded or held, and weren't before."""
    held_ids: set[int] = field(default_factory=set)
    """The entries that are held from now on."""
    past_ids: set[int] = field(default_factory=set)
    """The entries that are posts of before, which were let go: these are emptied with them."""


def fold(entry_ids: Iterable[int], now: datetime, *, rewritten: Iterable[int] = ()) -> Folded:
    """Decide anew which entries of these posts are shown. Call it in the change's transaction, after `lock_posts`.

    `rewritten` are those entries that their feeds have changed: a copy may have other words from now on. Feeds are
    counted after the commit, as others may have locked them: `sql` tells the order of locks. Whoever is ended before
    that leaves it to `count_what_was_left`. With FOLD_DUPLICATES off, all that is folded is shown again, and nothing is
    held because of another post; what is held already still waits.
    """
    ids, folded = sorted(set(entry_ids)), Folded()
    if settings.FOLD_DUPLICATES:
        changed = frozenset(rewritten)
        for start in range(0, len(ids), CHUNK_ENTRIES):
            _fold_chunk(ids[start : start + CHUNK_ENTRIES], changed, folded)
        if folded.past_ids:
            empty(folded.past_ids, now)
            index(folded.past_ids)
    else:
        folded.feed_ids = _unfold_all()
    if folded.feed_ids:
        UncountedFeed.objects.add(folded.feed_ids)
        moved_ids = folded.moved_ids if settings.FOLD_DUPLICATES else None
        transaction.on_commit(lambda: _recount(folded.feed_ids, now, moved_ids), robust=True)
    return folded


def fold_feeds(feeds: Iterable[Feed], now: datetime) -> None:
    """`fold` for all posts of these feeds, with their lock: when they begin or cease to be public, or change hosts.

    The host that a feed is read from decides which copy of a post is shown.
    """
    ids = list(Entry.objects.filter(feed__in=feeds).values_list("pk", flat=True))
    lock_posts(ids)
    fold(ids, now)


def count_what_was_left(now: datetime) -> None:
    """Count the feeds of committed changes whose maker was ended, or lost the database, before the count."""
    if feed_ids := UncountedFeed.objects.feed_ids():
        _recount(feed_ids, now)


def _fold_chunk(entry_ids: Sequence[int], rewritten: frozenset[int], folded: Folded) -> None:
    """Fold these entries, and note what that changed."""
    group = group_of(entry_ids)
    if group.is_too_large and len(parts := _parts_of(entry_ids, group.entries)) > 1:
        for part in parts:
            _fold_chunk(part, rewritten, folded)
        return
    _save_places(group.entries, places_of(group.entries, group.keys, group.read_texts(), rewritten), folded)


def _parts_of(entry_ids: Sequence[int], entries: Iterable[Entry]) -> list[Sequence[int]]:
    """The ids by feeds, as one feed that is too much must not crowd out the copies of another; of one feed, halves."""
    asked = frozenset(entry_ids)
    ids_of: defaultdict[int, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.pk in asked:
            ids_of[entry.feed_id].append(entry.pk)
    if len(ids_of) > 1 or len(entry_ids) < 2 * MIN_CHUNK_ENTRIES:
        return [*ids_of.values()]
    middle = len(entry_ids) // 2
    return [entry_ids[:middle], entry_ids[middle:]]


def _save_places(entries: Sequence[Entry], places: Mapping[int, Place], folded: Folded) -> None:
    """Save what changed, and note it."""
    moved = [entry for entry in entries if _move(entry, places[entry.pk])]
    spared = list(_spare_announcing(entries, places))
    rows = {entry.pk: entry for entry in (*moved, *spared)}
    save_each([rows[pk] for pk in sorted(rows)], ("duplicate_of", "held_for", "is_held", "announced_at"))
    folded.moved_ids |= {entry.pk for entry in moved}
    folded.feed_ids |= {entry.feed_id for entry in moved}
    folded.held_ids |= {entry.pk for entry in moved if entry.held_for_id}
    goals = ((entry, places[entry.pk].folded_into) for entry in moved)
    folded.past_ids |= {entry.pk for entry, goal in goals if goal and goal.emptied_at}


def _move(entry: Entry, place: Place) -> bool:
    """Set the entry's place (unsaved); whether it had another one. What is withheld anyway stays held as it is.

    An emptied entry has no other place any more: what it was folded into went with it.
    """
    if entry.emptied_at:
        return False
    before = entry.duplicate_of_id, entry.held_for_id, entry.is_held
    entry.duplicate_of_id = place.folded_into.pk if place.folded_into else None
    if can_be_shown(entry):
        entry.held_for_id = place.held_for.pk if place.held_for else None
        entry.is_held = place.held_for is not None
    return before != (entry.duplicate_of_id, entry.held_for_id, entry.is_held)


def _spare_announcing(entries: Sequence[Entry], places: Mapping[int, Place]) -> Iterator[Entry]:
    """Mark entries that needn't be announced any more: copies, what is held, and posts of which a copy was announced.
    Those marked.

    An entry that was never announced gets the moment of its arrival as `announced_at`. An entry that was announced has
    a later moment, so the two can be told apart.
    """
    announced = [entry for entry in entries if entry.announced_at and entry.announced_at > entry.first_seen_at]
    announced_ids = {original.pk for entry in announced if (original := places[entry.pk].folded_into)}
    for entry in entries:
        if entry.announced_at is None and (places[entry.pk] != SHOWN or entry.pk in announced_ids):
            entry.announced_at = entry.first_seen_at
            yield entry


def _unfold_all() -> set[int]:
    folded = Entry.objects.filter(duplicate_of__isnull=False)
    changed = set(folded.values_list("feed_id", flat=True))
    if changed:
        folded.update(duplicate_of=None)
    return changed


def _recount(feed_ids: Collection[int], now: datetime, moved_ids: Collection[int] | None = None) -> None:
    """Count these feeds, and the posts under tags; where nobody knows which entries moved, look at all of them.

    Where as many posts come as go, no day's count tells that others are shown.
    """
    with site_change():  # counted while the rows are locked: else what a poll stores meanwhile would be missed
        feeds = list(Feed.objects.filter(pk__in=feed_ids).locked())
        UncountedFeed.objects.forget(feed_ids)
        refresh_counts(feeds)
        if moved_ids is None:
            follow_feeds(feed_ids)
        else:
            follow_entries(moved_ids)
        SiteState.objects.touch(now)
