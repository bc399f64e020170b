"""Unannounced entries become notices and deliveries: all of a run, or nothing, in one transaction.

    wait for a quiet moment ──> drop what is no news ──> group devices by what they want ──> write ──> mark as announced

What still waits for a device is told together with the new: one delivery takes the place of the other.
The rows are the truth. An entry is announced once, however often a plan is asked for and wherever it is killed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from aggregator.models import Entry, Feed
from notifications.models import AnnouncedEntry, Announcement, Delivery, Notice, PushSubscription
from notifications.push_services import service_of

from .news import TOLD_TOGETHER, TOO_LATE, Announced, News, Notices, Wish

logger = logging.getLogger(__name__)

MAX_NEWS_AGE = timedelta(days=3)
"""Older posts are no news."""
MAX_QUIET_WAIT = timedelta(minutes=2)
"""For a quiet moment; then whatever waits is announced."""
MAX_ENTRIES_PER_RUN = 5_000
"""In one run; a backlog takes several."""
ROWS_PER_CHUNK = 500
"""Memory must not grow with the number of devices, and SQLite takes a limited number of values in a statement."""


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
        count = _announce(entries, now) if entries else 0
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


def _devices(now: datetime) -> Iterator[list[PushSubscription]]:
    """Devices that may be told, in chunks: memory must not grow with their number.

    They are locked, so that nobody removes one in the meantime: a delivery without its device would undo the
    whole plan. After the entries, and before what waits for them: `aggregator.models.sql` tells the order.
    """
    active = PushSubscription.objects.active().of_curators()
    active = active.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    active = active.select_for_update(of=("self",), no_key=True).prefetch_related("categories", "feeds").order_by("pk")
    last = 0
    while chunk := list(active.filter(pk__gt=last)[:ROWS_PER_CHUNK]):
        yield chunk
        last = chunk[-1].pk


# -- writing ---------------------------------------------------------------------------------------------------------


def _announce(entries: Sequence[Entry], now: datetime) -> int:
    run = _Announcing(entries, now)
    return sum(run.write(devices) for devices in _devices(now))


class _Announcing:
    """The rows of one announcement, made as far as somebody wants them."""

    def __init__(self, entries: Sequence[Entry], now: datetime) -> None:
        self._news = News(entries)
        self._now = now
        self._wanted: dict[tuple[int, Wish], list[Entry]] = {}
        self._together: dict[int, News] = {}

    def write(self, devices: Sequence[PushSubscription]) -> int:
        waiting = self._waiting(devices)
        told = [(device, waiting.get(device.pk), self._notice(device, waiting.get(device.pk))) for device in devices]
        written = [(device, older, notice) for device, older, notice in told if notice is not None]
        self._end([older for _, older, _ in written if older is not None], Delivery.State.MERGED, TOLD_TOGETHER)
        deliveries = [self._delivery(device, older, notice) for device, older, notice in written]
        Delivery.objects.bulk_create(deliveries)
        return len(deliveries)

    def _delivery(self, device: PushSubscription, older: Delivery | None, notice: Notice) -> Delivery:
        """It waits as long as the one whose place it takes: its push service is asked no sooner, and not anew."""
        return Delivery(
            notice=notice,
            announcement=self._announcement,
            device=device,
            device_name=device.name,
            service=service_of(device.endpoint),
            state=older.state if older else Delivery.State.PENDING,
            attempts=older.attempts if older else 0,
            reason=older.reason if older else "",
            status=older.status if older else None,
            next_at=max(older.next_at, self._now) if older else self._now,
            created_at=self._now,
        )

    # -- what still waits ----------------------------------------------------------------------------------------------

    def _waiting(self, devices: Sequence[PushSubscription]) -> dict[int | None, Delivery]:
        """What waits for these devices, by device, locked against workers that would take it."""
        waiting = Delivery.objects.waiting_for([device.pk for device in devices])
        locked = list(waiting.select_related("notice").select_for_update(of=("self",)).order_by("pk"))
        outdated = [delivery for delivery in locked if delivery.notice.expires_at <= self._now]
        self._end(outdated, Delivery.State.EXPIRED, TOO_LATE)
        return {delivery.device_id: delivery for delivery in locked if delivery not in outdated}

    def _end(self, deliveries: Sequence[Delivery], state: Delivery.State, reason: str) -> None:
        if deliveries:
            rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
            rows.update(state=state, finished_at=self._now, reason=reason)

    # -- notices -------------------------------------------------------------------------------------------------------

    def _notice(self, device: PushSubscription, older: Delivery | None) -> Notice | None:
        """What the device is told; None if there is nothing new for it. Different wishes can come to equal posts."""
        if not self._chosen(device, self._news, 0):
            return None
        if older is None:
            return self._notices.of(self._chosen(device, self._news, 0), device.wording, None)
        first, _ = older.notice.span
        entries = self._chosen(device, self._news_since(first), first)
        return self._notices.of(entries, device.wording, self._announced.oldest(entries))

    def _chosen(self, device: PushSubscription, news: News, first: int) -> list[Entry]:
        """What the device wants of the news since the announcement `first`; 0 for the new ones alone."""
        key = (first, news.wish(device))
        if key not in self._wanted:
            self._wanted[key] = key[1].chosen(news.entries)
        return self._wanted[key]

    def _news_since(self, first: int) -> News:
        if first not in self._together:
            self._together[first] = News([*self._announced.since(first), *self._news.entries])
        return self._together[first]

    @cached_property
    def _announced(self) -> Announced:
        """What was announced before, as far as something that isn't settled yet is about it."""
        first = Delivery.objects.unfinished().first_announcement()
        return Announced.lately(self._now, first=first, last=self._announcement.pk - 1)

    @cached_property
    def _notices(self) -> Notices:
        return Notices(self._announcement.pk, self._now)

    @cached_property
    def _announcement(self) -> Announcement:
        made = Announcement.objects.create(created_at=self._now)
        AnnouncedEntry.objects.bulk_create(
            [AnnouncedEntry(announcement=made, entry=entry) for entry in self._news.entries],
            batch_size=ROWS_PER_CHUNK,
        )
        return made
