"""What the zone beside a time means: a name, an offset, or a place."""

from __future__ import annotations

import re
from datetime import datetime
from importlib import import_module

_NAMED = {
    # RFC 5322 section 4.3, then the names that servers elsewhere write; of names that several zones share, the one
    # that is more often met in feeds.
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150,
    "brt": -180, "brst": -120, "art": -180, "clt": -240, "clst": -180, "cot": -300, "pet": -300, "vet": -240,
    "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120,
    "cat": 120, "wat": 60, "eat": 180, "sast": 120, "eet": 120, "eest": 180, "idt": 180, "msk": 180, "мск": 180,
    "msd": 240, "trt": 180, "irst": 210, "samt": 240, "gst": 240, "aft": 270, "pkt": 300, "uzt": 300, "yekt": 300,
    "ist": 330, "npt": 345, "omst": 360, "wib": 420, "ict": 420, "novt": 420, "krat": 420, "wita": 480, "hkt": 480,
    "sgt": 480, "myt": 480, "pht": 480, "irkt": 480, "awst": 480, "wit": 540, "jst": 540, "kst": 540, "yakt": 540,
    "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "vlat": 600, "nzst": 720, "nzdt": 780,
}  # fmt: skip
"""Minutes east of Greenwich; any other name means UTC, as RFC 5322 says."""
_LONG_NAMES = {
    **{f"{name} {season} time": f"{name[0]}{season[0]}t"
       for name in ("eastern", "central", "mountain", "pacific") for season in ("standard", "daylight")},
    "western european time": "wet", "western european summer time": "west", "british summer time": "bst",
    "central european time": "cet", "central european standard time": "cet", "central european summer time": "cest",
    "mitteleuropaische zeit": "cet", "mitteleuropaische sommerzeit": "cest", "eastern european time": "eet",
    "eastern european standard time": "eet", "eastern european summer time": "eest", "moscow standard time": "msk",
    "india standard time": "ist", "japan standard time": "jst", "korean standard time": "kst",
    "australian eastern standard time": "aest", "australian eastern daylight time": "aedt",
}  # fmt: skip
_PLACES = {
    # Names that say nothing of summer.
    "et": "america/new_york", "ct": "america/chicago", "mt": "america/denver", "pt": "america/los_angeles",
    "eastern time": "america/new_york", "central time": "america/chicago", "mountain time": "america/denver",
    "pacific time": "america/los_angeles",
}  # fmt: skip

UTC_NAME = r"(?:gmt|utc?|z)"
ZONE = (
    rf"(?P<zone>{UTC_NAME}?\s*[+-]\s?\d{{1,2}}(?::?\d{{2}})?(?:\s+[a-z]{{1,5}}|z)?"
    r"|[a-z]{2,14}(?:/[a-z_]{2,20}){1,2}|(?:[a-z]{3,20} ){1,3}(?:time|zeit|sommerzeit)|мск|[a-z]{1,5}(?:\s+gmt)?)"
)
"""How a zone is written, as a pattern for bare text."""

_OFFSET = r"(?P<sign>[+-])\s?(?P<hours>\d{1,2}?)(?::?(?P<minutes>\d{2}))?(?!\d)"


def is_zone(name: str) -> bool:
    """Whether this bare word is the name of a zone or a place that has one, or an offset."""
    return name in {*_NAMED, *_LONG_NAMES, *_PLACES} or "/" in name or bool(re.fullmatch(_OFFSET, name))


def minutes_east(zone: str, day: datetime) -> int:
    """Minutes east of Greenwich of a zone, as `ZONE` finds it, on that day; 0 for one that nobody knows."""
    offset = re.search(_OFFSET, zone)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return -minutes if offset["sign"] == "-" else minutes
    name = _LONG_NAMES.get(zone, zone)
    place = name if "/" in name else _PLACES.get(name, "")
    return _minutes_at(place, day) if place else _NAMED.get(name.removesuffix("gmt").strip(), 0)


def _minutes_at(place: str, day: datetime) -> int:
    """By name, as few feeds need it: to import it takes 10 ms."""
    zones = import_module("zoneinfo")
    try:
        offset = day.replace(tzinfo=zones.ZoneInfo(_spelled(place))).utcoffset()
    except (zones.ZoneInfoNotFoundError, ValueError, OSError):  # or the machine has no list of zones
        return 0
    return int(offset.total_seconds()) // 60 if offset else 0


def _spelled(place: str) -> str:
    """As the list of zones writes it: "america/port_of_spain" is America/Port_of_Spain."""
    words = re.sub(r"[a-z]+", lambda word: word[0] if word[0] in {"of", "es", "au"} else word[0].title(), place)
    return words.replace("Etc/Utc", "Etc/UTC").replace("Etc/Gmt", "Etc/GMT")
