"""The newest posts of some feeds, found from the feeds: what they cost doesn't grow with the number of posts.

Of the newest N posts of any feeds, none is of a feed that N others posted after. So the N feeds that posted last are
chosen first, by an index of feeds; then the newest few of each, by the index of each feed's entries. From the entries
themselves it would be a walk: past all that other blogs wrote, until enough posts of a small category have turned up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import F, OrderBy, Subquery

from .entry import Entry, EntryQuerySet
from .feed import Feed, FeedQuerySet
from .sql import JSONRow, JSONRows


class _Place(NamedTuple):
    """Where a post stands in page order. A database writes all moments in one way, so their text sorts like them."""

    at: str
    id: int


_REACHED_AT = F("reached_at")
_Lists = Iterable[list[dict[str, Any]] | None]
"""As the database gives places: a list of each feed, None where it has no posts."""


def leading(feeds: FeedQuerySet, count: int, *, posts_of_each: int) -> list[Feed]:
    """The `count` of these feeds that posted last, those without posts after them; each knows its newest posts."""
    newest = Entry.objects.listed_of_one().newest_first()
    return list(_with_posts(feeds.latest_first(), newest, posts_of_each)[:count])


def newest_posts(feeds: Iterable[Feed], count: int) -> EntryQuerySet:
    """The newest `count` posts that these feeds, found by `leading`, know of."""
    return _newest((feed.places for feed in feeds), count)


def older_posts(feeds: FeedQuerySet, before: Entry, count: int) -> EntryQuerySet:
    """The `count` posts of these feeds that come after this one in page order."""
    older = Entry.objects.listed_of_one().older_than(before).newest_first()
    return _newest(_reaching(feeds, older, _REACHED_AT.desc(nulls_last=True), count), count)


def newer_post_ids(feeds: FeedQuerySet, after: Entry, count: int) -> list[int]:
    """The ids of the `count` posts of these feeds that come before this one in page order, the nearest first."""
    newer = Entry.objects.listed_of_one().newer_than(after).oldest_first()
    reaching = _reaching(feeds, newer, _REACHED_AT.asc(nulls_last=True), count)
    return [place.id for place in sorted(_places(reaching))[:count]]


def _reaching(feeds: FeedQuerySet, entries: EntryQuerySet, order: OrderBy, count: int) -> _Lists:
    """The first `count` of these entries, of each of the feeds whose first ones come first.

    Feeds that have none come last. They are not filtered out: databases would look for each first entry twice.
    """
    first = Subquery(entries.values("timeline_at")[:1])
    reaching = feeds.annotate(reached_at=first).order_by(order, "pk")
    return [feed.places for feed in _with_posts(reaching, entries, count).only("pk")[:count]]


def _with_posts(feeds: FeedQuerySet, entries: EntryQuerySet, count: int) -> FeedQuerySet:
    """These feeds with the places of the first `count` of the entries of each."""
    places = {"places": JSONRows(entries.values(found=JSONRow(at="timeline_at", id="pk"))[:count])}
    return feeds.annotate(**places)  # by name, mypy would take it for a second attribute


def _places(lists: _Lists) -> Iterator[_Place]:
    return (_Place(**place) for places in lists for place in places or ())


def _newest(lists: _Lists, count: int) -> EntryQuerySet:
    ids = [place.id for place in sorted(_places(lists), reverse=True)[:count]]
    # Asked again whether they are listed: between two questions a curator can have hidden one.
    return Entry.objects.listed().filter(pk__in=ids).newest_first()
