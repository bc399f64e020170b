"""The hours and days in which an RSS feed doesn't want to be read. feedparser keeps the last of them only."""

from __future__ import annotations

import re

from .xmltext import NO_TAGS

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Lists within comments don't count. A list is read up to its end tag or the next list, so the search never starts over.
_LIST = re.compile(
    rf"{NO_TAGS}|<skip(?P<kind>Hours|Days)(?:\s[^<>]*)?>(?P<list>(?:(?!</?skip).)*+)",
    re.DOTALL | re.IGNORECASE,
)
_CDATA = r"(?:<!\[CDATA\[)?"
_HOUR = re.compile(rf"<hour(?:\s[^<>]*)?>\s*{_CDATA}\s*([0-9]{{1,2}})\s*(?::00\s*)?(?:\]\]>\s*)?</hour", re.IGNORECASE)
_DAY = re.compile(rf"<day(?:\s[^<>]*)?>\s*{_CDATA}\s*([a-z]{{3,9}})\.?\s*(?:\]\]>\s*)?</day", re.IGNORECASE)


def skips_of(frame: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The hours, in UTC, and the weekdays, Monday being 0, in which a feed doesn't want to be read, each in order.

    `frame` is what stands around its items. Hours go from 0 to 23; midnight is called 24, too, as in older versions
    (RSS 2.0, skipHours and skipDays). What is no hour or day is left out.
    """
    hours: set[int] = set()
    days: set[int] = set()
    if "<skip" in frame.casefold():
        for found in _LIST.finditer(frame):
            if (found["kind"] or "").casefold() == "hours":
                hours |= {int(hour) % 24 for hour in _HOUR.findall(found["list"]) if int(hour) <= 24}
            elif found["kind"]:
                written = tuple(map(str.casefold, _DAY.findall(found["list"])))
                days |= {number for number, day in enumerate(_DAYS) if any(map(day.startswith, written))}
    return tuple(sorted(hours)), tuple(sorted(days))
