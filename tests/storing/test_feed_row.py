"""Polls that brought nothing, stored together."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Feed
from aggregator.storing.feed_row import store_all_unchanged
from tests.factories import NOW, make_feed
from tests.stores import POLICY, lease, make_response

pytestmark = pytest.mark.django_db


def leased_feeds(count: int) -> list[Feed]:
    return [lease(make_feed(etag='"e"', last_modified="L", interval_seconds=3600)) for _ in range(count)]


def test_many_feeds_cost_two_queries_and_their_transaction() -> None:
    feeds = leased_feeds(40)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        store_all_unchanged(
            [(feed, make_response(feed, status=304, body_hash="")) for feed in feeds], now=NOW, policy=POLICY
        )
    said = [query["sql"].removeprefix("40 times: ").split()[0] for query in queries]
    assert [word for word in said if word in {"SELECT", "UPDATE"}] == ["SELECT", "UPDATE"]


def test_each_feed_of_a_batch_is_polled_and_free_and_due_at_its_own_time() -> None:
    feeds = leased_feeds(5)
    store_all_unchanged(
        [(feed, make_response(feed, status=304, body_hash="")) for feed in feeds], now=NOW, policy=POLICY
    )
    rows = Feed.objects.all()
    assert {(row.last_polled_at, row.last_ok_at, row.lease) for row in rows} == {(NOW, NOW, None)}
    assert len({row.next_poll_at for row in rows}) == 5
    assert min(row.next_poll_at for row in rows) > NOW + timedelta(minutes=30)


def test_the_rows_are_as_they_are_handed_back() -> None:
    feeds = leased_feeds(3)
    stored = store_all_unchanged([(feed, make_response(feed, etag='"f"')) for feed in feeds], now=NOW, policy=POLICY)
    assert {vars_of(row.feed) for row in stored} == {vars_of(row) for row in Feed.objects.all()}


def vars_of(feed: Feed) -> tuple[object, ...]:
    return tuple(str(getattr(feed, field.attname)) for field in Feed._meta.concrete_fields)


def test_new_validators_of_one_feed_of_a_batch_are_kept() -> None:
    quiet, moved = leased_feeds(2)
    store_all_unchanged(
        [(quiet, make_response(quiet, status=304)), (moved, make_response(moved, etag='"new"'))], now=NOW, policy=POLICY
    )
    assert {feed.pk: feed.etag for feed in Feed.objects.all()} == {quiet.pk: '"e"', moved.pk: '"new"'}


def test_a_feed_that_another_worker_took_is_left_out_and_untouched() -> None:
    ours, lost = leased_feeds(2)
    other = uuid.uuid4()
    Feed.objects.filter(pk=lost.pk).update(lease=other)
    stored = store_all_unchanged([(feed, make_response(feed)) for feed in (ours, lost)], now=NOW, policy=POLICY)
    assert [row.feed.pk for row in stored] == [ours.pk]
    assert Feed.objects.get(pk=lost.pk).lease == other


def test_errors_of_before_are_forgotten() -> None:
    feed = lease(make_feed(failure_count=3, failing_since=NOW - timedelta(days=1), last_error="Nobody answers."))
    store_all_unchanged([(feed, make_response(feed))], now=NOW, policy=POLICY)
    feed.refresh_from_db()
    assert (feed.failure_count, feed.failing_since, feed.last_error) == (0, None, "")
