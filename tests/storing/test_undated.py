"""Where posts without a date stand when their feed is read for the first time, and later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.models import Entry
from aggregator.storing.undated import presumed_dates
from tests.factories import NOW, make_feed
from tests.stores import make_document, make_item, new_feed, store_items

MONTH_AGO = NOW - timedelta(days=30)


def presumed(*days_ago: float | None, dated_at: datetime | None = None) -> list[float | None]:
    """How many days ago the undated of these items are presumed to be; None for those with a date."""
    items = [make_item(f"{number}", days_ago=days) for number, days in enumerate(days_ago)]
    dates = presumed_dates(make_document(*items, dated_at=dated_at), NOW)
    return [(NOW - dates[item.guid]).days if item.guid in dates else None for item in items]


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ([1, None, None, 9], [None, 1, 9, None]),
        ([None, None, 5], [5, 5, None]),
        ([5, None, None], [None, 5, 5]),
        ([3, None, 8], [None, 8, None]),  # as near to both: it isn't newer than it can be
        ([8, None, 3], [None, 8, None]),
        ([1, 2, 3], [None, None, None]),
        ([], []),
    ],
)
def test_an_undated_post_takes_the_date_of_its_nearest_neighbor(
    days_ago: list[float | None], expected: list[float | None]
) -> None:
    assert presumed(*days_ago) == expected


def test_where_no_post_has_a_date_they_take_the_feeds() -> None:
    assert presumed(None, None, dated_at=NOW - timedelta(days=400)) == [400, 400]


def test_an_archive_without_any_date_is_a_month_old() -> None:
    assert presumed(None, None) == [30, 30]


def test_a_long_document_takes_one_pass() -> None:
    assert presumed(1, *[None] * 20_000, 2)[10_000] in {1, 2}


@pytest.mark.django_db
def test_an_archive_without_dates_stands_below_today_in_its_order() -> None:
    store_items(new_feed(), *(make_item(name, days_ago=None) for name in ("first", "second", "third")))
    store_items(make_feed(), make_item("today", days_ago=0))
    shown = list(Entry.objects.newest_first().values_list("title", "timeline_at", "published_at"))
    assert shown == [("today", NOW, NOW), *((name, MONTH_AGO, None) for name in ("first", "second", "third"))]


@pytest.mark.django_db
def test_an_undated_post_stands_beside_its_neighbor_of_the_first_poll() -> None:
    items = make_item("new", days_ago=2), make_item("undated", days_ago=None), make_item("old", days_ago=9)
    store_items(new_feed(), *items, make_item("older", days_ago=9.5))
    assert [entry.title for entry in Entry.objects.newest_first()] == ["new", "undated", "old", "older"]


@pytest.mark.django_db
def test_what_was_presumed_stays_and_is_told_to_nobody() -> None:
    feed = new_feed()
    store_items(feed, make_item("one", days_ago=None))
    feed.refresh_from_db()
    store_items(feed, make_item("one", days_ago=None), make_item("two", days_ago=None), now=NOW + timedelta(days=1))
    first, second = Entry.objects.order_by("pk")
    assert (first.timeline_at, first.first_seen_at, first.announced_at) == (MONTH_AGO, NOW, NOW)
    assert (second.timeline_at, second.announced_at) == (NOW + timedelta(days=1), None)


@pytest.mark.django_db
def test_a_date_that_comes_later_moves_a_post_whose_date_was_presumed() -> None:
    feed = new_feed()
    store_items(feed, make_item("one", days_ago=None))
    feed.refresh_from_db()
    store_items(feed, make_item("one", days_ago=3), now=NOW + timedelta(hours=1))
    assert Entry.objects.get().timeline_at == NOW - timedelta(days=3)


@pytest.mark.django_db
def test_an_undated_archive_stands_in_the_months_that_its_addresses_name() -> None:
    old = make_item("old", days_ago=None, url="https://blog.example/2019/05/old")
    beside = make_item("beside", days_ago=None)
    recent = make_item("recent", days_ago=None, url="https://blog.example/2026/06/05/recent")
    store_items(new_feed(), recent, old, beside)
    months = {entry.title: (entry.timeline_at, entry.published_at) for entry in Entry.objects.all()}
    may = datetime(2019, 5, 1, tzinfo=UTC)
    assert months == {"old": (may, None), "beside": (may, None), "recent": (datetime(2026, 6, 5, tzinfo=UTC), None)}


def test_a_month_to_come_in_an_address_dates_nothing() -> None:
    item = make_item("one", days_ago=None, url="https://blog.example/2031/05/one")
    assert presumed_dates(make_document(item), NOW)[item.guid] == MONTH_AGO
