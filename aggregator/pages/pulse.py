"""How often a blog posts, as twelve small bars. Pure; worked out once for all blogs with the same twelve numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

MONTHS = 12
"""So many bars, one for each month."""

BAR_STEP_UNITS = 6
"""From the left edge of a bar to that of the next, in units of the drawing."""

BAR_WIDTH_UNITS = 4
"""Of a bar; a third of each step stays empty."""

HEIGHT_UNITS = 16
"""Of the drawing, and so of a full bar."""

MIN_FULL_BAR_POSTS = 4
"""A full bar stands for at least so many posts: else a blog with one post a year would look as busy as any."""


KEPT = 5_000
"""Drawings that are kept; each takes about half a kilobyte."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in units of the drawing, whose y axis points down."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pulse:
    bars: tuple[Bar, ...]
    width: int
    height: int
    posts: int
    """In all twelve months."""

    @property
    def path(self) -> str:
        """All bars as one path."""
        return "".join(f"M{bar.x} {bar.y}h{bar.width}v{bar.height}h-{bar.width}z" for bar in self.bars)

    @property
    def rate(self) -> str:
        """Posts a month in words."""
        if not self.posts:
            return "none in the last year"
        monthly = self.posts / MONTHS
        if monthly < 1:
            return f"{self.posts} in the last year"
        return f"about {round(monthly)} a month"


def pulse_of(posts_by_month: Mapping[str, int], until: date) -> Pulse:
    """The twelve months that end with the month of `until`, oldest first."""
    return pulse_of_counts(counts_of(posts_by_month, until))


def counts_of(posts_by_month: Mapping[str, int], until: date, months: int = MONTHS) -> tuple[int, ...]:
    """The posts of each of so many months, in the same order."""
    return tuple(max(0, int(posts_by_month.get(key, 0))) for key in month_keys(until, months))


@lru_cache(KEPT)
def pulse_of_counts(counts: tuple[int, ...]) -> Pulse:
    peak = max(MIN_FULL_BAR_POSTS, *counts)
    bars = tuple(_bar(index, count, peak) for index, count in enumerate(counts))
    return Pulse(bars, width=BAR_STEP_UNITS * (MONTHS - 1) + BAR_WIDTH_UNITS, height=HEIGHT_UNITS, posts=sum(counts))


@lru_cache(4)
def month_keys(until: date, months: int = MONTHS) -> list[str]:
    """Such as `["2025-07", …, "2026-06"]`. To be read only: it is kept."""
    last = until.year * 12 + until.month - 1
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(last - months + 1, last + 1)]


def _bar(index: int, count: int, peak: int) -> Bar:
    height = max(1, round(HEIGHT_UNITS * count / peak))
    return Bar(x=index * BAR_STEP_UNITS, y=HEIGHT_UNITS - height, width=BAR_WIDTH_UNITS, height=height)
