"""A date as some feed wrote it, to aware UTC or to nothing."""

from __future__ import annotations

import re
import unicodedata
from datetime import MAXYEAR, UTC, datetime, timedelta

_MAX_DATE_CHARACTERS = 80
"""No way to write a date takes more."""

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""There were hardly any blogs before."""

_FUTURE_TOLERANCE = timedelta(days=1)
"""For clocks that are fast, and times that name the wrong zone or none."""

_MAX_OFFSET_MINUTES = 15 * 60
"""From UTC. The zones of the world reach to 14 hours."""

_ENGLISH = "january february march april may june july august september october november december"
_GERMAN = "januar februar marz april mai juni juli august september oktober november dezember"
_FRENCH = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
_MONTHS = {name: index % 12 + 1 for index, name in enumerate(f"{_ENGLISH} {_GERMAN} {_FRENCH}".split())}
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items() if name[:3] != "jui"}
_MONTHS |= {name[:4]: month for name, month in _MONTHS.items() if len(name) > 4}
_MONTHS |= {"janner": 1, "feber": 2, "maerz": 3, "mrz": 3, "juil": 7}

_ZONE_MINUTES = {
    # RFC 5322 section 4.3, then the names that European and Asian servers write.
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150, "brt": -180,
    "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120,
    "eet": 120, "eest": 180, "sast": 120, "msk": 180, "msd": 240, "trt": 180, "pkt": 300, "ist": 330,
    "ict": 420, "hkt": 480, "sgt": 480, "awst": 480, "jst": 540, "kst": 540, "acst": 570, "acdt": 630,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
"""Minutes east of Greenwich; any other name means UTC, as RFC 5322 says."""

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:]\d+)?)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?|\s*(?:uhr|h)\b)?"
)
_UTC = r"(?:gmt|utc?|z)"
_ZONE = rf"(?P<zone>{_UTC}?\s*[+-]\d{{1,2}}(?::?\d{{2}})?(?:\s+[a-z]{{1,5}}|z)?|[a-z]{{1,5}})"
_WEEKDAY = r"(?:[^\W\d_]+[.,\s]+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?"
_MONTH = r"(?P<month_name>[^\W\d_]{3,9})\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_THEN_TIME = rf"(?:(?:,?\s*(?:at|um|a|kl)|,|\s-)?\s*(?<!\d){_CLOCK}(?:,?\s*{_ZONE})?|\s+{_UTC})?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # 2024-01-05T10:30:00.5+02:00, 2024-01-05 10:30, 2024/1/5 (ISO 8601, RFC 3339, and near misses)
        rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?:[t,\s]\s*{_CLOCK}\s*{_ZONE}?|\s*{_UTC})?",
        # 20240105, 20240105T103000Z (ISO 8601, basic)
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:t?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?\s*{_ZONE}?)?",
        # 05.01.2024 10:30
        rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_THEN_TIME}",
        # Fri, 05 Jan 2024 10:30:00 CEST, Friday, 05-Jan-24 10:30:00 GMT, 5. Januar 2024 (RFC 822, RFC 850)
        rf"{_WEEKDAY}{_DAY}[\s-]*{_MONTH}[\s,-]*{_YEAR}(?!\d){_THEN_TIME}",
        # Fri Jan  5 10:30:00 CET 2024 (asctime, date)
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_CLOCK}(?:\s+{_ZONE})?\s+(?P<year>\d{{4}})",
        # January 5, 2024 at 10:30 pm
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+(?P<year>\d{{4}}){_THEN_TIME}",
    )
)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{13})")
_COMMENT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])$")


def parse_date(text: str, now: datetime) -> datetime | None:
    """The moment that a feed's date means, in aware UTC, or None if it can't be read or believed.

    Reads ISO 8601, RFC 822, RFC 850, asctime, epoch seconds and milliseconds, and dates with English, German or French
    month names; without a zone they are UTC, without a time midnight. None for a date that no calendar has
    ("2024-02-30"), for one outside of 1995 … `now` (aware) plus one day, and for day and month in digits and slashes
    ("01/02/2024"), as nobody can tell which is which. Never raises.
    """
    moment = _read(_plain(text)) if len(text) <= _MAX_DATE_CHARACTERS else None
    return moment if moment is not None and is_believable(moment, now) else None


def is_believable(moment: datetime, now: datetime) -> bool:
    """Whether a post can be from that moment: from 1995 on, and no later than a day after `now`. Both are aware."""
    return _EARLIEST <= moment <= now + _FUTURE_TOLERANCE


def can_be_guessed(text: str, guess: datetime) -> bool:
    """Whether another reader's `guess` (aware UTC) can be right for a text that `parse_date` gives up on.

    Lenient readers turn days that no calendar has ("2024-02-30") into others, and make up a year that isn't written.
    """
    if len(text) > _MAX_DATE_CHARACTERS:
        return False
    plain = _plain(text)
    if any(_names_month(match.groupdict()) for form in _FORMS if (match := form.fullmatch(plain))):
        return False
    years = {(guess + timedelta(hours=hours)).year for hours in (-15, 0, 15)}
    return any(str(year) in plain for year in years)


def _names_month(parts: dict[str, str | None]) -> bool:
    return bool(parts.get("month")) or parts.get("month_name") in _MONTHS


def _plain(text: str) -> str:
    """Lower case without accents, so that "Août" and "aout" are one word; without a trailing comment."""
    plain = text.strip().casefold()
    if not plain.isascii():
        letters = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _COMMENT.sub("", plain)


def _read(plain: str) -> datetime | None:
    epoch = _EPOCH.fullmatch(plain)
    if epoch:
        seconds = int(epoch[1]) if epoch[1] else int(epoch[2]) // 1000
        return datetime.fromtimestamp(seconds, UTC)
    for form in _FORMS:
        match = form.fullmatch(plain)
        if match:
            return _moment(match.groupdict())
    return None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    month = int(parts.get("month") or _MONTHS.get(parts.get("month_name") or "", 0))
    year = _full_year(parts["year"] or "")
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    offset = _offset_minutes(parts.get("zone") or "")
    if abs(offset) > _MAX_OFFSET_MINUTES or not _EARLIEST.year - 1 <= year < MAXYEAR:
        return None
    hour, is_valid = _on_24_hours(hour, parts.get("half") or "")
    is_end_of_day = (hour, minute, second) == (24, 0, 0)
    try:
        day = datetime(year, month, int(parts["day"] or 0), tzinfo=UTC)
        # 23:59:60 is a leap second, which datetime doesn't know.
        time = day.replace(hour=0 if is_end_of_day else hour, minute=minute, second=59 if second == 60 else second)
    except ValueError:
        return None
    return time + timedelta(days=int(is_end_of_day), minutes=-offset) if is_valid else None


def _full_year(digits: str) -> int:
    """The year of two or four digits; 00 to 49 are of this century (RFC 5322 section 4.3)."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _on_24_hours(hour: int, half: str) -> tuple[int, bool]:
    if not half:
        return hour, True
    return hour % 12 + (12 if half == "p" else 0), 1 <= hour <= 12


def _offset_minutes(zone: str) -> int:
    """Minutes east of Greenwich."""
    match = re.search(r"([+-])(\d{1,2}):?(\d{2})?", zone)
    if match is None:
        return _ZONE_MINUTES.get(zone, 0)
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes
