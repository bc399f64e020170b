"""Hiding posts from readers, showing them again, and choosing between copies of one post.

Each raises the site's version in its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.folding.fold import fold
from aggregator.folding.locks import lock_posts
from aggregator.models import EntryQuerySet, Feed, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.tagging import follow_entries
from aggregator.storing import identity


def hide(entries: EntryQuerySet, now: datetime) -> int:
    """Take entries off every page and feed of ours; they stay known, so no poll brings them back. Returns how many.

    Of a post that came through several feeds the next copy is shown instead.
    """
    return _change(entries, EntryQuerySet.hide, now)


def unhide(entries: EntryQuerySet, now: datetime) -> int:
    """Show entries that were hidden or held; beside the post that is shown under their link, if held for that one.

    Returns how many.
    A feed that looked like another blog is accepted as it is now, once none of its held entries is left to decide on.
    """
    with site_change():
        released = list(entries.order_by().held().filter(held_for=None).values_list("feed_id", flat=True).distinct())
        count = _change(entries, EntryQuerySet.unhide, now)
        identity.accept(Feed.objects.filter(pk__in=released, held_count=0), now)
        return count


def choose(entries: EntryQuerySet, now: datetime) -> int:
    """Have these copies shown, whoever else brings or brought the post: others are folded into them. Returns how many.

    Of one post only one copy is chosen, the last; what has other words under its link is held.
    """
    return _change(entries, EntryQuerySet.choose, now)


def choose_no_more(entries: EntryQuerySet, now: datetime) -> int:
    """Leave it to the rules of folding again which copies of these posts are shown. Returns how many were chosen."""
    return _change(entries, EntryQuerySet.choose_no_more, now)


def _change(entries: EntryQuerySet, verb: Callable[[EntryQuerySet], int], now: datetime) -> int:
    with site_change():
        # In the order of locks, which `aggregator.models.sql` tells: feeds, posts, entries.
        feed_ids = set(entries.order_by().values_list("feed_id", flat=True))
        feeds = list(Feed.objects.filter(pk__in=feed_ids).locked())
        ids = list(entries.order_by().values_list("pk", flat=True))
        lock_posts(ids)
        count = verb(entries.filter(pk__in=ids))  # and no others that are among them by now
        if count:
            fold(ids, now)
            refresh_counts(feeds)
            follow_entries(ids)
            SiteState.objects.touch(now)
        return count
