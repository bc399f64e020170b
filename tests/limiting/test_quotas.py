"""So many in any hour, and who it was is nobody's business."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from aggregator.limiting.clients import neighborhood_of
from aggregator.limiting.quotas import Quota, in_minutes
from aggregator.models import Attempts
from tests.factories import NOW

QUOTA = Quota("test", 3)
MINUTE = timedelta(minutes=1)


def take(who: str, now: datetime) -> int:
    try:
        with transaction.atomic():
            return QUOTA.take(who, now)
    finally:
        if not connections["default"].in_atomic_block:
            connections.close_all()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("a socket", "a socket"),
        ("", ""),
    ],
)
def test_neighbors_count_as_one(address: str, network: str) -> None:
    assert neighborhood_of(address) == network


@pytest.mark.django_db
def test_the_fourth_in_an_hour_waits_until_the_first_is_an_hour_old() -> None:
    assert [take("a", NOW + number * MINUTE) for number in range(4)] == [0, 0, 0, 57 * 60]
    assert (take("b", NOW), take("a", NOW + 59 * MINUTE)) == (0, 60)
    assert [take("a", NOW + 60 * MINUTE), take("a", NOW + 60 * MINUTE)] == [0, 60]


@pytest.mark.django_db
def test_midnight_gives_nobody_more() -> None:
    late = datetime(2026, 6, 24, 23, 59, tzinfo=UTC)
    assert [take("a", late), take("a", late), take("a", late), take("a", late + 2 * MINUTE)] == [0, 0, 0, 58 * 60]


@pytest.mark.django_db
def test_what_is_undone_takes_no_place() -> None:
    for _ in range(5):
        with transaction.atomic():
            QUOTA.take("a", NOW)
            transaction.set_rollback(True)
    assert [take("a", NOW) for _ in range(3)] == [0, 0, 0]


@pytest.mark.django_db
def test_rows_hold_other_hashes_each_day_and_go_after_two_hours() -> None:
    take("203.0.113.0/24", NOW)
    [first] = Attempts.objects.values_list("key", flat=True)
    take("203.0.113.0/24", NOW + timedelta(days=1))
    [second] = Attempts.objects.values_list("key", flat=True)
    assert len({first, second}) == 2


@pytest.mark.django_db
def test_a_clock_that_was_ahead_makes_nobody_wait_longer_than_an_hour() -> None:
    for _ in range(3):
        take("a", NOW + timedelta(days=0, hours=5))
    assert take("a", NOW) == 3600


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_in_one_instant_no_more_get_a_place() -> None:
    with ThreadPoolExecutor(8) as pool:
        seconds = list(pool.map(lambda _: take("a", NOW), range(24)))
    assert sorted(seconds) == [0] * 3 + [3600] * 21


@pytest.mark.parametrize(
    ("seconds", "told"), [(1, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (3600, "60 minutes")]
)
def test_nobody_is_told_to_come_back_too_early(seconds: int, told: str) -> None:
    assert in_minutes(seconds) == told
