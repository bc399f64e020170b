"""A date as some feed wrote it, to aware UTC or to nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

from .date_forms import FORMS
from .date_scripts import ENGLISH_MONTHS
from .date_spelling import spelled_plainly
from .date_words import bare, months_named, weekdays_named
from .date_zones import is_zone, minutes_east

_MAX_DATE_CHARACTERS = 80
"""No way to write a date takes more."""

_MAX_MARKUP_CHARACTERS = 1000
"""Of a date in an element of HTML, as some programs write it."""

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""There were hardly any blogs before."""

_LAST_YEAR = 2500
"""Later ones are counted otherwise, as in Thailand."""

_FUTURE_TOLERANCE = timedelta(days=1)
"""For clocks that are fast, and times that name the wrong zone or none."""

_SAME_DAY = timedelta(days=1)
"""Two readings of one moment differ by no more, whatever their zones are."""

_MAX_OFFSET_MINUTES = 15 * 60
"""From UTC. The zones of the world reach to 14 hours."""

# What most feeds write (RFC 822, RFC 3339), read without looking at all that others do: each poll reads every date of
# every document. Only what can't mean anything else, and `FORMS` read the same.
_USUAL_DAYS = "mon tue wed thu fri sat sun".title().split()
_USUAL_MONTHS = [name.title() for name in ENGLISH_MONTHS]
_USUAL_ZONE = r"(?P<sign>[+-])(?P<hours>0\d|1[0-4])(?P<minutes>[0-5]\d)"
_USUAL = re.compile(
    rf"(?:(?:{'|'.join(_USUAL_DAYS)}), )?(?P<day>\d{{1,2}}) (?P<month>{'|'.join(_USUAL_MONTHS)}) "
    rf"(?P<year>199[5-9]|20\d\d) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?:GMT|{_USUAL_ZONE})",
    re.ASCII,
)
_USUAL_ISO = re.compile(
    r"((?:199[5-9]|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(_USUAL_MONTHS, 1)}
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{10})(?:\d{3}|\d{6})")
_TIME_ELEMENT = re.compile(
    r"<time\s[^<>]*?\bdatetime\s*=\s*(?:[\"'](?P<quoted>[^\"'<>]*)[\"']|(?P<bare>[^\s\"'<>]++))", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>\d][^<>]*>")
_compiled = cache(re.compile)
_COMMENT = re.compile(r"\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])$")


def parse_date(text: str, now: datetime) -> datetime | None:
    """The moment that a feed's date means, in aware UTC, or None if it can't be read or believed.

    Reads ISO 8601, RFC 822, RFC 850, asctime, epoch seconds and milliseconds, and dates with the names of months in the
    languages of `date_words`; without a zone they are UTC, without a time midnight. Of an HTML `time` element counts
    what its datetime says, unless its words say another day. None for a date that no calendar has ("2024-02-30"), for
    one before 1995, and for day and month in digits and slashes ("01/02/2024") where neither the calendar nor a weekday
    tells which is which; for a mere number also if that is more than a day after `now` (aware): it may count anything.
    Never raises.
    """
    moment = _in_markup(text) if "<" in text else _in_words(text)
    if moment is None or moment < _EARLIEST or (_EPOCH.fullmatch(text.strip()) and not is_believable(moment, now)):
        return None
    return moment


def is_believable(moment: datetime, now: datetime) -> bool:
    """Whether a post can be from that moment: from 1995 on, and no later than a day after `now`. Both are aware."""
    return _EARLIEST <= moment <= now + _FUTURE_TOLERANCE


def first_to_believe(first: datetime | None, then: datetime | None, now: datetime) -> datetime | None:
    """The first of two dates of a post; instead of one that can't be believed the other, if that can."""
    if first and then and not is_believable(first, now) and is_believable(then, now):
        return then
    return first or then


def can_be_guessed(text: str, guess: datetime) -> bool:
    """Whether another reader's `guess` (aware UTC) can be right for a text that `parse_date` gives up on.

    Lenient readers turn days that no calendar has ("2024-02-30") into others, and make up a year that isn't written.
    """
    if len(text) > _MAX_DATE_CHARACTERS:
        return False
    plain = _COMMENT.sub("", spelled_plainly(text))
    if any(_names_day(match.groupdict()) for form in FORMS if (match := _compiled(form).fullmatch(plain))):
        return False
    years = {(guess + timedelta(hours=hours)).year for hours in (-15, 0, 15)}
    return any(str(year) in plain for year in years)


def _names_day(parts: dict[str, str | None]) -> bool:
    return bool(parts.get("month") or parts.get("one") or months_named(parts.get("month_name") or ""))


