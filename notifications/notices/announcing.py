"""News become notices and deliveries, in chunks of devices; within the planner's transaction.

What still waits for a device is told together with the new: one delivery takes the place of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from notifications.models import Announcement, Delivery, Notice, PushSubscription
from notifications.push_services import service_of

from .news import ROWS_PER_CHUNK, TOLD_TOGETHER, TOO_LATE
from .telling import Announced, News, Notices, Telling, Wish


def announce(telling: Telling, items: Sequence[Any], now: datetime) -> int:
    """Tell every device what it wants of these; how many deliveries were written."""
    run = Announcing(telling, items, now)
    return sum(run.write(devices) for devices in _devices(now))


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


class Announcing:
    """The rows of one announcement, made as far as somebody wants them."""

    def __init__(self, telling: Telling, items: Sequence[Any], now: datetime) -> None:
        self._telling = telling
        self._news = telling.news(items)
        self._now = now
        self._wanted: dict[tuple[int, Wish], list[Any]] = {}
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
            stream=self._telling.stream,
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
        waiting = Delivery.objects.waiting_for([device.pk for device in devices]).of(self._telling.stream)
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

    def _chosen(self, device: PushSubscription, news: News, first: int) -> list[Any]:
        """What the device wants of the news since the announcement `first`; 0 for the new ones alone."""
        key = (first, news.wish(device))
        if key not in self._wanted:
            self._wanted[key] = key[1].chosen(news.items)
        return self._wanted[key]

    def _news_since(self, first: int) -> News:
        if first not in self._together:
            self._together[first] = self._telling.news([*self._announced.since(first), *self._news.items])
        return self._together[first]

    @cached_property
    def _announced(self) -> Announced:
        """What was announced before, as far as something that isn't settled yet is about it."""
        first = Delivery.objects.unfinished().of(self._telling.stream).first_announcement()
        return self._telling.lately(self._now, first=first, last=self._announcement.pk - 1)

    @cached_property
    def _notices(self) -> Notices:
        return self._telling.notices(self._announcement.pk, self._now)

    @cached_property
    def _announcement(self) -> Announcement:
        made = Announcement.objects.create(created_at=self._now)
        self._telling.record(made, self._news.items)
        return made
