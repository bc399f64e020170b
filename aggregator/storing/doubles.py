"""Feeds that are read where another feed is: the one that is new is refused, an established one takes nothing over, and
a curator is told.

An address can lead to another one by redirects. What matters is where a feed is read in the end, not how it is called.
"""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.ingest.errors import SourceRemoved
from aggregator.ingest.types import Response
from aggregator.models import Feed

from .moves import goal_of, removed_place


def place_of(feed: Feed, response: Response) -> str:
    """Where the feed was read, if that must be looked for among the others; empty if it needn't.

    It must be if its address led elsewhere, and of each new feed.
    """
    return goal_of(feed, response.url) or ("" if feed.last_ok_at else feed.url)


def refuse_removed_goal(feed: Feed, response: Response) -> None:
    """Raise SourceRemoved if the feed's address led to a place that was removed. No query if it led nowhere else.

    A feed that is here though it lies in that place, may be led about in it.
    """
    goal = goal_of(feed, response.url)
    if goal and (removed := removed_place(goal, feed)):
        raise SourceRemoved(url=goal, why=removed.sentence)


def doubles_of(polled: Iterable[tuple[Feed, Response]]) -> dict[int, Feed]:
    """For each of these feeds that was read where another one is read: that other one, by the id of the first.

    A new feed is a double of any other. An established one is a double of the feed whose address it leads to; of two
    that lead to one place, the later is. It is none of a feed that was never read: nobody would read that place. One
    query, or none. Call `lock_goals` before, and save what is no double in the same transaction.
    """
    rows = sorted((feed for feed, _ in polled), key=lambda feed: (feed.last_ok_at is None, feed.pk))
    places = {feed.pk: bare for feed, response in polled if (bare := _bare(place_of(feed, response)))}
    if not places:
        return {}
    others = list(Feed.objects.read_at(f"https://{place}" for place in places.values()))
    found: dict[int, Feed] = {}
    taken: dict[str, Feed] = {}
    for row in rows:
        place = places.get(row.pk, "")
        double = next((other for other in others if place and _is_double(row, place, other)), None)
        if double is None and place:
            double = taken.get(place)
            taken.setdefault(place, row)
        if double:
            found[row.pk] = double
    return found


def _is_double(row: Feed, place: str, other: Feed) -> bool:
    if row.pk == other.pk or (row.last_ok_at and not other.last_ok_at):
        return False
    if _bare(other.url) == place:
        return True
    return _bare(other.leads_to) == place and (row.last_ok_at is None or other.pk < row.pk)


def _bare(url: str) -> str:
    """The address, which is the same over http and https."""
    return url.partition("://")[2]
