"""Devices of curators for tests, and a post office: the real sender, and the strict push service that it sends to."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import pytest
from django.contrib.auth.models import User

from aggregator.models import Entry
from notifications.models import Delivery, PushSubscription, endpoint_digest
from notifications.notices.planner import plan
from notifications.sending.delivering import deliver_due
from notifications.sending.push import Sender
from notifications.sending.types import Answer, Message
from notifications.vapid.keys import KeyRing, VapidKey
from tests.factories import NOW
from tests.push.service import PushService, Scripted, Subscription

_numbers = itertools.count(1)
HOST = "push.example"


def make_curator(**fields: Any) -> User:
    return User.objects.create_user(f"curator{next(_numbers)}", is_staff=True, **fields)


def make_device(user: User | None = None, *, endpoint: str = "", **fields: Any) -> PushSubscription:
    """A curator's device, there since the day before the entries of tests."""
    endpoint = endpoint or f"https://{HOST}/{next(_numbers)}"
    values = {
        "user": user or make_curator(),
        "endpoint": endpoint,
        "endpoint_hash": endpoint_digest(endpoint),
        "p256dh": "key",
        "auth": "secret",
        "key_id": "0123456789abcdef",
        "name": "Phone",
        "created_at": datetime(2026, 1, 1, tzinfo=NOW.tzinfo),
        "changed_at": NOW,
        "seen_at": NOW,
    }
    return PushSubscription.objects.create(**{**values, **fields})


class FakeSender:
    """Gives the answers that it is told to, by endpoint; 201 if it is told nothing. `sent` has the messages.

    `before_answer` runs on a thread of its own; if it asks the database, it closes its connection.
    """

    def __init__(self, answers: dict[str, Sequence[Answer]] | None = None, default: int = 201) -> None:
        self.sent: list[Message] = []
        self._answers = {endpoint: iter(of_device) for endpoint, of_device in (answers or {}).items()}
        self._default = Answer(default)
        self.before_answer: Callable[[Message], None] = lambda message: None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None: ...

    async def send(self, message: Message) -> Answer:
        self.sent.append(message)
        await asyncio.to_thread(self.before_answer, message)
        return next(self._answers.get(message.endpoint, iter(())), self._default)


@dataclass
class Office:
    """A push service, and what is needed to send to it."""

    service: PushService
    key: VapidKey = field(default_factory=VapidKey.new)

    def sender(self, **options: Any) -> Sender:
        return Sender(
            KeyRing(self.key),
            contact="mailto:curators@planet.example",
            extra_hosts=[self.service.extra_host],
            ssl_context=self.service.ssl_context,
            **options,
        )

    def make_device(self, user: User | None = None, **fields: Any) -> tuple[PushSubscription, Subscription]:
        """A device, and the browser behind it."""
        browser = self.service.new_subscription(self.key.public)
        keys = {"p256dh": browser.p256dh, "auth": browser.auth, "key_id": self.key.id}
        return make_device(user, **{"endpoint": browser.endpoint, **keys, **fields}), browser

    def script(self, browser: Subscription, *answers: Scripted) -> None:
        self.service.script(browser.token, answers)

    def deliver(self, now: datetime = NOW, **options: Any) -> Counter[str]:
        return deliver_due(clock=lambda: now, sender=self.sender(**options))


@contextmanager
def open_office() -> Iterator[Office]:
    with PushService() as service:
        yield Office(service)


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as made:
        yield made


def deliver(sender: FakeSender, now: datetime = NOW) -> Counter[str]:
    return deliver_due(clock=lambda: now, sender=sender)


def announce(entries: Iterable[Entry], now: datetime = NOW) -> list[Delivery]:
    """Plan these entries, which came long enough ago."""
    assert list(entries)
    plan(now)
    return list(Delivery.objects.order_by("pk"))
