"""What a restored backup says of notifications is set right: it was written at another time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from aggregator.models import Entry
from notifications.models import Delivery, Mail

STILL_NEWS = timedelta(hours=1)
"""Since a post was first seen, or a notice made. What waited for longer has been told by the site that went on, or is
no news any more; a site that moves within the hour forgets nothing."""

TOO_LATE = "too late: a backup was restored"


def set_right(now: datetime, **kwargs: Any) -> None:
    """Announce nothing that was due long ago, and send at once what a sender had in hand who is no more."""
    late = now - STILL_NEWS
    Entry.objects.unannounced().filter(first_seen_at__lt=late).update(announced_at=now)
    Mail.objects.unfinished().filter(created_at__lt=late).update(
        state=Mail.State.NEEDLESS, reason=TOO_LATE, finished_at=now
    )
    waiting = Delivery.objects.unfinished()
    waiting.filter(notice__created_at__lt=late).update(
        state=Delivery.State.EXPIRED, reason=TOO_LATE, finished_at=now, lease=None
    )
    # They stay taken, as of a lease that has run out. Of a device that newer posts wait for, only one may wait.
    waiting.filter(state=Delivery.State.LEASED).update(lease=None, next_at=now)
