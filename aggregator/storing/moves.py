"""A feed that moved is followed; a captive portal must not rewrite the list."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.ingest.address import host_of, normalize_url
from aggregator.models import Feed

AGREEING_ANSWERS = 3
AGREEING_FOR = timedelta(hours=24)


def follow_move(feed: Feed, permanent_url: str, now: datetime) -> None:
    """Point the feed (unsaved) to where its permanent redirect leads, once that may be believed.

    Within the same site, and for a feed that has never been read, at once; else after three equal answers over at
    least a day. An address that another feed has already is not taken: that feed is the same one. While the feed looks
    like another one, it stays where it is.
    """
    if feed.is_drifting:
        return
    goal = _storable(permanent_url)
    if goal in {"", feed.url}:
        feed.moved_to, feed.moved_since, feed.moved_count = "", None, 0
        return
    if feed.moved_to != goal:
        feed.moved_to, feed.moved_since, feed.moved_count = goal, now, 0
    feed.moved_count = min(feed.moved_count + 1, 1000)
    if _is_believed(feed, now) and not Feed.objects.filter(url=goal).exists():
        feed.point_to(goal)
        feed.moved_to, feed.moved_since, feed.moved_count = "", None, 0


def _storable(url: str) -> str:
    """The address in the spelling in which feeds have it; empty if no feed can have it, as when it is too long."""
    try:
        return normalize_url(url)
    except ValueError:
        return ""


def _is_believed(feed: Feed, now: datetime) -> bool:
    if feed.last_ok_at is None or host_of(feed.moved_to) == host_of(feed.url):
        return True
    since = feed.moved_since or now
    return feed.moved_count >= AGREEING_ANSWERS and now - since >= AGREEING_FOR
