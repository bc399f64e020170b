from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.ingest.schedule import (
    SchedulePolicy,
    freshness_seconds,
    interval_seconds,
    is_gone,
    next_failure,
    next_success,
    outside_of,
    retry_after_seconds,
)

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
HOUR = 3600
DAY = 24 * HOUR
POLICY = SchedulePolicy()


def posts(*hours_ago: float) -> list[datetime]:
    return [NOW - timedelta(hours=hours) for hours in hours_ago]


def wait_after_success(interval: int, asked: int | None = None, jitter: float = 0) -> float:
    return (next_success(NOW, interval, asked, jitter, POLICY) - NOW).total_seconds()


def wait_after_failure(failures: int, jitter: float = 0) -> float:
    return (next_failure(NOW, failures, jitter, POLICY) - NOW).total_seconds()


def test_a_feed_is_asked_four_times_per_usual_pause_between_posts() -> None:
    assert interval_seconds(posts(0, 8, 16, 24), POLICY) == 2 * HOUR


def test_one_long_holiday_does_not_change_the_usual_pause() -> None:
    assert interval_seconds(posts(0, 8, 16, 1000), POLICY) == 2 * HOUR


def test_only_the_last_ten_posts_count() -> None:
    recent = [8.0 * number for number in range(10)]
    old = [1000 + number / 60 for number in range(100)]
    assert interval_seconds(posts(*recent, *old), POLICY) == 2 * HOUR


def test_the_order_of_the_posts_does_not_matter() -> None:
    assert interval_seconds(posts(16, 0, 24, 8), POLICY) == 2 * HOUR


def test_a_busy_feed_is_not_asked_more_often_than_the_minimum() -> None:
    assert interval_seconds(posts(0, 0.1, 0.2, 0.2), POLICY) == 20 * 60


def test_a_seldom_feed_is_asked_at_least_twice_a_day() -> None:
    assert interval_seconds(posts(0, 10_000), POLICY) == 12 * HOUR


@pytest.mark.parametrize("published", [[], posts(5)])
def test_a_feed_with_fewer_than_two_posts_is_asked_every_six_hours(published: list[datetime]) -> None:
    assert interval_seconds(published, POLICY) == 6 * HOUR


def test_a_demo_may_ask_every_thirty_seconds() -> None:
    assert interval_seconds([], SchedulePolicy(min_interval_seconds=30, max_interval_seconds=30)) == 30


def test_the_wish_of_a_feed_outlasts_the_jitter() -> None:
    wait_seconds = interval_seconds(posts(0, 1, 2), POLICY, asked_seconds=10 * HOUR)
    assert next_success(NOW, wait_seconds, None, jitter=-1, policy=POLICY) >= NOW + timedelta(hours=10)


def test_a_wish_counts_up_to_the_cap() -> None:
    year = interval_seconds(posts(0, 1, 2), POLICY, asked_seconds=365 * 24 * HOUR)
    assert year == interval_seconds(posts(0, 1, 2), POLICY, asked_seconds=24 * HOUR)


@pytest.mark.parametrize("jitter", [-1, 0, 1])
def test_jitter_moves_the_next_poll_by_a_tenth(jitter: int) -> None:
    assert wait_after_success(HOUR, jitter=jitter) == pytest.approx(HOUR * (1 + jitter / 10))


@pytest.mark.parametrize("jitter", [-1, -0.5, 0, 0.5, 1])
def test_a_feed_is_never_asked_sooner_than_it_wishes(jitter: float) -> None:
    assert wait_after_success(HOUR, asked=5 * HOUR, jitter=jitter) >= 5 * HOUR


def test_a_wish_for_frequent_polls_does_not_shorten_the_interval() -> None:
    assert wait_after_success(HOUR, asked=60) == HOUR


@pytest.mark.parametrize(
    ("wanted", "hours", "days", "moment"),
    [
        ("2026-06-03T03:17", (), (), "2026-06-03T03:17"),
        ("2026-06-03T03:17", (2, 4), (), "2026-06-03T03:17"),
        ("2026-06-03T03:17", (3, 4, 5), (), "2026-06-03T06:17"),
        ("2026-06-03T23:50", (23, 0), (), "2026-06-04T01:50"),
        ("2026-06-05T23:50", (), (5, 6), "2026-06-05T23:50"),  # a Friday
        ("2026-06-06T00:50", (), (5, 6), "2026-06-08T00:50"),
        ("2026-06-06T23:50", (0, 1), (5, 6), "2026-06-08T02:50"),
        ("2026-06-03T03:17", tuple(range(24)), (), "2026-06-03T03:17"),
        ("2026-06-03T03:17", (), tuple(range(7)), "2026-06-03T03:17"),
        ("2026-06-03T03:17", tuple(range(24)), (2,), "2026-06-03T03:17"),
        ("2026-06-03T03:17", tuple(range(23)), (0, 1, 2, 3, 4, 5), "2026-06-07T23:17"),
    ],
)
def test_a_poll_waits_for_the_end_of_hours_and_days_that_a_feed_skips(
    wanted: str, hours: tuple[int, ...], days: tuple[int, ...], moment: str
) -> None:
    then = datetime.fromisoformat(f"{wanted}:00+00:00")
    assert outside_of(then, hours, days) == datetime.fromisoformat(f"{moment}:00+00:00")


