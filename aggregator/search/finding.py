"""The posts that a query finds, the same in the same order on both databases.

The index is asked once for all. If few enough have it, they are all; else it is asked for one span of days after the
other, the newest first, each with twice as many posts as the one before, until enough is found. What it can't tell,
that words stand side by side, is looked at in the posts' terms. Who may see which, the entries tell that are given:
only those are found and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregator.models import Entry, EntryQuerySet, Feed, FeedQuerySet

from .asked import look_up, unknown_tags
from .deadline import Deadline, within_a_second
from .matches import Matches, newest_matches
from .query import Query
from .ranking import best_first

MAX_FOUND = 2_000
"""So many posts one question gives, and so many of the newest are ranked."""
MAX_COUNT = 1_000
MAX_READ = 1_500
"""Posts that are read through for words that must stand side by side: when a page is full, counting ends there."""
NEWEST, BEST = "newest", "best"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    entry_ids: tuple[int, ...] = ()
    """In their order."""
    count: int | None = None
    """How many posts there are, at most MAX_COUNT. None if nobody counted: below the first page of the newest."""
    is_more_than_count: bool = False
    """Whether there are more, or may be."""
    is_more: bool = False
    """Whether another page follows."""
    unknown: tuple[str, ...] = ()
    """A sentence for each source, category and tag that there is not: nothing has it."""


def find(
    query: Query,
    entries: EntryQuerySet,
    *,
    order: str = NEWEST,
    limit: int,
    before: Entry | None = None,
    skip: int = 0,
    feeds: FeedQuerySet | None = None,
    enough: int | None = None,
) -> Found:
    """Those of these entries that are looked for, `limit` of them at most, the newest or the best first.

    The next page of the newest begins `before` the last entry of a page; of the best, behind so many as `skip` says.
    Sources and categories are looked for among `feeds`, by default those that readers may know of. Who says how many
    are `enough` wants no count, and of more than those only what is had without reading many posts. Raises TooSlow.
    """
    with within_a_second() as deadline:
        asked = look_up(query, Feed.objects.public() if feeds is None else feeds)
        if asked.unknown:
            return Found(count=0, unknown=asked.unknown)
        matches = newest_matches(query, asked, entries, before, deadline)
        limit = min(limit, MAX_FOUND)
        if order == BEST:
            found = _best(query, matches, limit, skip, deadline)
        elif enough is not None:
            found = _without_count(matches, limit, enough)
        else:
            found = _newest(matches, limit, is_counted=before is None)
        is_nothing = not (found.entry_ids or found.is_more or before or skip)
        return replace(found, unknown=tuple(unknown_tags(query))) if is_nothing else found


def _newest(matches: Matches, limit: int, *, is_counted: bool) -> Found:
    found = matches.read_until(limit + 1)
    ids, is_more = tuple(found[:limit]), len(found) > limit
    if not is_counted:
        return Found(ids, is_more=is_more)
    return _counted(matches, ids, is_more=is_more)


def _without_count(matches: Matches, limit: int, enough: int) -> Found:
    matches.read_until(enough + 1)
    found = matches.read_until(limit + 1, MAX_READ)
    return Found(tuple(found[:limit]), is_more=len(found) > limit or not matches.is_all)


def _best(query: Query, matches: Matches, limit: int, skip: int, deadline: Deadline) -> Found:
    """Of the newest MAX_FOUND."""
    matches.read_until(min(skip + limit + 1, MAX_FOUND))
    found = matches.read_until(MAX_FOUND, MAX_READ)
    shown = best_first(query, found, deadline)[skip : skip + limit]
    return _counted(matches, tuple(shown), is_more=len(found) > skip + limit)


def _counted(matches: Matches, ids: tuple[int, ...], *, is_more: bool) -> Found:
    matches.read_until(MAX_COUNT + 1, MAX_READ)
    count = min(len(matches.ids), MAX_COUNT)
    is_more_than_count = len(matches.ids) > MAX_COUNT or not matches.is_all
    return Found(ids, count, is_more_than_count=is_more_than_count, is_more=is_more)
