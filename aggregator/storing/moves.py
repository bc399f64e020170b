"""Follows a feed that has moved, but not a captive portal: one that redirects everything must not change addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction

from aggregator.ingest.address import host_of, normalize_url
from aggregator.models import Feed, RemovedSource
from aggregator.models.names import lock_names

MIN_EQUAL_ANSWERS = 3
"""A single redirect may be an accident, or a hotel's network that wants a login."""
MIN_REDIRECT_AGE = timedelta(hours=24)
"""Such a network, or a mistake in a server's settings, is mostly gone after a day."""
MAX_COUNTED_ANSWERS = 1000
"""Counted no further, as the column takes small numbers only."""

_KEPT_SPELLINGS = 256
"""More than the feeds that are stored together; each is asked for its goal several times then."""
_spelling = lru_cache(maxsize=_KEPT_SPELLINGS)(normalize_url)


def follow_move(feed: Feed, permanent_url: str, now: datetime) -> None:
    """Point the feed (unsaved) to where its permanent redirect leads, once that may be believed.

    That is at once within the same site, and for a feed that has never been read; otherwise after three equal answers
    over at least a day. An address that another feed already has is not taken, as that is the same feed, nor one that
    was removed. While the feed looks like another one, or is read where another one is, it stays where it is.
    """
    if feed.is_drifting or feed.double_of_id:
        return
    goal = goal_of(feed, permanent_url)
    if not goal:
        feed.moved_to, feed.moved_since, feed.moved_count = "", None, 0
        return
    if feed.moved_to != goal:
        feed.moved_to, feed.moved_since, feed.moved_count = goal, now, 0
    feed.moved_count = min(feed.moved_count + 1, MAX_COUNTED_ANSWERS)
    if _is_believed(feed, now) and not (Feed.objects.filter(url=goal).exists() or removed_place(goal, feed)):
        feed.point_to(goal)
        feed.moved_to, feed.moved_since, feed.moved_count = "", None, 0


def point_new_feed_to(feed: Feed, url: str) -> bool:
    """Point a new feed, whose lease is ours, to the feed that its page names.

    False if another has that address, or leads there.
    """
    with transaction.atomic():
        ours = Feed.objects.filter(pk=feed.pk, lease=feed.lease)
        list(ours.locked())
        lock_names(addresses=[url])
        if Feed.objects.read_at([url]).exclude(pk=feed.pk).exists():
            return False
        feed.point_to(url)
        ours.update(url=feed.url, host=feed.host, etag="", last_modified="", body_hash="")
    return True


def goal_of(feed: Feed, permanent_url: str) -> str:
    """The address, as feeds' rows spell it, to which the feed is sent for good; empty for none, or its own.

    It is empty, too, if no feed can have that address, for example because it is too long.
    """
    try:
        goal = _spelling(permanent_url)
    except ValueError:
        return ""
    return "" if goal == feed.url else goal


def removed_place(goal: str, feed: Feed) -> RemovedSource | None:
    """The removed place in which it lies, unless the feed, that is here all the same, lies there, too."""
    removed = RemovedSource.objects.covering([goal, feed.url])
    place = removed.get(goal)
    return None if place == removed.get(feed.url) else place


def _is_believed(feed: Feed, now: datetime) -> bool:
    if feed.last_ok_at is None or host_of(feed.moved_to) == host_of(feed.url):
        return True
    since = feed.moved_since or now
    return feed.moved_count >= MIN_EQUAL_ANSWERS and now - since >= MIN_REDIRECT_AGE
