"""The charts of a source's status page, with the same numbers in words and as a table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aggregator.models import FeedDay

from .charts import Chart, Stack, chart_of, days_until
from .pulse import counts_of, month_keys

DAYS = 60
"""Of which the charts of days tell."""
MONTHS = 24
MIN_DELAY_MINUTES = 60
"""For which the height of a drawing stands, at least."""


@dataclass(frozen=True, slots=True)
class Looks:
    chart: Chart
    left: date
    """The day at the left end of the drawing; of those before the `first` nothing was counted."""
    first: date
    last: date
    brought: int
    unchanged: int
    failed: int
    put_off: int
    days_without: int
    """On which nobody looked: we were away, or it was paused."""

    @property
    def total(self) -> int:
        return self.brought + self.unchanged + self.failed + self.put_off


@dataclass(frozen=True, slots=True)
class Delays:
    chart: Chart
    posts: int
    mean_seconds: float
    worst_seconds: int
    peak_seconds: float


@dataclass(frozen=True, slots=True)
class Months:
    chart: Chart
    posts: int
    peak: int
    rows: tuple[tuple[date, int], ...]
    """The newest month first."""


@dataclass(frozen=True, slots=True)
class TableRow:
    day: date
    brought: int
    unchanged: int
    failed: int
    put_off: int
    posts: int
    mean_delay_seconds: float | None
    worst_delay_seconds: int
    trouble: str
    """In words; of the day's last look."""


def first_day(last: date) -> date:
    """Of the charts of days that end with this one."""
    return last - timedelta(days=DAYS - 1)


def looks_by_day(days: Mapping[date, FeedDay], first: date, last: date) -> Looks:
    """Of the days from `first` to `last`."""
    shown = days_until(last, (last - first).days + 1)
    rows = [days.get(day) for day in shown]
    known = [row for row in rows if row]
    return Looks(
        chart=chart_of([_looks(row) if row else None for row in rows], places=DAYS),
        left=min(first, first_day(last)),
        first=first,
        last=last,
        brought=sum(row.brought for row in known),
        unchanged=sum(_uneventful(row) for row in known),
        failed=sum(row.failed for row in known),
        put_off=sum(row.put_off for row in known),
        days_without=len(rows) - len(known),
    )


def delays_by_day(days: Mapping[date, FeedDay], first: date, last: date) -> Delays | None:
    """None if no post came of which it is known when it was published."""
    rows = [days.get(day) for day in days_until(last, (last - first).days + 1)]
    known = [row for row in rows if row and row.delays]
    if not known:
        return None
    minutes = [Stack(broad=_mean_delay(row) / 60 if row.delays else 0) if row else None for row in rows]
    chart = chart_of(minutes, places=DAYS, least=MIN_DELAY_MINUTES)
    posts = sum(row.delays for row in known)
    return Delays(
        chart=chart,
        posts=posts,
        mean_seconds=sum(row.delay_seconds for row in known) / posts,
        worst_seconds=max(row.worst_delay_seconds for row in known),
        peak_seconds=chart.peak * 60,
    )


def posts_by_month(counts: Mapping[str, int], today: date) -> Months:
    months = [date.fromisoformat(f"{key}-01") for key in month_keys(today, MONTHS)]
    posts = counts_of(counts, today, MONTHS)
    chart = chart_of([Stack(broad=count) for count in posts])
    rows = tuple(zip(reversed(months), reversed(posts), strict=True))
    return Months(chart=chart, posts=sum(posts), peak=max(posts), rows=rows)


def table_of(days: Mapping[date, FeedDay], in_words: Callable[[str], str]) -> list[TableRow]:
    """A row for each day on which somebody looked, the last one first."""
    return [
        TableRow(
            day=day,
            brought=row.brought,
            unchanged=_uneventful(row),
            failed=row.failed,
            put_off=row.put_off,
            posts=row.posts,
            mean_delay_seconds=_mean_delay(row) if row.delays else None,
            worst_delay_seconds=row.worst_delay_seconds,
            trouble=in_words(row.trouble) if row.trouble else "",
        )
        for day, row in sorted(days.items(), reverse=True)
    ]


def _looks(row: FeedDay) -> Stack:
    return Stack(row.brought, _uneventful(row), row.failed, row.put_off)


def _uneventful(row: FeedDay) -> int:
    return row.unchanged + row.sent_whole


def _mean_delay(row: FeedDay) -> float:
    return row.delay_seconds / row.delays