def _in_markup(text: str) -> datetime | None:
    """What a date says that stands in an element of HTML."""
    if len(text) > _MAX_MARKUP_CHARACTERS:
        return None
    element = _TIME_ELEMENT.search(text)
    exact = _in_words(element["quoted"] or element["bare"] or "") if element else None
    words = _in_words(_TAG.sub(" ", text))
    if exact is None or (words is not None and abs(exact - words) > _SAME_DAY):
        return words
    return exact


def _in_words(text: str) -> datetime | None:
    if len(text) > _MAX_DATE_CHARACTERS:
        return None
    return _read_usual(text) or _read(as_it_is := bare(text.strip())) or _read_mended(text, as_it_is)


def _read_mended(text: str, as_it_is: str) -> datetime | None:
    """What a date means in a spelling that needs work, unless that changes nothing."""
    plain = spelled_plainly(text)
    return None if plain == as_it_is else _read(plain)


def _read_usual(text: str) -> datetime | None:
    """What a date in one of the usual spellings means; None for all others, and for what no calendar or clock has."""
    try:
        if iso := _USUAL_ISO.fullmatch(text):
            return datetime.fromisoformat(iso[1] + iso[2]).astimezone(UTC)
        match = _USUAL.fullmatch(text)
        if match is None:
            return None
        day, month, year, *clock, sign, hours, minutes = match.groups()
        hour, minute, second = map(int, clock)
        moment = datetime(int(year), _MONTH_NUMBERS[month], int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    return moment + offset if sign == "-" else moment - offset


def _read(plain: str) -> datetime | None:
    comment = _COMMENT.search(plain)
    date = plain[: comment.start()] if comment else plain
    if epoch := _EPOCH.fullmatch(date):
        return datetime.fromtimestamp(int(epoch[1] or epoch[2]), UTC)
    for form in FORMS:
        match = _compiled(form).fullmatch(date)
        if match and _names_day(match.groupdict()):
            return _moment(match.groupdict(), (comment[1] or comment[2] or "") if comment else "")
    return None


def _moment(parts: dict[str, str | None], comment: str) -> datetime | None:
    """The moment that these parts name; a comment beside them can name the zone where they don't."""
    day = _day(parts)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    hour, is_valid = _on_24_hours(hour, parts.get("half") or "")
    if day is None or not is_valid:
        return None
    offset = minutes_east(parts.get("zone") or (comment if is_zone(comment) else ""), day)
    if abs(offset) > _MAX_OFFSET_MINUTES:
        return None
    is_end_of_day = (hour, minute, second) == (24, 0, 0)
    try:
        # 23:59:60 is a leap second, which datetime doesn't know.
        time = day.replace(hour=0 if is_end_of_day else hour, minute=minute, second=59 if second == 60 else second)
    except ValueError:
        return None
    return time + timedelta(days=int(is_end_of_day), minutes=-offset)


def _day(parts: dict[str, str | None]) -> datetime | None:
    """Midnight of the day that is meant; None if there is no such day, or if it can't be told."""
    year = _full_year(parts["year"] or "")
    if not _EARLIEST.year - 1 <= year < _LAST_YEAR:
        return None
    if parts.get("late_weekday") and not weekdays_named(parts["late_weekday"] or ""):
        return None  # some other word
    readings = _readings(parts)
    if len(readings) == 1 and not parts.get("one"):
        return _calendar_day(year, *readings.pop())
    days = {day for reading in readings if (day := _calendar_day(year, *reading))}
    weekdays = weekdays_named(_weekday(parts))
    days = {day for day in days if day.weekday() in weekdays} if weekdays else days
    return days.pop() if len(days) == 1 else None


def _readings(parts: dict[str, str | None]) -> set[tuple[int, int]]:
    """The months and days of the month that can be meant; more than one where countries or languages differ."""
    if parts.get("one"):
        one, other = int(parts["one"] or 0), int(parts["other"] or 0)
        return {(one, other), (other, one)}
    number = int(parts["day"] or 0)
    if parts.get("month"):
        return {(int(parts["month"] or 0), number)}
    return {(month, number) for month in months_named(parts["month_name"] or "", _weekday(parts))}


def _weekday(parts: dict[str, str | None]) -> str:
    return parts.get("weekday") or parts.get("late_weekday") or ""


def _calendar_day(year: int, month: int, number: int) -> datetime | None:
    try:
        return datetime(year, month, number, tzinfo=UTC)
    except ValueError:
        return None


def _full_year(digits: str) -> int:
    """The year of two or four digits; 00 to 49 are of this century (RFC 5322 section 4.3)."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _on_24_hours(hour: int, half: str) -> tuple[int, bool]:
    """The hour, and whether there is one. Some programs write "22:00 PM" and "00:30 AM"."""
    if not half or (half == "p" and 12 < hour < 24):
        return hour, True
    return hour % 12 + (12 if half == "p" else 0), (0 if half == "a" else 1) <= hour <= 12
