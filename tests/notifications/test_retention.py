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
    DeliverySum,
    Mail,
    Notice,
    PushSubscription,
    RemovedDevice,
)
from notifications.notices.planner import plan
from notifications.retention import purge
from notifications.sending.types import Answer
from tests.factories import NOW, make_entry

from .desk import make_proposal
from .outbox import FakeSender, deliver, make_device

pytestmark = pytest.mark.django_db(transaction=True)
MONTH, HALF_A_YEAR, A_MOMENT = timedelta(days=30), timedelta(days=180), timedelta(minutes=1)
DAY = timedelta(days=1)


def finished(state: str, *, hours: float = 0, **fields: Any) -> Delivery:
    """A delivery that came to this end."""
    device = fields.pop("device", None) or make_device(most_a_day=fields.pop("most_a_day", None))
    notice = fields.pop("notice", None)
    if notice is None:
        announcement = Announcement.objects.create(created_at=NOW)
        expires_at = NOW + DAY
        notice = Notice.objects.create(announcement=announcement, title="News", created_at=NOW, expires_at=expires_at)
    values = {
        "announcement": notice.announcement if state != "pending" else None,
        "finished_at": NOW + timedelta(hours=hours),
        "next_at": NOW,
        "created_at": NOW,
        **fields,
    }
    if state == "pending":
        notice.announcement = None
        notice.save()
    return Delivery.objects.create(notice=notice, device=device, state=state, **values)


def sums() -> dict[tuple[str, str, int], int]:
    """The counts by service, state and day, which is counted from today."""
    rows = DeliverySum.objects.values_list("service", "state", "day", "count")
    return {(service, state, (day - NOW.date()).days): count for service, state, day, count in rows}


def announced() -> Delivery:
    device = make_device()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    return Delivery.objects.get(device=device)


FINAL = [str(state) for state in Delivery.FINAL]


@pytest.mark.parametrize("state", FINAL)
def test_what_was_accepted_or_merged_is_kept_for_a_day_and_all_else_for_a_month(state: str) -> None:
    finished(state)
    kept_for = DAY if state in {"accepted", "merged"} else MONTH
    purge(NOW + kept_for - A_MOMENT)
    assert Delivery.objects.count() == 1
    purge(NOW + kept_for + A_MOMENT)
    assert Delivery.objects.count() == 0


def test_a_limit_a_day_still_counts_what_was_accepted_in_it() -> None:
    delivery = finished("accepted", most_a_day=1)
    later = NOW + DAY - A_MOMENT
    purge(later)
    make_entry(first_seen_at=later - A_MOMENT, published_at=later - A_MOMENT)
    plan(later)
    assert deliver(FakeSender(), later) == {"suppressed": 1}
    assert Delivery.objects.filter(pk=delivery.pk).exists()


def test_what_goes_is_counted_by_day_push_service_and_end() -> None:
    for state, service, hours in (
        *[("accepted", "a.example", 0)] * 3,
        ("accepted", "b.example", 0),
        ("accepted", "a.example", -24),
        ("merged", "a.example", 0),
        ("failed", "a.example", 0),
    ):
        finished(state, service=service, hours=hours)
    purge(NOW + 2 * DAY)
    purge(NOW + 2 * DAY)
    assert sums() == {
        ("a.example", "accepted", -1): 1,
        ("a.example", "accepted", 0): 3,
        ("a.example", "merged", 0): 1,
        ("b.example", "accepted", 0): 1,
    }
    purge(NOW + 2 * MONTH)
    assert sums()["a.example", "failed", 0] == 1
    assert sum(sums().values()) == 7


def test_sums_grow_over_several_purges_and_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_CHUNK", 2)
    for latency_ms in (90, 300, None, 20, 10):
        finished("accepted", latency_ms=latency_ms)
    purge(NOW + DAY + A_MOMENT)
    assert DeliverySum.objects.values_list("count", "slowest_ms").get() == (5, 300)
    finished("accepted", latency_ms=1)
    purge(NOW + DAY + A_MOMENT)
    assert DeliverySum.objects.values_list("count", "slowest_ms").get() == (6, 300)


def test_a_notice_remembers_how_many_it_reached() -> None:
    notice = finished("accepted").notice
    finished("accepted", notice=notice)
    finished("failed", notice=notice)
    purge(NOW + 2 * DAY)
    notice.refresh_from_db()
    assert (notice.summed_count, notice.summed_accepted_count, notice.deliveries.count()) == (2, 2, 1)


def test_sums_are_kept_for_thirteen_months() -> None:
    finished("accepted")
    purge(NOW + 2 * DAY)
    purge(NOW + 395 * DAY)
    assert DeliverySum.objects.exists()
    purge(NOW + 402 * DAY)
    assert not DeliverySum.objects.exists()


def test_a_device_that_alone_is_refused_is_known_by_the_others_after_the_log_forgot_them() -> None:
    refused = make_device(failing_since=NOW - 3 * DAY, accepted_at=NOW - 4 * DAY)
    make_device(accepted_at=NOW - 2 * DAY)
    finished("pending", device=refused, service="push.example", finished_at=None)
    sender = FakeSender({refused.endpoint: [Answer(403)]})
    assert deliver(sender) == {"failed": 1}
    assert not Circuit.objects.exists()


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


def test_a_mail_is_kept_for_a_month_once_it_came_to_its_end() -> None:
    for finished_at in (NOW - MONTH - A_MOMENT, NOW - MONTH + A_MOMENT, None):
        Mail.objects.create(
            about="address", submission=make_proposal(), finished_at=finished_at, created_at=NOW - MONTH
        )
    purge(NOW)
    assert Mail.objects.count() == 2
