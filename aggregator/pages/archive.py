"""Months and days of the past: where they begin and end, which have posts, and which come before and after."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from aggregator.models import PostsOfDay


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
    return Neighbors(*PostsOfDay.objects.around(span.start.date(), span.end.date()))


def posts_by_day(span: Span) -> dict[date, int]:
    """How many posts each day of the span has; days without any are absent."""
    return PostsOfDay.objects.between(span.start.date(), span.end.date())


def weeks_of(month: date, posts: Mapping[date, int], current: date | None) -> list[list[CalendarDay | None]]:
    """The month as weeks from Monday to Sunday, None where a week reaches into another month."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return [
        [CalendarDay(day, posts.get(day, 0), day == current) if day.month == month.month else None for day in week]
        for week in weeks
    ]
