"""What curators, the blogroll and the calendar are shown of feeds' entries: counted when they change, not when a page
is read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from .entry import Entry
from .feed import Feed
from .posts_of_day import DaysOfFeed
from .site_state import count_posts
from .sql import save_each
from .tagging import follow_days
from .visible import LISTED, PUBLIC_STATES

COUNTS = ("entry_count", "newest_at", "posts_by_month", "held_count", "filtered_count", "held_reason")
MONTHS_KEPT = 24
OTHER_WORDS = "other words under links at which other blogs' posts are shown"
"""Why posts are held, as a feed's `held_reason`, if that is why all of those are that wait."""


def refresh_counts(feeds: Iterable[Feed]) -> None:
    """Count anew, and save, what waits for a curator and what pages show of these feeds, whose rows are locked.

    That is: how many entries, the newest post, and posts a month (as {"2026-06": 4}); and the posts of the days that
    this changes, and under the tags of those posts. Call it whenever entries of a feed come, go or are shown at another
    time, and when readers may know of a feed from now on, or no more. A few queries for all of them.
    """
    rows = list(feeds)
    entries = Entry.objects.filter(feed__in=[feed.pk for feed in rows])
    days: defaultdict[int, list[tuple[date, int, datetime]]] = defaultdict(list)
    for feed_id, day, count, newest in entries.filter(LISTED).by_day():
        days[feed_id].append((day, count, newest))
    set_aside = entries.count_set_aside()
    for feed in rows:
        of_feed = days[feed.pk]
        feed.entry_count = sum(count for _, count, _ in of_feed)
        feed.newest_at = of_feed[0][2] if of_feed else None
        feed.posts_by_month = _by_month(of_feed)
        feed.held_count, held_for_others, feed.filtered_count = set_aside.get(feed.pk, (0, 0, 0))
        feed.held_reason = _held_reason(feed, held_for_others)
    with transaction.atomic():
        save_each(rows, COUNTS)
        changed = DaysOfFeed.objects.keep({feed.pk: _shown_by_day(feed, days[feed.pk]) for feed in rows})
        follow_days(changed, {feed.pk: feed.entry_count for feed in rows})
        for more in changed.values():
            count_posts(more)


def _by_month(days: Iterable[tuple[date, int, datetime]]) -> dict[str, int]:
    """The last months with posts; the days come last first."""
    months: Counter[str] = Counter()
    for day, count, _ in days:
        months[day.isoformat()[:7]] += count
    return dict(list(months.items())[:MONTHS_KEPT])


def _shown_by_day(feed: Feed, days: Iterable[tuple[date, int, datetime]]) -> dict[str, int]:
    return {day.isoformat(): count for day, count, _ in days} if feed.state in PUBLIC_STATES else {}


def _held_reason(feed: Feed, held_for_others: int) -> str:
    if feed.is_drifting:
        return feed.held_reason
    if held_for_others == feed.held_count:
        return OTHER_WORDS if held_for_others else ""
    return "" if feed.held_reason == OTHER_WORDS else feed.held_reason
