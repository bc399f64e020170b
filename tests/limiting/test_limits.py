"""Some attempts are free; then the waits double, and end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from aggregator.limiting.clients import client_of
from aggregator.limiting.limits import Limit, admit, forget, take_back
from aggregator.models import Attempts
from tests.factories import NOW

SECOND = timedelta(seconds=1)
LIMIT = Limit("test", 3, SECOND, 8 * SECOND, forgives_after=timedelta(hours=1))


@pytest.mark.parametrize(("count", "seconds"), [(0, 0), (2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (7, 8), (10**9, 8)])
def test_waits_double_up_to_the_longest(count: int, seconds: int) -> None:
    assert LIMIT.wait_after(count) == seconds * SECOND


@pytest.mark.django_db
def test_so_many_are_free_and_then_one_by_one() -> None:
    assert [admit(LIMIT, "a", NOW) for _ in range(6)] == [0, 0, 0, 1, 1, 1]
    assert [admit(LIMIT, "a", NOW + SECOND) for _ in range(2)] == [0, 2]
    assert [admit(LIMIT, "b", NOW) for _ in range(2)] == [0, 0]


@pytest.mark.django_db
def test_what_is_refused_makes_no_wait_longer() -> None:
    for _ in range(100):
        admit(LIMIT, "a", NOW)
    assert admit(LIMIT, "a", NOW + SECOND) == 0


@pytest.mark.django_db
def test_who_is_refused_is_only_looked_up() -> None:
    for _ in range(3):
        admit(LIMIT, "a", NOW)
    with CaptureQueriesContext(connection) as queries:
        assert admit(LIMIT, "a", NOW) == 1
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_in_one_instant_no_more_are_admitted() -> None:
    def attempt(_: int) -> int:
        try:
            return admit(LIMIT, "a", NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(24))) == [0] * 3 + [1] * 21


def test_a_row_tells_nobody_whose_it_is(settings: Settings) -> None:
    key = LIMIT.key("203.0.113.9")
    settings.SECRET_KEY = "another"
    assert LIMIT.key("203.0.113.9") != key


@pytest.mark.django_db
def test_the_wait_ends_however_often_it_was_tried() -> None:
    now = NOW
    for _ in range(60):
        now += 8 * SECOND
        assert admit(LIMIT, "a", now) == 0


@pytest.mark.django_db
def test_after_an_hour_all_is_forgiven_and_later_forgotten() -> None:
    for _ in range(5):
        admit(LIMIT, "a", NOW)
    assert [admit(LIMIT, "a", NOW + timedelta(hours=2)) for _ in range(3)] == [0, 0, 0]
    admit(LIMIT, "b", NOW + timedelta(hours=5))
    assert Attempts.objects.count() == 1


@pytest.mark.django_db
def test_who_comes_back_after_days_begins_anew() -> None:
    for days in range(0, 9, 3):
        assert [admit(LIMIT, "a", NOW + timedelta(days=days)) for _ in range(4)] == [0, 0, 0, 1]


@pytest.mark.django_db
def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    for _ in range(4):
        admit(LIMIT, "a", NOW + timedelta(days=300))
    assert admit(LIMIT, "a", NOW) <= 8


@pytest.mark.django_db
def test_what_was_right_does_not_count() -> None:
    for _ in range(3):
        admit(LIMIT, "a", NOW)
    take_back(LIMIT, "a", NOW)
    assert [admit(LIMIT, "a", NOW) for _ in range(2)] == [0, 1]
    forget(LIMIT, "a")
    assert [admit(LIMIT, "a", NOW) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("localhost", "localhost"),
        ("", ""),
        ("x" * 5000, "x" * 100),
    ],
)
def test_an_address_stands_for_its_household(address: str, client: str) -> None:
    assert client_of(address) == client
