"""The day or the month that the address of a post names, as many programs for blogs have it: /2026/05/07/title."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

_YEAR = r"(?<![0-9])(?P<year>199[5-9]|20[0-9]{2})"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])(?![0-9])"
_DAYS = (
    re.compile(rf"/{_YEAR}/{_MONTH}/{_DAY}"),
    re.compile(rf"{_YEAR}(?P<mark>[-_.])(?P<month>0[1-9]|1[0-2])(?P=mark)(?P<day>0[1-9]|[12][0-9]|3[01])(?![0-9])"),
    re.compile(rf"(?<=[/#]){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])(?![0-9])"),
)
_MONTHS = (re.compile(rf"/{_YEAR}[/-](?P<month>0[1-9]|1[0-2])(?![0-9])"),)


def day_in_address(url: str) -> datetime | None:
    """Midnight, in UTC, of the day that a post's address names; None if it names none, or one that doesn't exist."""
    return _first(_DAYS, url)


def month_in_address(url: str) -> datetime | None:
    """The beginning, in UTC, of the month that a post's address names; None if it names none."""
    return _first(_MONTHS, url)


def _first(patterns: tuple[re.Pattern[str], ...], url: str) -> datetime | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    place = f"{parts.path}#{parts.fragment}"
    found = next((found for pattern in patterns if (found := pattern.search(place))), None)
    if found is None:
        return None
    year, month, day = (int(found.groupdict().get(part) or 1) for part in ("year", "month", "day"))
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
