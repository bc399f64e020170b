"""The newest posts of some feeds, found from the feeds: what they cost doesn't grow with the number of posts.

Of the newest N posts of any feeds, none is of a feed that N others posted after. So the N feeds that posted last are
chosen first, by an index of feeds; then the newest few of each, by the index of each feed's entries. From the entries
themselves it would be a walk: past all that other blogs wrote, until enough posts of a small category have turned up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Case, F, OrderBy, Subquery, Value, When
from django.db.models.functions import Coalesce

from .entry import Entry, EntryQuerySet
from .feed import Feed, FeedQuerySet
from .site_state import BEFORE_ALL
from .sql import JSONRow, JSONRows
from .visible import LISTED

WALKED_ENTRIES = 500
"""How far older and newer posts of a category are looked for from a post, before they are from the feeds."""


class _Place(NamedTuple):
    """Where a post stands in page order. A database writes all moments in one way, so their text sorts like them."""

    at: str
    id: int


_REACHED_AT = F("reached_at")
_Lists = Iterable[list[dict[str, Any]] | None]
"""As the database gives places: a list of each feed, None where it has no posts."""


def leading(feeds: FeedQuerySet, count: int, *, posts_of_each: int) -> list[Feed]:
    """The `count` of these feeds that posted last, those without posts after them; each knows its newest posts.

    Of those, no post from before the last feed's newest: each feed has one that is newer, so it is none of the `count`
    newest. Else most that feeds of long standing have would be read for nothing.
    """
    last = Subquery(feeds.latest_first().values("newest_at")[count - 1 : count])
    since = Coalesce(last, Value(BEFORE_ALL))  # if there are fewer feeds, or some without a post
    newest = Entry.objects.listed_of_one().filter(timeline_at__gte=since).newest_first()
    # Chosen first, and then known by their ids alone: else a database would look for the posts of all before it sorts,
    # or walk past all in their order.
    chosen = Feed.objects.filter(pk__in=feeds.latest_first().values("pk")[:count])
    return list(_with_posts(chosen.latest_first(), newest, posts_of_each))


def newest_posts(feeds: Iterable[Feed], count: int) -> EntryQuerySet:
    """The newest `count` posts that these feeds, found by `leading`, know of."""
    return _newest((feed.places for feed in feeds), count)


def older_posts(feeds: FeedQuerySet, before: Entry, count: int) -> EntryQuerySet:
    """The `count` posts of these feeds that come after this one in page order."""
    ids = _nearest(Entry.objects.filter(LISTED).older_than(before).newest_first(), feeds, count)
    if ids is None:
        older = Entry.objects.listed_of_one().older_than(before).newest_first()
        return _newest(_reaching(feeds, older, _REACHED_AT.desc(nulls_last=True), count), count)
    return Entry.objects.listed().filter(pk__in=ids).newest_first()


def newer_post_ids(feeds: FeedQuerySet, after: Entry, count: int) -> list[int]:
    """The ids of the `count` posts of these feeds that come before this one in page order, the nearest first."""
    ids = _nearest(Entry.objects.filter(LISTED).newer_than(after).oldest_first(), feeds, count)
    if ids is None:
        newer = Entry.objects.listed_of_one().newer_than(after).oldest_first()
        reaching = _reaching(feeds, newer, _REACHED_AT.asc(nulls_last=True), count)
        return [place.id for place in sorted(_places(reaching))[:count]]
    return ids


def _nearest(entries: EntryQuerySet, feeds: FeedQuerySet, count: int) -> list[int] | None:
    """The ids of the first `count` of these entries that are of these feeds, found by a short walk; None if they lie
    further away, and must be looked for from the feeds.

    Most posts are of feeds that stand in large categories, and thousands of feeds take longer to ask than a few hundred
    entries.
    """
    theirs = Case(When(feed__in=feeds.values("pk"), then=F("pk")))  # null for what others wrote
    walked = list(entries.values_list(theirs)[:WALKED_ENTRIES])
    ids = [pk for (pk,) in walked if pk is not None]
    return ids[:count] if len(ids) >= count or len(walked) < WALKED_ENTRIES else None


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
