"""Unannounced entries become notices and deliveries: all of a run, or nothing, in one transaction.

    wait for a quiet moment ──> drop what is no news ──> group devices by what they want ──> write ──> mark as announced

The rows are the truth. An entry is announced once, however often a plan is asked for and wherever it is killed.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from aggregator.models import Entry, Feed
from notifications.models import AnnouncedEntry, Announcement, Delivery, Notice, PushSubscription
from notifications.push_services import service_of

from .payload import notice_text

logger = logging.getLogger(__name__)

MAX_NEWS_AGE = timedelta(days=3)
"""Older posts are no news."""
MAX_QUIET_WAIT = timedelta(minutes=2)
"""For a quiet moment; then whatever waits is announced."""
MAX_ENTRIES_PER_RUN = 5_000
"""In one run; a backlog takes several."""
ROWS_PER_CHUNK = 500
"""Memory must not grow with the number of devices, and SQLite takes a limited number of values in a statement."""
TOPIC = "posts"
"""All notices of new posts: of those that wait for a browser that is off, the newest is kept."""


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


# -- what each device wants ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What a device wants of the entries of a run; devices with equal wishes share a notice."""

    first: int
    """The entries before it came before the device."""
    everything: bool
    categories: frozenset[int]
    feeds: frozenset[int]
    text: str

    def chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        return [
            entry
            for entry in entries[self.first :]
            if self.everything or entry.feed_id in self.feeds or entry.feed.category_id in self.categories
        ]


def _wish(device: PushSubscription, arrivals: Sequence[datetime]) -> Wish:
    everything = device.wants_everything
    return Wish(
        first=bisect_right(arrivals, device.created_at),
        everything=everything,
        categories=frozenset() if everything else frozenset(category.pk for category in device.categories.all()),
        feeds=frozenset() if everything else frozenset(feed.pk for feed in device.feeds.all()),
        text=PushSubscription.Text.DETAILED if device.names_posts else PushSubscription.Text.GENERIC,
    )


def _devices(now: datetime) -> Iterator[list[PushSubscription]]:
    """Devices that may be told, in chunks: memory must not grow with their number.

    They are locked, so that nobody removes one in the meantime: a delivery without its device would undo the
    whole plan.
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
        self._entries = entries
        self._arrivals = [entry.first_seen_at for entry in entries]
        self._now = now
        self._announcement: Announcement | None = None
        self._notices: dict[Wish, Notice | None] = {}
        self._same: dict[tuple[str, tuple[int, ...]], Notice] = {}

    def write(self, devices: Sequence[PushSubscription]) -> int:
        told = [(device, self._notice(_wish(device, self._arrivals))) for device in devices]
        deliveries = [self._delivery(device, notice) for device, notice in told if notice is not None]
        Delivery.objects.bulk_create(deliveries)
        return len(deliveries)

    def _delivery(self, device: PushSubscription, notice: Notice) -> Delivery:
        return Delivery(
            notice=notice,
            announcement=self._announcement,
            device=device,
            device_name=device.name,
            service=service_of(device.endpoint),
            next_at=self._now,
            created_at=self._now,
        )

    def _notice(self, wish: Wish) -> Notice | None:
        """The notice for a wish; None if it comes to no entry. Different wishes can come to the same entries."""
        if wish not in self._notices:
            chosen = wish.chosen(self._entries)
            key = (wish.text, tuple(entry.pk for entry in chosen))
            if chosen and key not in self._same:
                self._same[key] = self._new_notice(chosen, wish.text)
            self._notices[wish] = self._same.get(key)
        return self._notices[wish]

    def _new_notice(self, chosen: Sequence[Entry], text: str) -> Notice:
        if self._announcement is None:
            self._announcement = Announcement.objects.create(created_at=self._now)
            AnnouncedEntry.objects.bulk_create(
                [AnnouncedEntry(announcement=self._announcement, entry=entry) for entry in self._entries],
                batch_size=ROWS_PER_CHUNK,
            )
        title, body = notice_text(chosen, text=text, site_name=settings.SITE_NAME)
        return Notice.objects.create(
            announcement=self._announcement,
            title=title,
            body=body,
            entry=chosen[-1],
            entry_count=len(chosen),
            topic=TOPIC,
            created_at=self._now,
            expires_at=self._now + timedelta(hours=settings.PUSH_LIFETIME_HOURS),
        )
