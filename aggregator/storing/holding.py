"""Which new posts of a feed wait for a curator: all of another feed's, and an archive that is published once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed

MAX_BACKDATED_POSTS = 5
"""New posts that may be older than the newest known one: drafts that came out late, a planet's new member."""


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


def _newest_known(feed: Feed, now: datetime) -> datetime | None:
    """The newest date that the feed gave a post, leaving out dates in the future."""
    dated = Entry.objects.from_feed(feed).filter(published_at__lte=now)
    newest: datetime | None = dated.aggregate(newest=Max("published_at"))["newest"]
    return newest
