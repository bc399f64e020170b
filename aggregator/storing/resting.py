"""A server that asks to be left alone is left alone, for all feeds of its host: one server answers for them all.

It answers for no other host. A feed whose address leads to it by a redirect waits, too, and its neighbors don't: else
any author of a shared host could silence all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Max, Q

from aggregator.ingest.errors import HttpStatus, IngestError
from aggregator.ingest.schedule import retry_after_seconds
from aggregator.models import Feed

_BUSY = frozenset({429, 503})
"""The statuses whose Retry-After is obeyed: too many requests, and unavailable (RFC 6585, RFC 9110)."""


def asked_rest(error: IngestError, now: datetime) -> datetime | None:
    """Until when the server that gave this answer wants to be left alone, at most a week; None if it didn't say."""
    if not isinstance(error, HttpStatus) or error.status not in _BUSY:
        return None
    seconds = retry_after_seconds(error.retry_after, now)
    return None if seconds is None else now + timedelta(seconds=seconds)


def answering_host(error: IngestError, url: str) -> str:
    """The host that gave this answer; of the address that was asked, if the answer doesn't say."""
    return (error.host if isinstance(error, HttpStatus) else "") or urlsplit(url).hostname or ""


def let_rest(host: str, until: datetime, now: datetime, *, apart_from: Feed | None = None) -> None:
    """Ask for no feed of the host before `until`.

    A feed that a worker is asking right now keeps its claim: the answer to that poll tells the worker what to do.
    `apart_from` is the feed whose poll the caller is storing: the caller writes that row itself. In a transaction, call
    this before any feed is locked, because it locks all of the host; `sql` tells the order of locks.
    """
    apart = apart_from.pk if apart_from else None
    with transaction.atomic():
        # That one is locked here too, even if it is on another host by now: to lock it later would be out of order.
        rows = Feed.objects.filter(Q(host=host) | Q(pk=apart)).locked()
        ids = {row.pk for row in rows if row.host == host} - {apart}
        Feed.objects.filter(pk__in=ids).update(rests_until=until, resting_host=host)
        feeds = Feed.objects.filter(pk__in=ids).unclaimed(now)
        # A claim that has run out loses its lease: with the later date, it would be valid again.
        feeds.filter(next_poll_at__lt=until).update(next_poll_at=until, lease=None)


def wishes(now: datetime) -> dict[str, str]:
    """A sentence about each host that asked to be left alone for longer."""
    resting = Feed.objects.filter(rests_until__gt=now).values_list("resting_host").annotate(until=Max("rests_until"))
    return {host: f"Its server asked to be left alone until {until:%Y-%m-%d %H:%M} UTC." for host, until in resting}


def wish_of(feed: Feed, wishes: Mapping[str, str], now: datetime) -> str:
    """The sentence, of those that `wishes` found, for which this feed waits; empty if it doesn't."""
    is_resting_itself = feed.rests_until is not None and feed.rests_until > now
    return wishes.get(feed.host) or (wishes.get(feed.resting_host, "") if is_resting_itself else "")