def test_a_feed_can_not_ask_for_more_than_a_day() -> None:
    assert wait_after_success(HOUR, asked=365 * DAY) == DAY


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 168), (10_000, 168)])
def test_each_failure_doubles_the_wait_up_to_a_week(failures: int, hours: int) -> None:
    assert wait_after_failure(failures) == hours * HOUR


def test_failing_feeds_spread_out_too() -> None:
    assert wait_after_failure(3, jitter=1) == pytest.approx(4.4 * HOUR)


@pytest.mark.parametrize(
    "value", ["max-age=3600", "public, max-age=3600", "MAX-AGE=3600", 'max-age="3600"', "max-age=3600, s-maxage=9"]
)
def test_max_age_says_how_long_an_answer_is_fresh(value: str) -> None:
    assert freshness_seconds({"cache-control": value}, NOW) == HOUR


@pytest.mark.parametrize("value", ["no-cache, max-age=3600", "max-age=3600, no-store", "No-Cache"])
def test_no_cache_and_no_store_overrule_max_age(value: str) -> None:
    assert freshness_seconds({"cache-control": value}, NOW) is None


@pytest.mark.parametrize("value", ["max-age=-1", "max-age=soon", "s-maxage=60", "", ",,=", "max-age=" + "9" * 5000])
def test_an_unreadable_max_age_says_nothing(value: str) -> None:
    assert freshness_seconds({"cache-control": value}, NOW) is None


def test_expires_counts_from_now() -> None:
    assert freshness_seconds({"expires": "Sun, 07 Jun 2026 13:00:00 GMT"}, NOW) == HOUR


def test_expires_in_the_past_is_zero() -> None:
    assert freshness_seconds({"expires": "Sun, 07 Jun 2020 13:00:00 GMT"}, NOW) == 0


def test_expires_is_ignored_beside_cache_control() -> None:
    headers = {"cache-control": "public", "expires": "Sun, 07 Jun 2026 13:00:00 GMT"}
    assert freshness_seconds(headers, NOW) is None


@pytest.mark.parametrize("value", ["0", "-1", "never", "Sun, 99 Jun 2026 13:00:00 GMT"])
def test_an_unreadable_expires_says_nothing(value: str) -> None:
    assert freshness_seconds({"expires": value}, NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        "3600",
        " 3600 ",
        "3600.5",
        "3600s",
        '"3600"',
        "3600 seconds",
        "2026-06-07T13:00:00Z",
        "2026-06-07 13:00:00",
        str(int(NOW.timestamp()) + HOUR),
        str((int(NOW.timestamp()) + HOUR) * 1000),
        "Sun, 07 Jun 2026 13:00:00 GMT",
        "Sunday, 07-Jun-26 13:00:00 GMT",
        "Sun Jun  7 13:00:00 2026",
        "Sun, 07 Jun 2026 15:00:00 +0200",
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str) -> None:
    assert retry_after_seconds(value, NOW) == HOUR


@pytest.mark.parametrize("value", [str(10**18), "9" * 5000, "Sun, 07 Jun 2099 13:00:00 GMT", "604801"])
def test_retry_after_is_held_to_a_week(value: str) -> None:
    assert retry_after_seconds(value, NOW) == 7 * DAY


def test_a_retry_after_in_the_past_is_zero() -> None:
    assert retry_after_seconds("1234567890", NOW) == 0
    assert retry_after_seconds("Sun, 07 Jun 2020 13:00:00 GMT", NOW) == 0


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-5",
        "1.5.1",
        "5 m",
        "soon",
        "2026-13-07",
        "5555-555",
        "²",
        "٣",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        "1 2",
        "\0",
    ],
)
def test_a_retry_after_that_can_not_be_read_is_none(value: str) -> None:
    assert retry_after_seconds(value, NOW) is None


def test_410_is_gone_at_once() -> None:
    assert is_gone(410, "http", None, NOW)


@pytest.mark.parametrize(("status", "kind"), [(404, "http"), (None, "dns"), (None, "refused")])
def test_a_missing_feed_is_gone_after_sixty_days(status: int | None, kind: str) -> None:
    assert is_gone(status, kind, NOW - timedelta(days=60), NOW)


@pytest.mark.parametrize(("status", "kind"), [(404, "http"), (None, "dns"), (None, "refused")])
def test_a_missing_feed_is_not_gone_before_sixty_days(status: int | None, kind: str) -> None:
    assert not is_gone(status, kind, NOW - timedelta(days=59), NOW)


@pytest.mark.parametrize(("status", "kind"), [(500, "http"), (403, "http"), (None, "timeout"), (None, "tls")])
def test_a_feed_that_fails_otherwise_is_never_gone(status: int | None, kind: str) -> None:
    assert not is_gone(status, kind, NOW - timedelta(days=900), NOW)


def test_a_404_without_a_known_start_is_not_gone() -> None:
    assert not is_gone(404, "http", None, NOW)
