"""Rows that were written while the clock was ahead are set right once it is right again.

A machine can start with next year's date. The feeds that it polls then aren't due before next year, their posts stand
above all others until then, and the feeds that it has claimed stay claimed.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value

from aggregator.ingest.schedule import GONE_AFTER, PROBE_SECONDS
from aggregator.models import Entry, EntryAuthor, EntryQuerySet, Feed, FeedQuerySet, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import Locked, lock_kind
from aggregator.models.tagging import follow
from aggregator.search.index import index

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(minutes=10)
"""Clocks of machines that share a database differ a little; by more than this, one of them is wrong."""
_WITNESS_ENTRIES = 50
"""The newest posts, whose dates other people's clocks wrote, tell which clock is wrong."""
_MAX_DATE_AHEAD = timedelta(days=1)
"""A post's date may be a little later than now: it may be this clock that lost an hour."""


def set_right(now: datetime, *, lease_seconds: float) -> None:
    """Undo what a clock did that was ahead of `now`: no feed waits longer than it should, no post stays on top.

    A feed that was polled "later than now" waits from now on as long as it was to wait then; so nothing is asked
    sooner than it wished. A claim or a due date beyond all that we give out no longer counts.
    """
    overpolled = Feed.objects.filter(last_polled_at__gt=now + TOLERANCE)
    overdue = _never_due(now, lease_seconds)
    wrong = overpolled | overdue
    if not wrong.exists():
        return
    with site_change():
        list(wrong.locked())
        lock_kind(Locked.POSTS)  # before entries are changed; `models.sql` tells the order of locks
        if not _is_behind(now):
            _set_entries_right(Entry.objects.filter(feed__in=overpolled, first_seen_at__gt=now + TOLERANCE), now)
            _give_another_chance(overpolled, now)
        count = _set_feeds_right(overpolled, now) + overdue.update(next_poll_at=now)
    logger.warning("clock differs from what wrote the rows feeds=%d", count)


def _never_due(now: datetime, lease_seconds: float) -> FeedQuerySet:
    """Feeds that wait or are claimed for longer than anything here makes them."""
    longest_wait = now + TOLERANCE + timedelta(seconds=PROBE_SECONDS)
    longest_lease = now + TOLERANCE + timedelta(seconds=lease_seconds)
    claimed = Q(lease__isnull=False, next_poll_at__gt=longest_lease)
    return Feed.objects.polled().filter(Q(next_poll_at__gt=longest_wait) | claimed)


def _is_behind(now: datetime) -> bool:
    """Whether it is this clock that is wrong: most of the newest posts bear, by their authors' clocks, later dates."""
    dated = Entry.objects.listed().filter(published_at__isnull=False)
    dates = dated.newest_first().values_list("published_at", flat=True)[:_WITNESS_ENTRIES]
    later = [date is not None and date > now + TOLERANCE for date in dates]
    return 2 * sum(later) > len(later)


def _set_feeds_right(feeds: FeedQuerySet, now: datetime) -> int:
    feeds.filter(last_ok_at__gt=now).update(last_ok_at=now)
    if feeds.filter(failing_since__gt=now).update(failing_since=now):
        SiteState.objects.touch(now)  # their pages may say since when they fail
    feeds.filter(moved_since__gt=now).update(moved_since=now)
    feeds.filter(unchanged_since__gt=now).update(unchanged_since=now)
    return feeds.update(
        next_poll_at=_as_long_from_now("next_poll_at", now),
        rests_until=_as_long_from_now("rests_until", now),
        last_polled_at=now,
    )


def _as_long_from_now(name: str, now: datetime) -> ExpressionWrapper:
    wait = ExpressionWrapper(F(name) - F("last_polled_at"), output_field=DurationField())
    return ExpressionWrapper(Value(now, output_field=DateTimeField()) + wait, output_field=DateTimeField())


def _give_another_chance(feeds: FeedQuerySet, now: datetime) -> None:
    """Feeds that only the wrong clock can have given up, as nothing has been missing for that long."""
    given_up = feeds.filter(state=Feed.State.GONE, last_ok_at__isnull=False)
    by_mistake = given_up.filter(failing_since__gt=now - GONE_AFTER)
    if by_mistake.update(state=Feed.State.ACTIVE, next_poll_at=now):
        SiteState.objects.touch(now)  # readers no longer see that they are gone


def _set_entries_right(entries: EntryQuerySet, now: datetime) -> None:
    feeds = Feed.objects.filter(pk__in=entries.order_by().values_list("feed", flat=True).distinct())
    moved = list(feeds)
    if not moved:
        return
    ids = list(entries.values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        _place_anew(Entry.objects.filter(pk__in=ids[start : start + 500]), now)
        index(ids[start : start + 500])
        follow(Q(pk__in=ids[start : start + 500]))  # also those that stay within their day
    refresh_counts(moved)
    SiteState.objects.touch(now)


def _place_anew(entries: EntryQuerySet, now: datetime) -> None:
    """Show posts at their date; those without a date, or with one that can't be, now."""
    entries.filter(published_at__lte=now).update(timeline_at=F("published_at"))
    unplaced = Q(published_at__isnull=True) | Q(published_at__gt=now + _MAX_DATE_AHEAD)
    entries.filter(unplaced, timeline_at__gt=now).update(timeline_at=now)
    entries.filter(announced_at=F("first_seen_at")).update(announced_at=now)  # "never to be announced" stays that
    entries.update(first_seen_at=now)
    EntryAuthor.objects.filter(entry__in=entries.values("pk")).follow_entries()
