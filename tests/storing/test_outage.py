"""A network that is down at our end is no feed's fault."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter

import pytest

from aggregator.ingest.errors import ConnectionFailed, HttpStatus, IngestError, NameNotFound, TimedOut
from aggregator.ingest.schedule import GONE_AFTER, SchedulePolicy
from aggregator.models import Feed
from aggregator.storing.feed_row import store_failure
from aggregator.storing.outage import MIN_SILENT_HOSTS
from tests.factories import NOW, make_feed

pytestmark = pytest.mark.django_db
SILENT = [NameNotFound(host="x"), ConnectionFailed(host="x", reason="nobody"), TimedOut(host="x", limit_seconds=30)]
MINUTE = timedelta(minutes=1)


def fail(feed: Feed, error: IngestError, now: datetime = NOW) -> Feed:
    return store_failure(feed, error, now=now, policy=SchedulePolicy()).feed


def silent_hosts(count: int, *, polled_at: datetime = NOW - MINUTE) -> list[Feed]:
    """Feeds that were asked a moment ago for the first time since they fell silent."""
    kinds = [error.kind for error in SILENT]
    return [
        make_feed(last_polled_at=polled_at, failure_count=1, last_error_kind=kinds[number % len(kinds)])
        for number in range(count)
    ]


@pytest.fixture
def waiting() -> Feed:
    """A feed whose second failure in a row comes now."""
    return make_feed(last_polled_at=NOW - timedelta(hours=1), failure_count=1, last_error_kind=NameNotFound.kind)


@pytest.mark.parametrize("error", SILENT)
def test_while_nobody_answers_a_feed_waits_no_longer_than_before(waiting: Feed, error: IngestError) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    after = fail(waiting, error)
    assert after.failure_count == 1
    assert after.next_poll_at <= NOW + 1.1 * timedelta(hours=1)
    assert after.last_error == str(error)


def test_its_first_failure_counts(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    assert fail(make_feed(), NameNotFound(host="x")).failure_count == 1


def test_where_one_host_answered_silence_is_the_feeds_own(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    make_feed(last_polled_at=NOW - MINUTE, last_ok_at=NOW - MINUTE)
    assert fail(waiting, NameNotFound(host="x")).failure_count == 2


def test_an_answer_that_is_an_error_is_an_answer(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    assert fail(waiting, HttpStatus(status=500)).failure_count == 2
    assert fail(make_feed(failure_count=1), NameNotFound(host="x")).failure_count == 2


def test_a_few_hosts_can_be_silent_by_chance(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS - 2)  # and the one that waits
    assert fail(waiting, NameNotFound(host="x")).failure_count == 2


def test_many_feeds_of_one_host_are_one_host(waiting: Feed) -> None:
    for number in range(2 * MIN_SILENT_HOSTS):
        make_feed(
            url=f"https://one.example/{number}",
            last_polled_at=NOW - MINUTE,
            failure_count=1,
            last_error_kind=NameNotFound.kind,
        )
    assert fail(waiting, NameNotFound(host="x")).failure_count == 2


def test_what_was_silent_long_ago_says_nothing_of_now(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS, polled_at=NOW - timedelta(days=2))
    assert fail(waiting, NameNotFound(host="x")).failure_count == 2


@pytest.mark.parametrize("state", [Feed.State.ACTIVE, Feed.State.GONE])
def test_no_feed_is_given_up_for_it_and_no_monthly_question_is_used_up(state: Feed.State) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    long_ago = NOW - GONE_AFTER
    feed = make_feed(state=state, failure_count=1, failing_since=long_ago, last_error_kind=NameNotFound.kind)
    after = fail(feed, NameNotFound(host="x"))
    assert after.state == state
    assert after.next_poll_at <= NOW + 1.1 * timedelta(hours=1)
    assert after.failing_since == long_ago


def test_a_feed_that_is_gone_by_itself_is_asked_once_a_month() -> None:
    make_feed(last_polled_at=NOW - MINUTE, last_ok_at=NOW - MINUTE)
    feed = make_feed(failure_count=1, failing_since=NOW - GONE_AFTER, last_error_kind=NameNotFound.kind)
    after = fail(feed, NameNotFound(host="x"))
    assert after.state == Feed.State.GONE
    assert after.next_poll_at >= NOW + timedelta(days=29)


def test_what_answered_before_the_feed_was_last_asked_says_nothing_of_now(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    Feed.objects.filter(pk=waiting.pk).update(last_polled_at=NOW - timedelta(minutes=54))
    make_feed(last_polled_at=NOW - timedelta(minutes=55), last_ok_at=NOW - timedelta(minutes=55))
    assert fail(waiting, NameNotFound(host="x")).failure_count == 1


def test_a_host_that_answered_and_then_fell_silent_did_answer(waiting: Feed) -> None:
    silent_hosts(MIN_SILENT_HOSTS)
    Feed.objects.exclude(pk=waiting.pk).update(last_ok_at=NOW - timedelta(minutes=30))
    assert fail(waiting, NameNotFound(host="x")).failure_count == 2


def longest_wait(feeds: int, *, first_polls_within: timedelta, hours: int) -> timedelta:
    """Between two polls of a feed, once all have been silent for so many hours."""
    waiting = [
        make_feed(
            last_ok_at=NOW - MINUTE, last_polled_at=NOW - MINUTE, next_poll_at=NOW + first_polls_within * number / feeds
        )
        for number in range(feeds)
    ]
    while (feed := min(waiting, key=attrgetter("next_poll_at"))).next_poll_at < NOW + timedelta(hours=hours):
        waiting.remove(feed)
        waiting.append(fail(feed, ConnectionFailed(host="x", reason="nobody"), feed.next_poll_at))
    return max(feed.next_poll_at - feed.last_polled_at for feed in Feed.objects.all() if feed.last_polled_at)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("feeds", [pytest.param(MIN_SILENT_HOSTS + 1, marks=pytest.mark.any_database), 12])
def test_after_three_days_of_silence_feeds_are_asked_every_hour(feeds: int) -> None:
    assert longest_wait(feeds, first_polls_within=timedelta(minutes=50), hours=72) <= 1.1 * timedelta(hours=1)


@pytest.mark.any_database
@pytest.mark.slow
@pytest.mark.no_cover
def test_feeds_that_are_seldom_asked_wait_little_longer() -> None:
    assert longest_wait(12, first_polls_within=timedelta(hours=6), hours=72) <= 1.1 * timedelta(hours=4)
