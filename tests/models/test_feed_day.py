"""Looks at feeds are counted by days: one row a feed and day, added to in one statement, and gone after 400 days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Feed, FeedDay, Look
from tests.factories import NOW, make_feed

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def row_of(feed: Feed, day: date = TODAY) -> FeedDay:
    return FeedDay.objects.get(feed=feed, day=day)


def test_looks_of_a_day_add_up() -> None:
    feed = make_feed()
    FeedDay.objects.add([Look(feed.pk, NOW, brought=True, posts=2, delay_seconds=(60, 7200))])
    FeedDay.objects.add([Look(feed.pk, NOW, brought=True, posts=1, delay_seconds=(600,))])
    FeedDay.objects.add([Look(feed.pk, NOW, unchanged=True)])
    FeedDay.objects.add([Look(feed.pk, NOW, sent_whole=True, has_moved=True)])
    FeedDay.objects.add([Look(feed.pk, NOW, put_off=True, trouble="http")])
    FeedDay.objects.add([Look(feed.pk, NOW, failed=True, trouble="timeout")])
    row = row_of(feed)
    assert (row.brought, row.unchanged, row.sent_whole, row.failed, row.put_off) == (2, 1, 1, 1, 1)
    assert (row.posts, row.delays, row.delay_seconds, row.worst_delay_seconds) == (3, 3, 7860, 7200)
    assert (row.trouble, row.has_moved) == ("timeout", True)
    FeedDay.objects.add([Look(feed.pk, NOW, unchanged=True)])
    assert (row_of(feed).trouble, row_of(feed).has_moved) == ("", True)


def test_many_feeds_cost_one_statement() -> None:
    feeds = [make_feed() for _ in range(40)]
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            FeedDay.objects.add(Look(feed.pk, NOW, unchanged=True) for feed in feeds)
        assert len(queries) == 1
    assert {row.unchanged for row in FeedDay.objects.all()} == {2}
    assert FeedDay.objects.count() == 40


def test_without_a_look_nothing_is_asked() -> None:
    with CaptureQueriesContext(connection) as queries:
        FeedDay.objects.add([])
    assert len(queries) == 0


def test_a_day_is_one_in_utc() -> None:
    feed = make_feed()
    ahead = datetime(2026, 6, 24, 23, 30, tzinfo=UTC).astimezone(tz=None)
    FeedDay.objects.add([Look(feed.pk, ahead, failed=True)])
    assert row_of(feed).failed == 1


def test_a_delay_of_a_thousand_years_fits() -> None:
    feed = make_feed()
    for _ in range(2):
        FeedDay.objects.add([Look(feed.pk, NOW, brought=True, delay_seconds=(2**40,))])
    assert row_of(feed).delay_seconds == 2 * row_of(feed).worst_delay_seconds


def test_days_are_kept_for_400_days() -> None:
    feed, other = make_feed(), make_feed()
    for days in (399, 400, 401, 402):
        FeedDay.objects.add(Look(one.pk, NOW - timedelta(days=days), unchanged=True) for one in (feed, other))
    assert FeedDay.objects.forget_old(NOW) == 4
    assert {(TODAY - row.day).days for row in FeedDay.objects.all()} == {399, 400}


def test_days_of_a_clock_that_was_ahead_go() -> None:
    feed = make_feed()
    for days in (1, 300):
        FeedDay.objects.add([Look(feed.pk, NOW + timedelta(days=days), unchanged=True)])
    assert FeedDay.objects.forget_old(NOW) == 1
    assert FeedDay.objects.get().day == TODAY + timedelta(days=1)


def test_the_days_of_a_feed_go_with_it() -> None:
    feed = make_feed()
    FeedDay.objects.add(Look(one.pk, NOW, unchanged=True) for one in (feed, make_feed()))
    feed.delete()
    assert FeedDay.objects.count() == 1


def test_since_when_is_no_day_to_come() -> None:
    feed = make_feed()
    FeedDay.objects.add([Look(feed.pk, NOW + timedelta(days=1), unchanged=True)])
    assert FeedDay.objects.first_day(feed.pk, TODAY) is None
    FeedDay.objects.add([Look(feed.pk, NOW, unchanged=True)])
    assert FeedDay.objects.first_day(feed.pk, TODAY) == TODAY
