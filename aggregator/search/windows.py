"""Spans of days, the newest first, each with about twice as many posts as the one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from aggregator.models import Entry, EntryQuerySet
from aggregator.models.posts_of_day import PostsOfDay

FIRST_POSTS = 1_000
_READ_DAYS = 100
"""At first; twice as many each time after."""

Span = tuple[date, date]
"""The first day, and the day after the last."""


def whole_span(entries: EntryQuerySet, before: Entry | None, after_day: date | None, before_day: date | None) -> Span:
    """The days on which these entries can stand that come after one in page order, and between two days."""
    newest = before.timeline_at if before else _first_moment(entries.newest_first())
    oldest = newest and _first_moment(entries.oldest_first())
    if newest is None or oldest is None:
        return date.min, date.min
    first = max(_day(oldest), after_day or date.min)
    last = _day(newest)
    end = last + timedelta(days=1) if last < date.max else last
    return first, min(end, before_day or date.max)


def windows(span: Span) -> Iterator[Span]:
    """The span in pieces. What counts are the posts that readers see; of others there may be more or fewer."""
    first, end = span
    posts, size = 0, FIRST_POSTS
    for day, count in _counted(span):
        posts += count
        if posts >= size and first < day:
            yield day, end
            end, posts, size = day, 0, size * 2
    if first < end:
        yield first, end


def _counted(span: Span) -> Iterator[tuple[date, int]]:
    """How many posts readers find on days, the newest day first, read as far as it is needed."""
    first, end = span
    read = _READ_DAYS
    days = PostsOfDay.objects.filter(day__gte=first).order_by("-day").values_list("day", "posts")
    while rows := list(days.filter(day__lt=end)[:read]):
        yield from rows
        end, read = rows[-1][0], read * 2


def _first_moment(entries: EntryQuerySet) -> datetime | None:
    return entries.values_list("timeline_at", flat=True).first()


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
