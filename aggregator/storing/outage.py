"""Whether this site's own network is down: then no feed is to blame for its silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from aggregator.ingest.errors import ConnectionFailed, IngestError, NameNotFound, TimedOut
from aggregator.models import Feed

MAX_ANSWER_AGE = timedelta(hours=1)
"""An answer within this time, of whatever host, shows that our network was up."""
MAX_SILENCE_AGE = timedelta(days=1)
"""A host counts as silent if it didn't answer within this time: during an outage, some feeds are asked only every few
hours."""
MIN_SILENT_HOSTS = 5
"""Fewer can all be down by chance."""
_UNANSWERED = (NameNotFound, ConnectionFailed, TimedOut)
_IS_SILENT = Q(last_error_kind__in=[each.kind for each in _UNANSWERED])


def is_ours(error: IngestError, feed: Feed, now: datetime) -> bool:
    """Whether our network is likely to be at fault for this failure of the feed.

    So it is if the feed's host didn't answer, and no other did since the feed was last asked (at most an hour ago),
    and several hosts were silent within a day. The first failure of each feed in an outage counts like any other, and
    later ones don't. So feeds are still asked every hour or two; if all counted, a weekend without a network would put
    them off until next week. Nor is any feed given up for it.
    """
    if not isinstance(error, _UNANSWERED):
        return False
    since = max(feed.last_polled_at or now - MAX_ANSWER_AGE, now - MAX_ANSWER_AGE)
    return is_likely(now, since=since, silent_since=now - MAX_SILENCE_AGE)


def is_likely(now: datetime, *, since: datetime, silent_since: datetime) -> bool:
    """Whether nobody has answered since `since`, and several hosts were silent since `silent_since`."""
    asked = Feed.objects.filter(last_polled_at__gt=since, last_polled_at__lte=now)
    if asked.filter(Q(last_ok_at__gt=since) | ~_IS_SILENT).exists():
        return False
    silent = Feed.objects.filter(_IS_SILENT, last_polled_at__gt=silent_since, last_polled_at__lte=now)
    return silent.values("host").distinct()[:MIN_SILENT_HOSTS].count() == MIN_SILENT_HOSTS
