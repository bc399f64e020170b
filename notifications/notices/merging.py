"""A delivery that must be tried again, and a newer one that waits for the same device, become one.

The planner does this for what waits when it runs. Here it is done for a message that was on its way at that moment.
"""

from __future__ import annotations

from datetime import datetime

from notifications.models import Delivery

from .news import Announced, News, Notices


class Merging:
    """Makes notices that count the posts of two, for one run of the sender: devices with equal sets share one."""

    def __init__(self) -> None:
        self._notices: dict[int, Notices] = {}

    def take_in(self, newer: Delivery, older: Delivery, until: datetime, reason: str, now: datetime) -> None:
        """Let the newer one, which waits, tell of the posts of the older, too, and no sooner than that may go again.

        Within a transaction that has the device locked.
        """
        notice = newer.notice
        (first, _), (_, last) = older.notice.span, notice.span
        announced = Announced.lately(now, first=first, last=last)
        entries = News(announced.entries).chosen(newer.device) if newer.device else []
        if entries:
            if last not in self._notices:
                self._notices[last] = Notices(last, now)
            notice = self._notices[last].of(
                entries, newer.device.wording if newer.device else "", announced.oldest(entries)
            )
        Delivery.objects.filter(pk=newer.pk).update(
            state=Delivery.State.RETRY,
            notice=notice,
            next_at=max(newer.next_at, until),
            attempts=older.attempts,
            reason=reason[:200],
        )
