"""Where posts without a date stand when a feed is read for the first time: an archive is no news of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.ingest.address_dates import day_in_address, month_in_address
from aggregator.ingest.types import Document, Item

PRESUMED_AGE = timedelta(days=30)
"""Of a post about whose date nothing is known. So it is off the front page of a busy planet, and not yet forgotten."""


def presumed_dates(document: Document, now: datetime) -> Mapping[str, datetime]:
    """For each item without a date, by its guid, when it was presumably published. Pure.

    That is the day or the month in its address, else the date of the nearest item that has one (of two that are as
    near, the older date: nothing is newer than it can be), else the date of the feed itself, else PRESUMED_AGE before
    `now`.
    """
    items = document.items
    if all(item.published_at for item in items):
        return {}
    otherwise = document.dated_at or now - PRESUMED_AGE
    dates = [item.published_at or _named_date(item, now) for item in items]
    before, after = _nearest(dates), _nearest(dates[::-1])[::-1]
    return {
        item.guid: min((near for near in (one, other) if near), default=(0, otherwise))[1]
        for item, one, other in zip(items, before, after, strict=True)
        if item.published_at is None
    }


def _named_date(item: Item, now: datetime) -> datetime | None:
    named = day_in_address(item.url) or month_in_address(item.url)
    return named if named and named <= now else None


def _nearest(dates: Sequence[datetime | None]) -> list[tuple[int, datetime] | None]:
    """For each place, how far back in the sequence the last date is, and that date."""
    nearest: list[tuple[int, datetime] | None] = []
    last: tuple[int, datetime] | None = None
    for date in dates:
        if date is not None:
            last = (0, date)
        elif last is not None:
            last = (last[0] + 1, last[1])
        nearest.append(last)
    return nearest
