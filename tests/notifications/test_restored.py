"""A backup that was taken while messages were on their way: restored, each device is told once more, and of all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.models import Delivery, Mail, PushSubscription
from notifications.notices.planner import plan
from notifications.restored import STILL_NEWS, set_right
from notifications.sending.types import Answer
from tests.factories import NOW, make_entry

from .desk import make_proposal
from .outbox import FakeSender, deliver, make_device

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]
SOON = NOW + timedelta(seconds=10)
"""By then no lease of before has run out."""
DOWN = Answer(503)


@pytest.fixture
def device() -> PushSubscription:
    return make_device()


def take_one() -> None:
    """As a sender does; whoever restores has none of it."""
    plan(NOW)
    assert len(Delivery.objects.all().claim(NOW, lease_seconds=90, limit=1)) == 1


def under_way_and_newer() -> None:
    """A message on its way to a device, and a newer one that waits for it."""
    make_entry(days_ago=2 / 24 / 60)
    take_one()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["leased", "pending"]


def test_what_was_on_its_way_goes_again_at_once(device: PushSubscription) -> None:
    make_entry(days_ago=1 / 24 / 60)
    take_one()
    set_right(SOON)
    assert deliver(FakeSender(), SOON) == {"accepted": 1}


def test_what_was_on_its_way_goes_before_newer_news_that_waits(device: PushSubscription) -> None:
    under_way_and_newer()
    set_right(SOON)
    assert deliver(FakeSender(), SOON) == {"accepted": 2}
    older, newer = Delivery.objects.order_by("pk")
    assert older.notice.entry_count == newer.notice.entry_count == 1
    assert Delivery.objects.filter(lease__isnull=False).count() == 0


def test_if_it_must_be_tried_again_the_newer_one_tells_of_both(device: PushSubscription) -> None:
    under_way_and_newer()
    set_right(SOON)
    assert deliver(FakeSender({device.endpoint: [DOWN]}), SOON)["merged"] == 1
    [waiting] = Delivery.objects.unfinished()
    assert waiting.notice.entry_count == 2


def test_no_sender_of_before_can_write_what_came_of_it(device: PushSubscription) -> None:
    under_way_and_newer()
    set_right(SOON)
    assert not Delivery.objects.filter(lease__isnull=False).exists()


def test_what_is_no_news_any_more_is_told_no_more(device: PushSubscription) -> None:
    under_way_and_newer()
    late = NOW + STILL_NEWS + timedelta(minutes=1)
    set_right(late)
    assert set(Delivery.objects.values_list("state", "lease")) == {("expired", None)}
    assert deliver(FakeSender(), late) == {}


def test_of_mails_only_those_of_the_last_hour_are_sent() -> None:
    for hours in (2, 0):
        created_at = NOW - timedelta(hours=hours)
        Mail.objects.create(about="decision", submission=make_proposal(), created_at=created_at, next_at=NOW)
    set_right(NOW)
    assert list(Mail.objects.order_by("pk").values_list("state", flat=True)) == ["needless", "waiting"]
