"""Posts that have had their time: by their age, or because their source has enough newer ones. Off unless it is set.

Their text goes, and what stands beside it; what they are known by stays, so that no poll brings them back. A post goes
as a whole, with all the copies that are folded into the entry that is shown: when the last of them is past the limits
of the source that shows it, and nothing is held because of it. So no copy is ever left that would have to be shown
instead. What waits for a curator waits on. Hidden and dropped entries go, too, and stay hidden and dropped.

It is done in small steps, each a transaction of its own, with a pause after each that is as long: others need the
database. Where a worker is killed, the next run goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Exists, OuterRef

from aggregator.folding.locks import lock_posts
from aggregator.models import Entry, EntryQuerySet, Feed, PostsLetGo, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.emptying import empty
from aggregator.models.steps import in_steps
from aggregator.models.visible import HELD, KEPT, LISTED, TURNED_DOWN
from aggregator.search.index import index

logger = logging.getLogger(__name__)

STEP_ENTRIES = 100
"""Let go in one transaction, with their copies; others wait for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long posts are kept; 0 sets no limit."""

    days: int = 0
    per_feed: int = 0

    @classmethod
    def of_settings(cls) -> Limits:
        return cls(settings.KEEP_ENTRIES_DAYS, settings.KEEP_ENTRIES_PER_FEED)

    def __bool__(self) -> bool:
        return bool(self.days or self.per_feed)

    def __str__(self) -> str:
        told = [f"older than {self.days} days"] if self.days else []
        told += [f"beyond the newest {self.per_feed} of their source"] if self.per_feed else []
        return " or ".join(told)


def let_go(now: datetime, *, seconds: float) -> int:
    """Let go of what has had its time, for about `seconds`; later runs go on. How many entries it were."""
    limits, stop_at = Limits.of_settings(), time.monotonic() + seconds
    count = sources = 0
    for feed_id in _feeds(limits, now):
        of_feed = in_steps(partial(_step, feed_id, limits, now), until=stop_at)
        count, sources = count + of_feed, sources + bool(of_feed)
    if count:
        logger.info("the text of %d posts of %d sources was let go: %s", count, sources, limits)
    return count


def due_by_feed(now: datetime, limits: Limits) -> Iterator[tuple[Feed, int]]:
    """For each feed of which something would go, how many entries; nothing is changed."""
    for feed_id in _feeds(limits, now):
        feed = Feed.objects.get(pk=feed_id)
        ids = [pk for due in _due(feed, limits, now) for pk in due.values_list("pk", flat=True)]
        if ids:
            yield feed, _with_copies(ids).count()


def _feeds(limits: Limits, now: datetime) -> list[int]:
    """The ids of the feeds that may have something to let go; of thousands, on most days these are few."""
    found = set[int]()
    if limits.per_feed:
        found |= set(Feed.objects.filter(entry_count__gt=limits.per_feed).values_list("pk", flat=True))
    if limits.days:
        past = Entry.objects.order_by().filter(timeline_at__lt=now - timedelta(days=limits.days))
        for rows in (past.filter(LISTED), past.filter(TURNED_DOWN)):
            found |= set(rows.values_list("feed_id", flat=True).distinct())
    return sorted(found)


def _step(feed_id: int, limits: Limits, now: datetime) -> int:
    """Empty the next entries of a feed; how many. 0 if there are no more."""
    feed = Feed.objects.filter(pk=feed_id).first()
    ids = _next_ids(feed, limits, now) if feed else []
    if not ids:
        return 0
    with site_change():
        feed = Feed.objects.filter(pk=feed_id).locked().first()
        if feed is None:
            return 0
        lock_posts(_with_copies(ids).values_list("pk", flat=True))
        # Asked again, as others may have stored a copy meanwhile, or shown what was hidden.
        still = [pk for due in _due(feed, limits, now) for pk in due.filter(pk__in=ids).values_list("pk", flat=True)]
        emptied = list(_with_copies(still).values_list("pk", flat=True))
        count = empty(emptied, now)
        index(emptied)
        refresh_counts([feed])
        PostsLetGo.objects.add(now.date(), count)
        SiteState.objects.touch(now)
    return count


def _next_ids(feed: Feed, limits: Limits, now: datetime) -> list[int]:
    for due in _due(feed, limits, now):
        if ids := list(due.values_list("pk", flat=True)[:STEP_ENTRIES]):
            return ids
    return []


def _due(feed: Feed, limits: Limits, now: datetime) -> list[EntryQuerySet]:
    """The feed's entries that have had their time: those that are shown, and those that were turned down."""
    reach = _reach(feed, limits, now)
    if reach is None:
        return []
    past = Entry.objects.order_by().from_feed(feed).older_than(reach)
    copies = Entry.objects.filter(KEPT, duplicate_of=OuterRef("pk"), duplicate_of__isnull=False)
    younger = copies.filter(timeline_at__gte=reach.timeline_at)
    waiting = Entry.objects.filter(HELD, held_for=OuterRef("pk"), held_for__isnull=False)
    return [past.filter(LISTED).exclude(Exists(younger)).exclude(Exists(waiting)), past.filter(TURNED_DOWN)]


def _reach(feed: Feed, limits: Limits, now: datetime) -> Entry | None:
    """The place in page order after which nothing is kept, as an entry (that may be none of ours); None if all is."""
    places = [Entry(pk=0, timeline_at=now - timedelta(days=limits.days))] if limits.days else []
    if limits.per_feed and feed.entry_count > limits.per_feed:
        shown = Entry.objects.filter(LISTED, feed=feed).newest_first().only("timeline_at")
        places += shown[limits.per_feed - 1 : limits.per_feed]
    return max(places, key=lambda place: (place.timeline_at, place.pk), default=None)


def _with_copies(ids: list[int]) -> EntryQuerySet:
    own, copies = Entry.objects.kept().filter(pk__in=ids), Entry.objects.kept().filter(duplicate_of__in=ids)
    return own.union(copies)
