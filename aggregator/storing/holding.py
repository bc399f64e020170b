"""Which new posts of a feed wait for a curator: all of another feed's, an archive that is published once more, and what
is more than one feed may bring in a day. The reasons are asked in this order, and the first one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.models.counting import OTHER_WORDS
from aggregator.models.feed import MANY_A_DAY

from .following import hold

MAX_BACKDATED_POSTS = 5
"""New posts that may be older than the newest known one: drafts that came out late, a planet's new member."""
DAY = timedelta(days=1)
MAX_SAVED_DAYS = 7
"""Of a feed that couldn't be read, each day brings its posts, as many as of a week: its server was away, or we were."""


def guids_to_hold(feed: Feed, fresh: Sequence[Item], now: datetime) -> frozenset[str]:
    """Guids of those new items of the feed that are held: all if it looks like another feed, or those of an archive."""
    if feed.is_drifting:
        return frozenset(item.guid for item in fresh)
    return republished(fresh, _newest_known(feed, now)) if len(fresh) > MAX_BACKDATED_POSTS else frozenset()


def republished(items: Sequence[Item], newest_at: datetime | None) -> frozenset[str]:
    """Of a feed's new items, the guids of those that look like its archive come back under new ids; mostly none.

    Pure. `newest_at` is the date of the newest post known of the feed; None for a feed that had no post.
    """
    if newest_at is None:
        return frozenset()
    backdated = [item.guid for item in items if item.published_at and item.published_at < newest_at]
    return frozenset(backdated) if len(backdated) > MAX_BACKDATED_POSTS else frozenset()


def hold_flood(feed: Feed, new: Sequence[Entry], now: datetime) -> None:
    """Of a feed's new entries, hold those that are too many for a day (all unsaved); the first of them pass.

    A day is the 24 hours before `now`, so that no midnight gives a flood twice as much. What has passed is counted on
    the feed's row, which is locked: no two polls count past each other, and hiding, dating anew and deleting posts buys
    nothing. What is held already, or dropped by a rule, doesn't count. A copy of another feed's post does: it would
    show as soon as that feed is gone.
    """
    if not settings.FEED_POSTS_PER_DAY or feed.is_unlimited:
        feed.passed_posts = []
        return
    counts = [[moment, count] for moment, count in feed.passed_posts if _is_of_last_day(moment, now)]
    room = max(0, _most_now(feed, now) - sum(count for _, count in counts))
    news = [entry for entry in new if not entry.is_held and not entry.is_filtered]
    for entry in news[room:]:
        hold(entry)
    if passed := len(news[:room]):
        counts.append([now.isoformat(), passed])
    feed.passed_posts = counts
    if len(news) > room and feed.held_reason in {"", OTHER_WORDS}:
        feed.held_reason = MANY_A_DAY


def _most_now(feed: Feed, now: datetime) -> int:
    """How many posts may come by now: those of a day, or of all days since the feed was read last."""
    days = (now - feed.last_ok_at) / DAY if feed.last_ok_at else 1.0
    return int(settings.FEED_POSTS_PER_DAY * min(max(days, 1.0), MAX_SAVED_DAYS))


def _is_of_last_day(moment: str, now: datetime) -> bool:
    """Not so a moment that a clock had put into the future."""
    return now - DAY < datetime.fromisoformat(moment) <= now


def _newest_known(feed: Feed, now: datetime) -> datetime | None:
    """The newest date that the feed gave a post, leaving out dates in the future."""
    dated = Entry.objects.from_feed(feed).filter(published_at__lte=now)
    newest: datetime | None = dated.aggregate(newest=Max("published_at"))["newest"]
    return newest
