"""What curators and the blogroll are shown of a feed's entries: counted when they change, not when a page is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from .entry import Entry
from .feed import Feed
from .sql import save_each
from .visible import LISTED

COUNTS = ("entry_count", "newest_at", "posts_by_month", "held_count", "filtered_count", "held_reason")
MONTHS_KEPT = 24
OTHER_WORDS = "other words under links at which other blogs' posts are shown"
"""Why posts are held, as a feed's `held_reason`, if that is why all of those are that wait."""


def refresh_counts(feeds: Iterable[Feed]) -> None:
    """Count anew, and save, what waits for a curator and what the blogroll shows of these feeds.

    That is: how many entries, the newest post, and posts a month (as {"2026-06": 4}). A few queries for all of them.
    """
    rows = list(feeds)
    entries = Entry.objects.filter(feed__in=[feed.pk for feed in rows])
    months: defaultdict[int, list[tuple[datetime, int, datetime]]] = defaultdict(list)
    for feed_id, month, count, newest in entries.filter(LISTED).by_month():
        months[feed_id].append((month, count, newest))
    set_aside = entries.count_set_aside()
    for feed in rows:
        of_feed = months[feed.pk]
        feed.entry_count = sum(count for _, count, _ in of_feed)
        feed.newest_at = of_feed[0][2] if of_feed else None
        feed.posts_by_month = {f"{month:%Y-%m}": count for month, count, _ in of_feed[:MONTHS_KEPT]}
        feed.held_count, held_for_others, feed.filtered_count = set_aside.get(feed.pk, (0, 0, 0))
        feed.held_reason = _held_reason(feed, held_for_others)
    save_each(rows, COUNTS)


def _held_reason(feed: Feed, held_for_others: int) -> str:
    if feed.is_drifting:
        return feed.held_reason
    if held_for_others == feed.held_count:
        return OTHER_WORDS if held_for_others else ""
    return "" if feed.held_reason == OTHER_WORDS else feed.held_reason
