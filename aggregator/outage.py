"""Whether it is this site's own network that is down: then no feed is to blame for its silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from .ingest.errors import ConnectionFailed, IngestError, NameNotFound, TimedOut
from .models import Feed

SILENCE = timedelta(hours=1)
FEWEST_HOSTS = 5
"""Of fewer, all can be down by chance."""
_UNANSWERED = (NameNotFound, ConnectionFailed, TimedOut)


def is_ours(error: IngestError, now: datetime) -> bool:
    """Whether a host's silence comes after that of all others that were asked within the hour.

    The first failures of an outage count like any other; what is tried again after them does not, so that feeds are
    asked hourly and not, after a weekend without a network, next week. Nor is any given up for it.
    """
    if not isinstance(error, _UNANSWERED):
        return False
    asked = Feed.objects.filter(last_polled_at__gt=now - SILENCE, last_polled_at__lte=now)
    if asked.exclude(last_error_kind__in=[each.kind for each in _UNANSWERED]).exists():
        return False
    return asked.values("host").distinct()[:FEWEST_HOSTS].count() == FEWEST_HOSTS
