"""A site that is upgraded while notices wait: older versions let several wait for one device."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from notifications.models import Delivery
from notifications.notices.planner import plan
from tests.factories import NOW, make_entry

from .outbox import FakeSender, deliver, make_device

pytestmark = pytest.mark.django_db(transaction=True)
[ONE_WAITS] = [one for one in Delivery._meta.constraints if one.name == "one_delivery_waits_per_stream"]
upgrade = import_module("notifications.migrations.0003_one_delivery_waits")


@pytest.fixture(autouse=True)
def older_version() -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.remove_constraint(Delivery, ONE_WAITS)
    yield
    Delivery.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Delivery, ONE_WAITS)


def plan_apart(posts: int) -> None:
    """As many notices for each device, all of which wait."""
    for _ in range(posts):
        parked = list(Delivery.objects.unfinished().values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=parked).update(state="accepted")
        make_entry(days_ago=1 / 24 / 60)
        plan(NOW)
        Delivery.objects.filter(pk__in=parked).update(state="pending")


def merge() -> None:
    with connection.schema_editor() as editor:
        upgrade.merge(apps, editor)
    with connection.schema_editor() as editor:  # it can be kept now
        editor.add_constraint(Delivery, ONE_WAITS)
        editor.remove_constraint(Delivery, ONE_WAITS)


def test_all_that_waits_for_a_device_goes_on_as_one_that_counts_all() -> None:
    for _ in range(2):
        make_device()
    plan_apart(3)
    assert Delivery.objects.unfinished().count() == 6
    merge()
    notices = set(Delivery.objects.unfinished().values_list("notice__title", "notice__entry_count"))
    assert (Delivery.objects.unfinished().count(), notices) == (2, {("3 new posts", 3)})
    assert len(set(Delivery.objects.unfinished().values_list("notice", flat=True))) == 1
    sender = FakeSender()
    assert deliver(sender) == {"accepted": 2}


def test_later_news_is_told_with_them() -> None:
    make_device()
    plan_apart(2)
    merge()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    assert Delivery.objects.unfinished().get().notice.entry_count == 3


def test_what_is_on_its_way_counts_too_and_is_not_sent_before_its_lease_ends() -> None:
    make_device()
    plan_apart(2)
    until = NOW + timedelta(seconds=60)
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(
        state="leased", lease=uuid.uuid4(), next_at=until
    )
    merge()
    assert deliver(FakeSender()) == {}
    assert deliver(FakeSender(), until) == {"accepted": 1}


def test_what_waits_alone_and_what_is_at_its_end_stay_as_they_are() -> None:
    make_device()
    plan_apart(1)
    before = Delivery.objects.values().get()
    merge()
    assert Delivery.objects.values().get() == before
