"""What restored rows say of the present is set right: they were written at another time, maybe by another machine."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session

from aggregator.models import Feed, SiteState, site_change
from aggregator.signals import site_restored


def make_current(now: datetime) -> None:
    """No worker has a feed any more, no page that was kept somewhere counts as current, and everybody logs in anew.

    Feeds that became due meanwhile are due. A session that ended since the backup must not live again.
    """
    with site_change():
        Feed.objects.filter(lease__isnull=False).update(lease=None, next_poll_at=now)
        SiteState.objects.touch(now)  # by a step that nobody knows, so no version of the time between comes again
    Session.objects.all().delete()
    site_restored.send(sender=None, now=now)
