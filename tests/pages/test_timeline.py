from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from aggregator.models import Entry, Feed
from aggregator.pages.timeline import (
    clock_name,
    complete_until,
    day_name,
    days_of,
    month_name,
    publication_note,
    stamp_name,
    weekday_name,
)

NORTH, SOUTH = Feed(pk=1, title="North"), Feed(pk=2, title="South")


def entry(feed: Feed, text: str, title: str = "") -> Entry:
    return Entry(feed=feed, title=title, timeline_at=datetime.fromisoformat(text))


def shape(entries: list[Entry]) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(day_name(day.date), [(run.feed.title, len(run.entries)) for run in day.runs]) for day in days_of(entries)]


def test_no_entries_make_no_days() -> None:
    assert days_of([]) == []


def test_neighbors_of_one_feed_share_a_run() -> None:
    entries = [entry(NORTH, "2026-06-05T17:00Z"), entry(NORTH, "2026-06-05T14:00Z")]
    assert shape(entries) == [("05 Jun 2026", [("North", 2)])]


def test_a_feed_that_comes_back_within_a_day_gets_a_new_run() -> None:
    entries = [entry(feed, "2026-06-05T12:00Z") for feed in (NORTH, SOUTH, NORTH)]
    assert shape(entries) == [("05 Jun 2026", [("North", 1), ("South", 1), ("North", 1)])]


def test_a_new_day_starts_a_new_run_of_the_same_feed() -> None:
    entries = [entry(NORTH, "2026-06-06T00:00Z"), entry(NORTH, "2026-06-05T23:59:59Z")]
    assert shape(entries) == [("06 Jun 2026", [("North", 1)]), ("05 Jun 2026", [("North", 1)])]


def test_days_are_those_of_utc() -> None:
    assert shape([entry(NORTH, "2026-06-06T01:30+02:00")]) == [("05 Jun 2026", [("North", 1)])]


def test_entries_keep_the_order_given() -> None:
    entries = [entry(NORTH, "2026-06-05T12:00Z", title) for title in ("b", "a", "c")]
    assert [one.title for one in days_of(entries)[0].runs[0].entries] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("hour", "minute", "name"),
    [
        (0, 0, "12:00am GMT"),
        (0, 33, "12:33am GMT"),
        (1, 37, "1:37am GMT"),
        (11, 4, "11:04am GMT"),
        (12, 0, "12:00pm GMT"),
        (13, 31, "1:31pm GMT"),
        (23, 59, "11:59pm GMT"),
    ],
)
def test_the_clock_has_twelve_hours(hour: int, minute: int, name: str) -> None:
    assert clock_name(datetime(2026, 6, 7, hour, minute, tzinfo=UTC)) == name


def test_a_stamp_is_in_gmt_wherever_its_moment_was_noted() -> None:
    east = timezone(timedelta(hours=9))
    assert stamp_name(datetime(2026, 6, 7, 10, 37, tzinfo=east)) == "07 Jun 2026 1:37am GMT"


def test_days_weekdays_and_months_have_names() -> None:
    day = date(2026, 9, 4)
    assert (day_name(day), weekday_name(day), month_name(day)) == ("04 Sep 2026", "Friday", "September 2026")


SHOWN = datetime(2026, 6, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [0, 60, -60])
def test_a_publication_within_a_minute_needs_no_note(seconds: int) -> None:
    assert publication_note(SHOWN, SHOWN + timedelta(seconds=seconds)) == ""


def test_a_post_without_a_date_needs_no_note() -> None:
    assert publication_note(SHOWN, None) == ""


def test_an_older_publication_is_noted_by_its_day() -> None:
    assert publication_note(SHOWN, datetime(2026, 6, 3, 17, 0, tzinfo=UTC)) == "published 3 Jun 2026"


def test_a_publication_on_the_same_day_is_noted_by_its_time() -> None:
    assert publication_note(SHOWN, SHOWN - timedelta(hours=2)) == "published at 7:00am GMT"


def test_a_date_in_the_future_is_not_said_to_have_happened() -> None:
    assert publication_note(SHOWN, datetime(2097, 1, 1, tzinfo=UTC)) == "dated 1 Jan 2097"


def test_a_limited_page_is_complete_until_a_feed_reaches_its_limit() -> None:
    entries = [entry(feed, "2026-06-05T12:00Z") for feed in (NORTH, SOUTH, NORTH, SOUTH, NORTH)]
    assert complete_until(entries, per_feed=2) is entries[2]


def test_a_page_where_no_feed_reaches_its_limit_is_complete_until_its_end() -> None:
    entries = [entry(feed, "2026-06-05T12:00Z") for feed in (NORTH, SOUTH)]
    assert complete_until(entries, per_feed=2) is entries[-1]


def test_an_empty_page_is_complete_until_nothing() -> None:
    assert complete_until([], per_feed=3) is None
