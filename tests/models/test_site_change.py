"""The site's version: raised once in a change, by its last statement."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from aggregator.models import Category, SiteState, site_change, site_state
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The version rises by one, so that it says how often."""
    monkeypatch.setattr(site_state, "next_step", lambda: 1)


def version() -> int:
    return SiteState.objects.current().version


def test_however_often_it_is_touched_the_version_is_raised_once_and_last() -> None:
    SiteState.objects.touch(NOW)  # there is a row
    before = version()
    with CaptureQueriesContext(connection) as queries, site_change():
        SiteState.objects.touch(NOW)
        SiteState.objects.touch(NOW)
        Category.objects.create(name="Last", slug="last")
    said = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert [number for number, statement in enumerate(said) if "sitestate" in statement] == [len(said) - 1]
    assert version() == before + 1


def test_a_change_within_another_is_a_part_of_that() -> None:
    before = version()
    with site_change():
        with site_change():
            SiteState.objects.touch(NOW)
        assert version() == before
    assert version() == before + 1


def test_a_change_that_touches_nothing_leaves_the_version() -> None:
    before = version()
    with site_change():
        Category.objects.create(name="Quiet", slug="quiet")
    assert version() == before


def test_a_change_that_fails_leaves_the_version_and_the_next_one_raises_it() -> None:
    @site_change()
    def fail() -> None:
        SiteState.objects.touch(NOW)
        raise ZeroDivisionError

    before = version()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert version() == before
    SiteState.objects.touch(NOW)
    assert version() == before + 1


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (NOW - timedelta(days=1), NOW),
        (NOW + timedelta(seconds=5), NOW + timedelta(seconds=5)),  # of a change that began later and was done first
        (NOW + timedelta(days=300), NOW),  # of a clock that was ahead
    ],
)
def test_the_moment_of_the_last_change_goes_back_only_where_a_clock_was_wrong(
    stored: datetime, expected: datetime
) -> None:
    SiteState.objects.touch(stored)
    SiteState.objects.touch(NOW)
    assert SiteState.objects.current().changed_at == expected


@pytest.mark.django_db(transaction=True)
def test_what_is_done_after_the_commit_is_a_change_of_its_own() -> None:
    def afterwards() -> None:
        with site_change():
            SiteState.objects.touch(NOW)

    before = version()
    with site_change():
        SiteState.objects.touch(NOW)
        transaction.on_commit(afterwards)
    assert version() == before + 2
