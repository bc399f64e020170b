"""Entries -> days -> runs of one feed, and how a page writes a moment. Pure: no rows are read here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.models import Entry, Feed

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SAME_MOMENT = timedelta(minutes=1)
"""Times that lie no further apart are one time to a reader."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighboring entries of one feed within one day."""

    feed: Feed
    entries: tuple[Entry, ...]

    @property
    def is_bare(self) -> bool:
        """Whether the blog's addresses would take too much, which the first entry answers for."""
        return self.entries[0].is_bare


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    runs: tuple[Run, ...]


def days_of(entries: Iterable[Entry]) -> list[Day]:
    """The entries in the order given: a new day whenever the UTC day changes, a new run whenever the feed does."""
    return [Day(day, runs_of(group)) for day, group in groupby(entries, key=lambda entry: utc_date(entry.timeline_at))]


def runs_of(entries: Iterable[Entry]) -> tuple[Run, ...]:
    runs = [tuple(group) for _, group in groupby(entries, key=lambda entry: entry.feed_id)]
    return tuple(Run(run[0].feed, run) for run in runs)


def complete_until(entries: Sequence[Entry], per_feed: int) -> Entry | None:
    """The last entry above which nothing can be missing from a page that shows at most `per_feed` entries of a feed.

    From a feed's `per_feed`-th entry on, later ones of that feed may have been left out.
    """
    seen: Counter[int] = Counter()
    for entry in entries:
        seen[entry.feed_id] += 1
        if seen[entry.feed_id] == per_feed:
            return entry
    return entries[-1] if entries else None


def utc_date(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def day_name(day: date) -> str:
    """Such as `07 Jun 2026`, in English whatever the server's language."""
    return f"{day.day:02} {MONTHS[day.month - 1][:3]} {day.year}"


def month_name(day: date) -> str:
    """Such as `June 2026`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def weekday_name(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def clock_name(moment: datetime) -> str:
    """Such as `1:37am GMT`; midnight is `12:00am GMT`."""
    moment = moment.astimezone(UTC)
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{'am' if moment.hour < 12 else 'pm'} GMT"


def stamp_name(moment: datetime) -> str:
    """Such as `07 Jun 2026 1:37am GMT`."""
    return f"{day_name(utc_date(moment))} {clock_name(moment)}"


def publication_note(shown_at: datetime, published_at: datetime | None) -> str:
    """In words, when the author says the post was published; empty where that is when it is shown."""
    if published_at is None or abs(published_at - shown_at) <= SAME_MOMENT:
        return ""
    verb = "dated" if published_at > shown_at else "published"
    if utc_date(published_at) == utc_date(shown_at):
        return f"{verb} at {clock_name(published_at)}"
    return f"{verb} {day_name(utc_date(published_at)).lstrip('0')}"
