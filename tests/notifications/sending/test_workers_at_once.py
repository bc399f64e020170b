"""Workers that want the same rows in the same moment: none waits for another, and so none waits in a ring."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from notifications.models import Circuit, Delivery, PushSubscription
from notifications.notices.planner import plan
from notifications.sending.circuits import Circuits
from tests.factories import NOW, make_entry
from tests.notifications.outbox import FakeSender, deliver, make_device
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)
locks_rows = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all writers")


def two_deliveries() -> tuple[Delivery, Delivery]:
    make_device()
    make_device()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    first, second = Delivery.objects.order_by("pk")
    return first, second


@contextmanager
def locked_by_another(delivery: Delivery) -> Iterator[None]:
    """Another worker is about to write this row; it gives up after a while."""
    is_locked, may_go = threading.Event(), threading.Event()

    def lock() -> None:
        try:
            with transaction.atomic():
                Delivery.objects.select_for_update().get(pk=delivery.pk)
                is_locked.set()
                may_go.wait(PATIENCE_SECONDS)  # then who waits for it goes on, and fails
        finally:
            connections.close_all()

    other = threading.Thread(target=lock)
    other.start()
    assert is_locked.wait(PATIENCE_SECONDS)
    yield
    assert other.is_alive(), "the row was waited for"
    may_go.set()
    other.join()


@locks_rows
def test_a_worker_takes_what_no_other_is_taking() -> None:
    first, second = two_deliveries()
    with locked_by_another(first):
        claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    assert claimed == [second]


@locks_rows
def test_a_rest_puts_off_what_no_other_is_taking() -> None:
    first, second = two_deliveries()
    with locked_by_another(first):
        Circuits().open(second, Circuit.Kind.ASKED, "too many messages", NOW, LATER)
    assert list(Delivery.objects.order_by("pk").values_list("next_at", flat=True)) == [NOW, LATER]


def test_an_answer_and_a_removal_do_not_wait_for_each_other() -> None:
    device = make_device()
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    is_locked = threading.Event()

    def remove() -> None:
        try:
            with transaction.atomic():
                PushSubscription.objects.filter(pk=device.pk).lock()
                is_locked.set()
                time.sleep(0.5)  # in which the answer comes
                device.delete()
        finally:
            connections.close_all()

    remover, sender = threading.Thread(target=remove), FakeSender()

    def start(message: object) -> None:
        remover.start()
        assert is_locked.wait(PATIENCE_SECONDS)

    sender.before_answer = start
    assert deliver(sender) == {"accepted": 1}
    remover.join()
    assert not PushSubscription.objects.exists()
    assert Delivery.objects.get().device is None
