"""Workers that want the same rows in the same moment: none waits for another, and so none waits in a ring."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from notifications.models import Circuit, Delivery, PushSubscription
from notifications.notices.planner import plan
from notifications.sending.circuits import Circuits
from notifications.sending.settling import Settled, Settler
from notifications.sending.types import Answer
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


class SlowCircuits(Circuits):
    """After a service was found to be down for the first time, another worker has a moment to find one, too."""

    def __init__(self, both: threading.Barrier) -> None:
        super().__init__()
        self._both: threading.Barrier | None = both

    def open(self, *args: Any, **kwargs: Any) -> datetime:
        until = super().open(*args, **kwargs)
        both, self._both = self._both, None
        if both:
            with suppress(threading.BrokenBarrierError):  # the other waits for us: so it shall be
                both.wait(0.5)
        return until


def settle_apart(deliveries: list[Delivery], both: threading.Barrier) -> dict[str, int]:
    try:
        circuits = SlowCircuits(both)
        circuits.load({delivery.service for delivery in deliveries}, NOW)
        settler = Settler(circuits)
        settler.settle([Settled(delivery, Answer(503)) for delivery in deliveries], NOW)
        return dict(settler.counts)
    finally:
        connections.close_all()


def test_two_services_that_fail_two_workers_in_opposite_order_fail_neither() -> None:
    hosts = ("a.example", "b.example")
    for host in hosts:
        make_device(endpoint=f"https://{host}/1")
        make_device(endpoint=f"https://{host}/2")
        Circuit.objects.create(origin=f"https://{host}", kind="down", reason="503", open_until=NOW - timedelta(hours=1))
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    of_a, of_b = ([delivery for delivery in claimed if delivery.service == host] for host in hosts)
    both = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(settle_apart, ([of_a[0], of_b[0]], [of_b[1], of_a[1]]), (both, both))
        assert list(results) == [{"retry": 2}] * 2


@locks_rows
def test_what_is_merged_is_locked_before_a_circuit_is() -> None:
    """Else a worker that puts it off, and then looks for another circuit, could wait for the one that merges it."""
    make_device(endpoint="https://a.example/1")
    make_entry(days_ago=1 / 24 / 60)
    plan(NOW)
    claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    make_entry(first_seen_at=NOW, published_at=NOW)
    plan(NOW + timedelta(seconds=30))
    newer = Delivery.objects.get(state="pending")
    taken: list[list[Delivery]] = []

    class Looking(Circuits):
        def open(self, *args: Any, **kwargs: Any) -> datetime:
            with ThreadPoolExecutor(1) as pool:
                taken.append(pool.submit(claim_apart).result())
            return super().open(*args, **kwargs)

    Settler(Looking()).settle([Settled(claimed[0], Answer(429, headers={"retry-after": "60"}))], NOW)
    assert taken == [[]]
    newer.refresh_from_db()
    assert (newer.state, newer.notice.entry_count) == ("retry", 2)


def claim_apart() -> list[Delivery]:
    try:
        with transaction.atomic():
            return list(Delivery.objects.waiting().lock_free_ones())
    finally:
        connections.close_all()


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
