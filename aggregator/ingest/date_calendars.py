"""Days that are counted otherwise, by weeks, by days of the year, or as in Thailand and Iran, in our calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta

_WEEK_DATE = r"(\d{4})-?w(\d{2})-?([1-7])(?!\d)"
_DAY_OF_YEAR = r"(\d{4})-(\d{3})(?!\d)"

_BUDDHIST_YEAR = r"(?<![\d:])(25[4-9]\d|26[0-4]\d)(?![\d:])"
_BUDDHIST_YEARS = 543
"""More than ours, in Thailand. No post is of a year that far ahead, so nothing else is meant."""

_SOLAR_DATE = r"(1[34]\d\d)([-/])(\d{1,2})\2(\d{1,2})(?!\d)|(\d{1,2})\s*/(\d{1,2})/\s*(1[34]\d\d)(?!\d)"
_FIRST_SOLAR_YEAR, _LAST_SOLAR_YEAR = 1374, 1415
"""Of the calendar of Iran, 1995 to 2036. The years of the lunar calendar with these numbers end in 1995, and hardly
any blog is older: so nothing else is meant."""
_FIRST_SOLAR_DAY = date(1995, 3, 21)
_SOLAR_LEAP_YEARS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
"""Of each 33 years."""


def in_our_calendar(text: str) -> str:
    """The date with the day as ISO 8601 writes it, if it is counted otherwise; any other text, and a day that doesn't
    exist, as it is.
    """
    text = re.sub(_WEEK_DATE, _of_week, text)
    text = re.sub(_DAY_OF_YEAR, _of_year, text)
    text = re.sub(_SOLAR_DATE, _of_solar_year, text)
    return re.sub(_BUDDHIST_YEAR, lambda found: str(int(found[1]) - _BUDDHIST_YEARS), text)


def _of_week(found: re.Match[str]) -> str:
    try:
        return date.fromisocalendar(*map(int, found.groups())).isoformat()
    except ValueError:
        return found[0]


def _of_year(found: re.Match[str]) -> str:
    year, number = int(found[1]), int(found[2])
    day = date(year, 1, 1) + timedelta(number - 1) if 0 < year < date.max.year else date.max
    return day.isoformat() if day.year == year else found[0]


def _of_solar_year(found: re.Match[str]) -> str:
    year, month, number = map(int, (found[1], found[3], found[4]) if found[1] else (found[7], found[6], found[5]))
    if not (_FIRST_SOLAR_YEAR <= year <= _LAST_SOLAR_YEAR and 1 <= month <= 12 and 1 <= number <= 31):
        return found[0]
    leap_days = sum(before % 33 in _SOLAR_LEAP_YEARS for before in range(_FIRST_SOLAR_YEAR, year))
    # Six months of 31 days, then five of 30, then one of 29 or 30.
    days = (year - _FIRST_SOLAR_YEAR) * 365 + leap_days + (month - 1) * 31 - max(month - 7, 0) + number - 1
    return (_FIRST_SOLAR_DAY + timedelta(days)).isoformat()
