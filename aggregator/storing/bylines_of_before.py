"""Authors of posts that were here before there were authors: the worker tells them from the lines of names.

In small steps, from the newest posts to the oldest; each is a transaction of its own, so a worker that is killed has
lost nothing, and the next one goes on.
"""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime

from aggregator.models import Author, Entry, Feed, SiteState, site_change
from aggregator.models.author import UnreadBylines
from aggregator.models.steps import in_steps

from .authoring import save_authors_of_lines

STEP_ENTRIES = 500
"""Read in one transaction; not more, as others wait for its locks."""
_COLUMNS = ("feed", "author", "title", "excerpt", "timeline_at")


def read_bylines(now: datetime, *, seconds: float) -> int:
    """Go on for about so long. Returns how many entries were looked at."""
    return in_steps(lambda: _step(now), until=time.monotonic() + seconds)


def _step(now: datetime) -> int:
    if not UnreadBylines.objects.exists():
        return 0
    with site_change():
        ids = _next_ids()
        feeds = Entry.objects.filter(pk__in=ids).order_by().values("feed")
        list(Feed.objects.filter(pk__in=feeds).locked())  # who changes entries has their feeds
        row = UnreadBylines.objects.select_for_update().first()
        if row is None or (ids and row.below <= ids[0]):
            return 0  # another worker was sooner
        unread = Entry.objects.kept().filter(pk__in=ids, authors=None)
        entries = list(unread.only(*_COLUMNS, "feed__title", "feed__has_author_titles").select_related("feed"))
        save_authors_of_lines(entries, _known_names({entry.feed_id for entry in entries}))
        if len(ids) < STEP_ENTRIES:
            row.delete()
        else:
            row.below = ids[-1]
            row.save()
        if entries:
            SiteState.objects.touch(now)
    return len(ids)


def _next_ids() -> list[int]:
    below = UnreadBylines.objects.values("below")[:1]
    return list(Entry.objects.filter(pk__lt=below).order_by("-pk").values_list("pk", flat=True)[:STEP_ENTRIES])


def _known_names(feed_ids: set[int]) -> dict[int, set[str]]:
    """The keys of names that feeds are known to write, which tells where a comma is part of one."""
    known: defaultdict[int, set[str]] = defaultdict(set)
    for feed_id, key in Author.objects.filter(feed__in=feed_ids).values_list("feed", "key"):
        known[feed_id].add(key)
    return known
