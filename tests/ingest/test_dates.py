"""What a feed's date means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.dates import parse_date

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-05T10:30:15Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05t10:30:15z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30:15+02:00", utc(2024, 1, 5, 8, 30, 15)),
        ("2024-01-05T10:30:15+0200", utc(2024, 1, 5, 8, 30, 15)),
        ("2024-01-05T10:30:15-08", utc(2024, 1, 5, 18, 30, 15)),
        ("2024-01-05T10:30:15.123456789Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30:15,5Z", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05T10:30Z", utc(2024, 1, 5, 10, 30)),
        ("2024-01-05T10:30", utc(2024, 1, 5, 10, 30)),
        ("2024-01-05 10:30:15", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05 10:30:15 +0000 UTC", utc(2024, 1, 5, 10, 30, 15)),
        ("2024-01-05 10:30:15 CET", utc(2024, 1, 5, 9, 30, 15)),
        ("2024-01-05T10:30:15+01:00[Europe/Berlin]", utc(2024, 1, 5, 9, 30, 15)),
        ("2024-01-05T10:30:15-05:00Z", utc(2024, 1, 5, 15, 30, 15)),
        ("2024-01-05", utc(2024, 1, 5)),
        ("2024-01-05Z", utc(2024, 1, 5)),
        ("2024-01-05T24:00:00Z", utc(2024, 1, 6)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
        ("2016/6/29", utc(2016, 6, 29)),
        ("20240105", utc(2024, 1, 5)),
        ("20240105T103015Z", utc(2024, 1, 5, 10, 30, 15)),
        ("20240105103015", utc(2024, 1, 5, 10, 30, 15)),
    ],
)
def test_iso_8601_and_its_near_misses_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 05 Jan 2024 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15 +0200", utc(2024, 1, 5, 8, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15 +0200 (CEST)", utc(2024, 1, 5, 8, 30, 15)),
        ("Fri, 5 Jan 2024 10:30 UT", utc(2024, 1, 5, 10, 30)),
        ("5 Jan 2024 10:30:15 Z", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri, 05 Jan 2024 10:30:15", utc(2024, 1, 5, 10, 30, 15)),
        ("05 Jan 2024 GMT", utc(2024, 1, 5)),
        ("Fri, 05 Jan 24 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri,05 Jan 2024 10:30:15 GMT+2", utc(2024, 1, 5, 8, 30, 15)),
        ("Friday, 05-Jan-24 10:30:15 GMT", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri Jan  5 10:30:15 2024", utc(2024, 1, 5, 10, 30, 15)),
        ("Fri Jan 5 10:30:15 CET 2024", utc(2024, 1, 5, 9, 30, 15)),
        ("Fri Jan 05 2024 10:30:15 GMT+0200 (CEST)", utc(2024, 1, 5, 8, 30, 15)),
        ("Thu, 05 Sept 2024 10:30:15 GMT", utc(2024, 9, 5, 10, 30, 15)),
        ("Sun, 05 Nov 98 10:30:15 GMT", utc(1998, 11, 5, 10, 30, 15)),
    ],
)
def test_mail_dates_and_asctime_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("UT", 0),
        ("GMT", 0),
        ("Z", 0),
        ("UTC", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
        ("CET", 1),
        ("CEST", 2),
        ("MEZ", 1),
        ("MESZ", 2),
        ("BST", 1),
        ("JST", 9),
    ],
)
def test_named_zones_are_honored(zone: str, hours: int) -> None:
    assert parse_date(f"Fri, 05 Jan 2024 10:30:00 {zone}", NOW) == utc(2024, 1, 5, 10, 30) - timedelta(hours=hours)


def test_an_unknown_zone_name_means_utc() -> None:
    assert parse_date("Fri, 05 Jan 2024 10:30:00 QQT", NOW) == utc(2024, 1, 5, 10, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("January 5, 2024", utc(2024, 1, 5)),
        ("Jan. 5th, 2024 10:30 pm", utc(2024, 1, 5, 22, 30)),
        ("January 5, 2024 at 12:05 a.m.", utc(2024, 1, 5, 0, 5)),
        ("5 January 2024", utc(2024, 1, 5)),
        ("Montag, 5. Februar 2024", utc(2024, 2, 5)),
        ("5. März 2024, 10:30 Uhr", utc(2024, 3, 5, 10, 30)),
        ("5. Mrz. 2024 um 10:30", utc(2024, 3, 5, 10, 30)),
        ("Mi, 01 Mai 2024 10:30:00 +0200", utc(2024, 5, 1, 8, 30)),
        ("Do, 05 Dez 2024 10:30:00 +0100", utc(2024, 12, 5, 9, 30)),
        ("05.01.2024 10:30", utc(2024, 1, 5, 10, 30)),
        ("lundi 5 février 2024", utc(2024, 2, 5)),
        ("1er août 2024 à 10h30", utc(2024, 8, 1, 10, 30)),
        ("le 5 juillet 2024", utc(2024, 7, 5)),
        ("5 juin 2024", utc(2024, 6, 5)),
        ("05 déc. 2024", utc(2024, 12, 5)),
    ],
)
def test_month_names_in_english_german_and_french_are_read(text: str, moment: datetime) -> None:
    assert parse_date(text, NOW) == moment


@pytest.mark.parametrize("month", range(1, 13))
def test_every_english_month_is_read_whole_and_short(month: int) -> None:
    day = utc(2025, month, 5)
    assert parse_date(day.strftime("%d %B %Y"), NOW) == parse_date(day.strftime("%d %b %Y"), NOW) == day


def test_epoch_seconds_are_read() -> None:
    assert parse_date("1704450615", NOW) == utc(2024, 1, 5, 10, 30, 15)


def test_epoch_milliseconds_are_read() -> None:
    assert parse_date("1704450615123", NOW) == utc(2024, 1, 5, 10, 30, 15)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29T10:00:00Z",
        "31 Apr 2024 10:00:00 GMT",
        "2024-13-01",
        "2024-00-10",
        "30.02.2024",
        "2024-01-05T25:00:00Z",
        "2024-01-05T10:61:00Z",
        "January 5, 2024 13:00 pm",
        "2024-01-05T10:00:00+99:00",
    ],
)
def test_a_date_that_no_calendar_has_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["01/02/2024", "yesterday", "", " ", "5", "2024", "Fri, 05 Foo 2024 10:00:00 GMT", "x" * 5000]
)
def test_what_cannot_be_told_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["-1-01-01T00:00:00Z", "10000-01-01", "9999-12-31T23:59:59-12:00", "0000-00-00", "0001-01-01"]
)
def test_years_beyond_the_calendar_are_none(text: str) -> None:
    assert parse_date(text, NOW) is None


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "1994-12-31T23:59:59Z", "0", "1995-01-01T00:30:00+01:00"])
def test_dates_before_1995_are_not_believed(text: str) -> None:
    assert parse_date(text, NOW) is None


def test_the_first_moment_of_1995_is_believed() -> None:
    assert parse_date("1995-01-01T00:00:00Z", NOW) == utc(1995, 1, 1)


def test_a_date_up_to_one_day_ahead_is_believed() -> None:
    assert parse_date("2026-06-08T12:00:00Z", NOW) == NOW + timedelta(days=1)


def test_a_date_further_ahead_is_none() -> None:
    assert parse_date("2026-06-08T12:00:01Z", NOW) is None


def test_the_answer_is_aware_utc() -> None:
    moment = parse_date("2024-01-05T10:30:15+02:00", NOW)
    assert moment is not None
    assert moment.tzinfo is UTC


@given(st.text(max_size=100))
def test_no_text_makes_it_raise(text: str) -> None:
    parse_date(text, NOW)


@given(st.text(alphabet="0123456789-+:./,TZ pmJanMärzGT ()", max_size=60))
def test_no_text_that_resembles_a_date_makes_it_raise(text: str) -> None:
    parse_date(text, NOW)


@given(st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2026, 6, 7)))  # noqa: DTZ001
def test_what_python_prints_is_read_back(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(moment.isoformat(), NOW) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000"), NOW) == moment
