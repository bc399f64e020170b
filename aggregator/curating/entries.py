"""Hiding posts from readers, and showing them again. Both raise the site's version in their own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from aggregator.folding.fold import fold
from aggregator.models import EntryQuerySet, Feed, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.storing import identity


def hide(entries: EntryQuerySet, now: datetime) -> int:
    """Take entries off every page and feed of ours; they stay known, so no poll brings them back. Returns how many.

    Of a post that came through several feeds the next copy is shown instead.
    """
    return _change(entries, EntryQuerySet.hide, now)


def unhide(entries: EntryQuerySet, now: datetime) -> int:
    """Show entries that were hidden or held. Returns how many.

    A feed that looked like another blog is accepted as it is now, once none of its held entries is left to decide on.
    """
    with transaction.atomic():
        released = list(entries.order_by().held().values_list("feed_id", flat=True).distinct())
        count = _change(entries, EntryQuerySet.unhide, now)
        identity.accept(Feed.objects.filter(pk__in=released, held_count=0), now)
        return count


def _change(entries: EntryQuerySet, verb: Callable[[EntryQuerySet], int], now: datetime) -> int:
    with transaction.atomic():
        # In the order of locks, which `aggregator.models.sql` tells: feeds, the site's row, entries.
        feed_ids = set(entries.order_by().values_list("feed_id", flat=True))
        feeds = list(Feed.objects.filter(pk__in=feed_ids).locked())
        SiteState.objects.lock()
        ids = list(entries.order_by().values_list("pk", flat=True))
        count = verb(entries)
        if count:
            fold(ids, now)
            refresh_counts(feeds)
            SiteState.objects.touch(now)
        return count
