"""Polls for tests, feed by feed, at the moment at which they play."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aggregator.models import Feed, FeedQuerySet
from aggregator.polling.conductor import poll
from aggregator.polling.outcomes import Outcome

from .factories import NOW, make_feed


def outcomes_of(among: FeedQuerySet | None = None, **options: Any) -> list[Outcome]:
    """What became of each feed that was polled, in the order in which they were stored."""
    outcomes: list[Outcome] = []
    poll(among, on_outcome=outcomes.append, **options)
    return outcomes


def pending(url: str, **fields: object) -> Feed:
    return make_feed(url=url, **{"state": Feed.State.PENDING, "last_ok_at": None, **fields})


def clock(now: datetime = NOW) -> Callable[[], datetime]:
    return lambda: now


def poll_one(feed: Feed, now: datetime = NOW) -> Outcome:
    [outcome] = outcomes_of(Feed.objects.filter(pk=feed.pk), clock=clock(now))
    return outcome
