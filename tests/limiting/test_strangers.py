"""Who posts without a name waits after a while, and never keeps a thread."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from aggregator.limiting import strangers
from aggregator.limiting.limits import Limit
from aggregator.limiting.strangers import Strangers
from tests.factories import NOW

LIMIT = Limit("test-strangers", 3, timedelta(seconds=1), timedelta(seconds=8), forgives_after=timedelta(hours=1))


@pytest.mark.django_db
def test_each_household_waits_for_itself() -> None:
    form = Strangers("forms", LIMIT)
    assert [form.seconds_to_wait(f"2001:db8::{number}", NOW) for number in range(5)] == [0, 0, 0, 1, 1]
    assert form.seconds_to_wait("2001:db8:0:1::1", NOW) == 0


@pytest.mark.django_db
def test_who_comes_while_another_is_counted_is_sent_away_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Strangers("forms", LIMIT)
    meanwhile: list[int] = []

    def admit(*_: object) -> int:
        meanwhile.append(form.seconds_to_wait("203.0.113.2", NOW))
        return 0

    monkeypatch.setattr(strangers, "admit", admit)
    assert (form.seconds_to_wait("203.0.113.1", NOW), meanwhile) == (0, [1])


def test_without_a_database_everybody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(strangers, "admit", fail)
    assert Strangers("forms", LIMIT).seconds_to_wait("203.0.113.1", NOW) == 60
