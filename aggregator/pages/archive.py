"""Months and days of the past: where they begin and end, which have posts, and which come before and after."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Subquery
from django.db.models.functions import TruncDate

from aggregator.models import Entry, Feed


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until just before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Neighbors:
    """The nearest days with posts before and after a span; None where the archive ends."""

    older: date | None
    newer: date | None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    date: date
    posts: int
    is_current: bool


def month_span(year: int, month: int) -> Span:
    """The month in UTC. Raises ValueError for one that no calendar has."""
    start = datetime(year, month, 1, tzinfo=UTC)
    return Span(start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))


def day_span(year: int, month: int, day: int) -> Span:
    """The day in UTC. Raises ValueError for one that no calendar has."""
    start = datetime(year, month, day, tzinfo=UTC)
    return Span(start, start + timedelta(days=1))


def days_around(span: Span) -> Neighbors:
    """Both in one query: two subqueries of any feed's row, as there is one wherever there are posts."""
    listed = Entry.objects.listed()
    older = listed.filter(timeline_at__lt=span.start).newest_first().values("timeline_at")[:1]
    newer = listed.filter(timeline_at__gte=span.end).oldest_first().values("timeline_at")[:1]
    found = Feed.objects.order_by().values_list(Subquery(older), Subquery(newer))[:1]
    return Neighbors(*(moment and moment.astimezone(UTC).date() for moment in next(iter(found), (None, None))))


def posts_by_day(span: Span) -> dict[date, int]:
    """How many listed posts each day of the span has; days without any are absent."""
    entries = Entry.objects.listed().between(span.start, span.end)
    days = entries.annotate(day=TruncDate("timeline_at", tzinfo=UTC)).values_list("day")
    return dict(days.annotate(Count("pk")).order_by("-day"))


def weeks_of(month: date, posts: Mapping[date, int], current: date | None) -> list[list[CalendarDay | None]]:
    """The month as weeks from Monday to Sunday, None where a week reaches into another month."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return [
        [CalendarDay(day, posts.get(day, 0), day == current) if day.month == month.month else None for day in week]
        for week in weeks
    ]
