"""Unannounced entries become notices and deliveries: all of a run, or nothing, in one transaction.

    wait for a quiet moment ──> drop what is no news ──> group devices by what they want ──> write ──> mark as announced

What still waits for a device is told together with the new: one delivery takes the place of the other.
The rows are the truth. An entry is announced once, however often a plan is asked for and wherever it is killed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from aggregator.models import Entry, Feed
from notifications.models import AnnouncedEntry

from .announcing import announce
from .news import PostsTelling

logger = logging.getLogger(__name__)

MAX_NEWS_AGE = timedelta(days=3)
"""Older posts are no news."""
MAX_QUIET_WAIT = timedelta(minutes=2)
"""For a quiet moment; then whatever waits is announced."""
MAX_ENTRIES_PER_RUN = 5_000
"""In one run; a backlog takes several."""


def ready_at(now: datetime) -> datetime | None:
    """When the entries that wait may be announced; None if none waits.

    A run of the poller brings posts feed by feed, and people want one notice of them all. So this is the moment when
    nothing has come for PUSH_QUIET_SECONDS; not while a feed is being polled; but never later than two minutes after
    the first.
    """
    waiting = Entry.objects.unannounced().aggregate(oldest=Min("first_seen_at"), newest=Max("first_seen_at"))
    oldest, newest = waiting["oldest"], waiting["newest"]
    if oldest is None or not settings.PUSH_QUIET_SECONDS:
        return cast("datetime | None", oldest)
    quiet = timedelta(seconds=settings.PUSH_QUIET_SECONDS)
    is_polling = Feed.objects.claimed(now).exists()
    quiet_at = max(newest + quiet, now + quiet) if is_polling else newest + quiet
    return min(quiet_at, oldest + MAX_QUIET_WAIT)


def plan(now: datetime) -> int:
    """Announce the entries that wait, if the moment has come; the number of deliveries that were written."""
    ready = ready_at(now)
    if ready is None or ready > now:
        return 0
    with transaction.atomic():
        waiting = _claim()
        entries = _news(waiting, now)
        count = announce(PostsTelling(), entries, now) if entries else 0
        Entry.objects.filter(pk__in=waiting).update(announced_at=now)
    logger.info("planned entries=%d news=%d deliveries=%d", len(waiting), len(entries), count)
    return count


def _claim() -> list[int]:
    """Entries that wait, locked against other planners."""
    can_skip = connection.features.has_select_for_update_skip_locked
    waiting = Entry.objects.unannounced().select_for_update(skip_locked=can_skip)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:MAX_ENTRIES_PER_RUN])


def _news(waiting: Sequence[int], now: datetime) -> list[Entry]:
    """Of these entries, those that anyone is to be told of, in the order in which they came."""
    since = now - MAX_NEWS_AGE
    already = AnnouncedEntry.objects.filter(entry__in=waiting).values("entry")
    news = Entry.objects.listed().from_active_feeds().filter(pk__in=waiting).exclude(pk__in=already)
    news = news.filter(Q(published_at__isnull=True) | Q(published_at__gt=since), first_seen_at__gt=since)
    return list(news.with_feed().without_content().order_by("first_seen_at", "pk"))
