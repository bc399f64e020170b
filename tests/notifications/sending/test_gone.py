"""Devices that their push service knows no more: one word is not enough, and a service that is broken erases nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Circuit, Delivery, PushSubscription
from notifications.notices.planner import plan
from notifications.sending import delivering
from notifications.sending.types import Answer
from tests.factories import NOW, make_entry
from tests.notifications.outbox import HOST, FakeSender, deliver, make_device

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
SOON = NOW + timedelta(minutes=59)
LATER = NOW + HOUR


def tell_all() -> None:
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)


def made(gone: int, alive: int) -> tuple[list[PushSubscription], FakeSender]:
    """Devices that their push service knows no more, the sender that learns it; and others that it knows."""
    lost = [make_device() for _ in range(gone)]
    for _ in range(alive):
        make_device()
    tell_all()
    return lost, FakeSender({device.endpoint: [Answer(410)] * 9 for device in lost})


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_was_gone_twice_an_hour_apart_is_dropped_and_its_log_stays(status: int) -> None:
    make_device()
    tell_all()
    assert deliver(FakeSender(default=status)) == {"retry": 1}
    assert PushSubscription.objects.get().gone_at == NOW
    assert deliver(FakeSender(default=status), SOON) == {}
    assert deliver(FakeSender(default=status), LATER) == {"gone": 1}
    assert not PushSubscription.objects.exists()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.device_name, delivery.service) == ("gone", "Phone", HOST)


def test_a_device_that_is_known_again_is_told_and_has_a_clean_sheet() -> None:
    make_device()
    tell_all()
    deliver(FakeSender(default=410))
    assert deliver(FakeSender(), LATER) == {"accepted": 1}
    assert PushSubscription.objects.get().gone_at is None


def test_news_meanwhile_does_not_ask_any_sooner() -> None:
    make_device()
    tell_all()
    deliver(FakeSender(default=410))
    tell_all()
    sender = FakeSender(default=410)
    assert deliver(sender, SOON) == {}
    assert deliver(sender, LATER) == {"gone": 1}


def test_gone_twice_within_the_hour_counts_once() -> None:
    device = make_device()
    tell_all()
    deliver(FakeSender(default=410))
    delivering.test_push(device, NOW)
    assert deliver(FakeSender(default=410), SOON) == {"gone": 1}  # of the test, that nobody waits for
    assert PushSubscription.objects.get().gone_at == NOW


@pytest.mark.parametrize(("gone", "alive"), [(3, 9), (1, 0), (9, 0), (12, 60)])
def test_the_gone_rest_no_push_service_and_are_dropped_in_the_end(gone: int, alive: int) -> None:
    lost, sender = made(gone, alive)
    assert deliver(sender) == {"retry": gone} | ({"accepted": alive} if alive else {})
    assert not Circuit.objects.exists()
    assert deliver(sender, LATER) == {"gone": gone}
    assert not Circuit.objects.exists()
    assert PushSubscription.objects.count() == alive
    assert not {device.pk for device in lost} & set(PushSubscription.objects.values_list("pk", flat=True))


def test_a_broken_push_service_that_says_it_of_all_erases_nobody_however_long() -> None:
    _, broken = made(gone=12, alive=0)
    for hours in range(4):
        assert deliver(broken, NOW + hours * HOUR) == {"retry": 12}
    assert PushSubscription.objects.filter(state="active").count() == 12
    assert deliver(FakeSender(), NOW + 4 * HOUR) == {"accepted": 12}


def test_those_that_stay_gone_when_it_is_mended_are_dropped() -> None:
    lost, broken = made(gone=12, alive=0)
    deliver(broken)
    deliver(broken, LATER)
    mended = FakeSender({device.endpoint: [Answer(410)] for device in lost[:3]})
    told = deliver(mended, NOW + 2 * HOUR)
    assert (told["accepted"], told["retry"] + told["gone"]) == (9, 3), "an answer that comes after a good one drops"
    later = deliver(FakeSender(default=410), NOW + 3 * HOUR)
    assert (later["gone"], later.total()) == (told["retry"], told["retry"])
    assert PushSubscription.objects.count() == 9


def test_while_our_own_fault_lasts_nobody_is_dropped() -> None:
    _, sender = made(gone=1, alive=0)
    deliver(sender)
    Circuit.objects.create(origin=f"https://{HOST}", reason="refused", open_until=LATER)
    assert deliver(sender, LATER) == {"retry": 1}
    assert PushSubscription.objects.count() == 1
