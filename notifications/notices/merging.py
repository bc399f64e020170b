"""A delivery that must be tried again, and a newer one that waits for the same device, become one.

The planner does this for what waits when it runs. Here it is done for a message that was on its way at that moment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notifications.models import Delivery, Notice, PushSubscription

from .telling import TELLINGS, Announced, News, Notices, Wish

Span = tuple[int, int]
"""The first and the last of some announcements."""


def newer_than(delivery: Delivery) -> Delivery | None:
    """What waits for the same device by now, of the same stream; None for a test."""
    if delivery.announcement_id is None or delivery.device_id is None:
        return None
    waiting = Delivery.objects.waiting_for([delivery.device_id]).of(delivery.stream).filter(pk__gt=delivery.pk)
    return waiting.select_related("notice", "device").first()


class Merging:
    """Makes notices that tell what two told, for one run of the sender: devices with equal sets share one.

    What was announced is read once for the run, as a push service that is down fails for thousands of devices.
    """

    def __init__(self) -> None:
        self._of_stream: dict[str, _OfStream] = {}

    def take_in(self, newer: Delivery, older: Delivery, until: datetime, reason: str, now: datetime) -> None:
        """Let the newer one, if it still waits, tell what the older told, too, and no sooner than that may go.

        Within a transaction that has the device locked.
        """
        notices = self._of_stream.setdefault(newer.stream, _OfStream(newer.stream))
        span = (older.notice.span[0], newer.notice.span[1])
        notice = notices.notice(newer.device, span, now) if newer.device else None
        Delivery.objects.waiting().filter(pk=newer.pk).update(
            state=Delivery.State.RETRY,
            notice=notice or newer.notice,
            next_at=max(newer.next_at, until),
            attempts=older.attempts,
            reason=reason[:200],
        )


class _OfStream:
    """What one run knows of a stream."""

    def __init__(self, stream: str) -> None:
        self._telling = TELLINGS[stream]()
        self._announced: dict[Span, Announced] = {}
        self._news: dict[Span, News] = {}
        self._chosen: dict[tuple[Span, Wish], list[Any]] = {}
        self._notices: dict[int, Notices] = {}

    def notice(self, device: PushSubscription, span: Span, now: datetime) -> Notice | None:
        """What tells the device of these announcements; None if nothing of them is left for it."""
        if span not in self._announced:
            first, last = span
            self._announced[span] = self._telling.lately(now, first=first, last=last)
            self._news[span] = self._telling.news(self._announced[span].items)
            self._notices.setdefault(last, self._telling.notices(last, now))
        wish = self._news[span].wish(device)
        if (span, wish) not in self._chosen:
            self._chosen[span, wish] = wish.chosen(self._news[span].items)
        items = self._chosen[span, wish]
        return self._notices[span[1]].of(items, device.wording, self._announced[span].oldest(items))
