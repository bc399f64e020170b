"""A delivery that must be tried again, and a newer one that waits for the same device, become one.

The planner does this for what waits when it runs. Here it is done for a message that was on its way at that moment.
"""

from __future__ import annotations

from datetime import datetime

from aggregator.models import Entry
from notifications.models import Delivery, Notice, PushSubscription

from .news import Announced, News, Notices, Wish

Span = tuple[int, int]
"""The first and the last of some announcements."""


def newer_than(delivery: Delivery) -> Delivery | None:
    """What waits for the same device by now, if this is about posts."""
    if delivery.announcement_id is None or delivery.device_id is None:
        return None
    waiting = Delivery.objects.waiting_for([delivery.device_id]).filter(pk__gt=delivery.pk)
    return waiting.select_related("notice", "device").first()


class Merging:
    """Makes notices that count the posts of two, for one run of the sender: devices with equal sets share one.

    What was announced is read once for the run, as a push service that is down fails for thousands of devices.
    """

    def __init__(self) -> None:
        self._announced: dict[Span, Announced] = {}
        self._news: dict[Span, News] = {}
        self._chosen: dict[tuple[Span, Wish], list[Entry]] = {}
        self._notices: dict[int, Notices] = {}

    def take_in(self, newer: Delivery, older: Delivery, until: datetime, reason: str, now: datetime) -> None:
        """Let the newer one, if it still waits, tell of the posts of the older, too, and no sooner than that may go.

        Within a transaction that has the device locked.
        """
        notice = self._notice(newer.device, (older.notice.span[0], newer.notice.span[1]), now) if newer.device else None
        Delivery.objects.waiting().filter(pk=newer.pk).update(
            state=Delivery.State.RETRY,
            notice=notice or newer.notice,
            next_at=max(newer.next_at, until),
            attempts=older.attempts,
            reason=reason[:200],
        )

    def _notice(self, device: PushSubscription, span: Span, now: datetime) -> Notice | None:
        """What tells the device of these announcements; None if nothing of them is left for it."""
        if span not in self._announced:
            first, last = span
            self._announced[span] = Announced.lately(now, first=first, last=last)
            self._news[span] = News(self._announced[span].entries)
            self._notices.setdefault(last, Notices(last, now))
        wish = self._news[span].wish(device)
        if (span, wish) not in self._chosen:
            self._chosen[span, wish] = wish.chosen(self._news[span].entries)
        entries = self._chosen[span, wish]
        return self._notices[span[1]].of(entries, device.wording, self._announced[span].oldest(entries))
