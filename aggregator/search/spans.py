"""Spans of days as people and as marks write them: 2026, 2026-05, 2026-05-07. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta

from .entry_terms import IN_PERIOD

_WRITTEN = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")


class NotADate(ValueError):
    pass


def first_day(text: str) -> date:
    """The first day of a year, a month or a day, as it is written. Raises NotADate."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise NotADate
    year, month, day = (int(number) if number else 1 for number in match.groups())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADate from error


def marks_of_days(first: date, end: date) -> list[str]:
    """The fewest marks of years, months and days that together are the days from `first` until before `end`."""
    return [f"{IN_PERIOD}{period}" for period in _periods(first, end)]


def _periods(day: date, end: date) -> Iterator[str]:
    while day < end:
        length, following = next((length, after) for length, after in _beginning_with(day) if after <= end)
        yield day.isoformat()[:length]
        day = following


def _beginning_with(day: date) -> Iterator[tuple[int, date]]:
    """The spans that begin with a day, the longest first: how long their name is, and the day after them."""
    if day.day == 1 and day.month == 1 and day.year < MAXYEAR:
        yield 4, date(day.year + 1, 1, 1)
    if day.day == 1 and (day.year, day.month) < (MAXYEAR, 12):
        yield 7, date(day.year + day.month // 12, day.month % 12 + 1, 1)
    yield 10, day + timedelta(days=1)
