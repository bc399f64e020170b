"""What is deleted after its time, and what must never be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from notifications import retention
from notifications.models import (
    AnnouncedEntry,
    Announcement,
    Circuit,
    Delivery,
    Notice,
    PushSubscription,
    RemovedDevice,
)
from notifications.notices.planner import plan
from notifications.retention import purge
from tests.factories import NOW, make_entry

from .outbox import FakeSender, deliver, make_device

pytestmark = pytest.mark.django_db(transaction=True)
MONTH, HALF_A_YEAR, A_MOMENT = timedelta(days=30), timedelta(days=180), timedelta(minutes=1)


def announced() -> Delivery:
    device = make_device()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    return Delivery.objects.get(device=device)


def test_the_log_is_kept_for_a_month() -> None:
    announced()
    deliver(FakeSender())
    purge(NOW + MONTH - A_MOMENT)
    assert Delivery.objects.count() == 1


def test_after_a_month_nothing_of_an_announcement_is_left() -> None:
    announced()
    deliver(FakeSender())
    purge(NOW + MONTH + A_MOMENT)
    for model in (Delivery, Notice, AnnouncedEntry, Announcement):
        assert not model.objects.exists(), model


def test_a_delivery_that_is_under_way_is_kept_however_old() -> None:
    announced()
    purge(NOW + 2 * MONTH)
    assert Delivery.objects.count() == Notice.objects.count() == AnnouncedEntry.objects.count() == 1


def test_a_purged_entry_is_not_announced_again() -> None:
    announced()
    deliver(FakeSender())
    later = NOW + MONTH + A_MOMENT
    purge(later)
    assert plan(later) == 0


@pytest.mark.parametrize(
    ("fields", "is_kept"),
    [
        ({"seen_at": NOW - HALF_A_YEAR - A_MOMENT}, False),
        ({"seen_at": NOW - HALF_A_YEAR + A_MOMENT}, True),
        ({"seen_at": NOW - 2 * HALF_A_YEAR, "accepted_at": NOW - MONTH}, True),
        ({"seen_at": NOW - 2 * HALF_A_YEAR, "accepted_at": NOW - HALF_A_YEAR - A_MOMENT}, False),
        ({"state": "stale", "failing_since": NOW - MONTH - A_MOMENT}, False),
        ({"state": "stale", "failing_since": NOW - MONTH + A_MOMENT}, True),
        ({"state": "disabled", "failing_since": NOW - 2 * MONTH}, True),
        ({"expires_at": NOW - MONTH - A_MOMENT}, False),
        ({"expires_at": NOW - A_MOMENT}, True),
    ],
)
def test_devices_are_kept_while_they_may_be_of_use(fields: dict[str, Any], is_kept: bool) -> None:
    make_device(**fields)
    purge(NOW)
    assert PushSubscription.objects.exists() is is_kept


def test_a_circuit_that_nobody_needs_is_forgotten() -> None:
    for name, age in (("old", timedelta(days=1, minutes=1)), ("new", timedelta(hours=23))):
        Circuit.objects.create(origin=f"https://{name}.example", reason="refused", open_until=NOW - age)
    purge(NOW)
    assert Circuit.objects.get().origin == "https://new.example"


def test_removed_devices_are_forgotten_in_the_end() -> None:
    for name, age in (("old", HALF_A_YEAR + A_MOMENT), ("new", HALF_A_YEAR - A_MOMENT)):
        RemovedDevice.objects.create(endpoint_hash=name, removed_at=NOW - age)
    purge(NOW)
    assert RemovedDevice.objects.get().endpoint_hash == "new"


def test_a_purge_goes_on_until_all_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_CHUNK", 2)
    for _ in range(5):
        make_device(seen_at=NOW - 2 * HALF_A_YEAR)
    assert purge(NOW)["devices"] == 5
