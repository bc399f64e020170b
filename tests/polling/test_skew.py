"""Rows that a clock wrote which was ahead."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from aggregator.models import Entry, Feed
from aggregator.polling.skew import set_right
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


def set_right_now() -> None:
    set_right(NOW, lease_seconds=180)


def test_a_claim_of_a_clock_that_was_ahead_runs_out() -> None:
    feed = make_feed(lease=uuid.uuid4(), next_poll_at=NOW + HOUR)
    set_right_now()
    assert Feed.objects.due(NOW).unclaimed(NOW).get() == feed


def test_a_claim_by_a_clock_that_differs_a_little_stands() -> None:
    make_feed(lease=uuid.uuid4(), next_poll_at=NOW + timedelta(minutes=8))
    set_right_now()
    assert Feed.objects.claimed(NOW).exists()


def test_a_feed_waits_as_long_as_it_was_to_wait() -> None:
    feed = make_feed(last_polled_at=NOW + YEAR, next_poll_at=NOW + YEAR + 5 * HOUR)
    set_right_now()
    feed.refresh_from_db()
    assert (feed.last_polled_at, feed.next_poll_at) == (NOW, NOW + 5 * HOUR)


def test_so_does_a_server_that_asked_to_be_left_alone() -> None:
    feed = make_feed(last_polled_at=NOW + YEAR, next_poll_at=NOW + YEAR + 5 * HOUR, rests_until=NOW + YEAR + 2 * HOUR)
    set_right_now()
    feed.refresh_from_db()
    assert (feed.next_poll_at, feed.rests_until) == (NOW + 5 * HOUR, NOW + 2 * HOUR)


def test_a_due_date_beyond_all_waits_is_due() -> None:
    make_feed(last_polled_at=NOW - HOUR, next_poll_at=NOW + YEAR)
    set_right_now()
    assert Feed.objects.due(NOW).exists()


def test_a_feed_that_is_probed_once_a_month_is_left_to_wait() -> None:
    make_feed(state="gone", last_polled_at=NOW, next_poll_at=NOW + timedelta(days=30))
    set_right_now()
    assert not Feed.objects.due(NOW).exists()


def test_a_feed_that_only_the_wrong_clock_gave_up_is_asked_again() -> None:
    failing = NOW - timedelta(days=2)
    feed = make_feed(
        state="gone", failing_since=failing, last_polled_at=NOW + YEAR, next_poll_at=NOW + YEAR + timedelta(days=30)
    )
    set_right_now()
    assert (Feed.objects.get(pk=feed.pk).state, Feed.objects.due(NOW).exists()) == ("active", True)


def test_a_post_without_a_date_stands_at_the_moment_that_is_now() -> None:
    feed = make_feed(last_polled_at=NOW + YEAR, created_at=NOW - YEAR)
    ahead = NOW + YEAR
    entry = make_entry(feed, published_at=None, first_seen_at=ahead, timeline_at=ahead, announced_at=ahead)
    set_right_now()
    entry.refresh_from_db()
    assert (entry.timeline_at, entry.first_seen_at, entry.announced_at) == (NOW, NOW, NOW)


def test_a_post_that_waits_to_be_announced_still_waits() -> None:
    feed = make_feed(last_polled_at=NOW + HOUR)
    make_entry(feed, first_seen_at=NOW + HOUR)
    set_right_now()
    assert Entry.objects.unannounced().get().first_seen_at == NOW


def test_the_blogroll_counts_anew() -> None:
    feed = make_feed(last_polled_at=NOW + YEAR)
    make_entry(feed, published_at=NOW - HOUR, first_seen_at=NOW + YEAR, timeline_at=NOW + YEAR)
    set_right_now()
    feed.refresh_from_db()
    assert (feed.newest_at, feed.posts_by_month) == (NOW - HOUR, {"2026-06": 1})


def test_a_clock_that_is_behind_moves_no_post() -> None:
    feed = make_feed(last_polled_at=NOW + YEAR)
    seen = NOW + YEAR - HOUR
    for hours in range(5):
        make_entry(feed, published_at=seen - hours * HOUR, first_seen_at=seen, timeline_at=seen - hours * HOUR)
    undated = make_entry(feed, published_at=None, first_seen_at=seen, timeline_at=seen)
    set_right_now()
    undated.refresh_from_db()
    assert undated.timeline_at == seen
