"""Whether it is this site's own network that is down: then no feed is to blame for its silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from aggregator.ingest.errors import ConnectionFailed, IngestError, NameNotFound, TimedOut
from aggregator.models import Feed

SILENCE = timedelta(hours=1)
REMEMBERED = timedelta(days=1)
FEWEST_HOSTS = 5
"""Of fewer, all can be down by chance."""
_UNANSWERED = (NameNotFound, ConnectionFailed, TimedOut)
_SILENT = Q(last_error_kind__in=[each.kind for each in _UNANSWERED])


def is_ours(error: IngestError, feed: Feed, now: datetime) -> bool:
    """Whether nobody has answered since the feed was last asked, or for an hour, of several hosts; nor it, now.

    The first failures of an outage count like any other; what is tried again after them does not, so that feeds are
    asked every hour or two and not, after a weekend without a network, next week. Nor is any given up for it.
    """
    if not isinstance(error, _UNANSWERED):
        return False
    since = max(feed.last_polled_at or now - SILENCE, now - SILENCE)
    return is_likely(now, since=since, silent_since=now - REMEMBERED)


def is_likely(now: datetime, *, since: datetime, silent_since: datetime) -> bool:
    """Whether nobody has answered since the one moment, and several hosts were silent since the other."""
    asked = Feed.objects.filter(last_polled_at__gt=since, last_polled_at__lte=now)
    if asked.filter(Q(last_ok_at__gt=since) | ~_SILENT).exists():
        return False
    silent = Feed.objects.filter(_SILENT, last_polled_at__gt=silent_since, last_polled_at__lte=now)
    return silent.values("host").distinct()[:FEWEST_HOSTS].count() == FEWEST_HOSTS
