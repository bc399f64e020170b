"""Sends what is due, to many push services at once; the only place that knows the order.

    claim (a lease) ──> admit ──> send (one thread, an event loop) ──> settle (here, in groups)

A worker that is killed anywhere leaves leases that run out. The only message that is then sent a second time is one
whose answer wasn't written yet; it has the same topic and tag, so it takes the place of the first.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from notifications.models import Delivery, DeliveryQuerySet, Notice, PushSubscription
from notifications.push_services import service_of
from notifications.vapid.keys import keyring

from .admission import Refusal, refusals
from .circuits import SERVICE_REASON, Circuits
from .contact import contact
from .courier import Courier, Sends
from .messages import Messages
from .settling import Settled, Settler
from .types import Answer

logger = logging.getLogger(__name__)

_PUSH = f"{__package__}.push"

LEASE_SECONDS = 90
"""A worker that is killed costs its deliveries this long."""
MAX_CLAIMING_SECONDS = 50
"""A run takes nothing new after this long; the next run, which starts every minute, goes on."""
MAX_MESSAGES_UNDER_WAY = 512
"""All that a run has in memory at a time."""
MAX_CLAIMED_DELIVERIES = 64
"""In one claim; answers that came in the meantime are settled before the next."""
MAX_MESSAGES_UNDER_WAY_PER_SERVICE = 64
"""With this many messages under way to one push service, no more are claimed for it: one that hangs must not take
the place of the others. Together with a claim, they must all have their turn, 32 at a time, before the lease runs out.
"""
MAX_ANSWERS_PER_TRANSACTION = 50
"""Nobody waits for the database longer than it takes to write these."""
IDLE_SECONDS = 0.5
"""The pause before asking again when nothing was due, and the longest wait for an answer."""
TEST_LIFETIME = timedelta(hours=1)
"""By then, the person who pressed the button no longer waits for the message."""


def deliver_due(
    *,
    clock: Callable[[], datetime] = timezone.now,
    sender: AbstractAsyncContextManager[Sends] | None = None,
    among: DeliveryQuerySet | None = None,
) -> Counter[str]:
    """Send what is due (of `among`); returns when all of it is settled, with the number of deliveries by new state."""
    with _Run(clock, sender or _our_sender(), among) as run:
        counts = run.run()
    if counts:
        logger.info("sent %s", " ".join(f"{state}={count}" for state, count in sorted(counts.items())))
    return counts


def next_due_at() -> datetime | None:
    """When there is something to send again; None if nothing waits."""
    return (
        Delivery.objects.unfinished().whose_turn_it_is().order_by("next_at").values_list("next_at", flat=True).first()
    )


def test_push(device: PushSubscription, now: datetime) -> Delivery:
    """A message that tells the device only that messages arrive, ready to be sent; limits and wishes don't apply."""
    notice = Notice.objects.create(
        title=f"Test from {settings.SITE_NAME}",
        body="Notifications reach this device.",
        topic="test",
        created_at=now,
        expires_at=now + TEST_LIFETIME,
    )
    return Delivery.objects.create(
        notice=notice,
        device=device,
        device_name=device.name,
        service=service_of(device.endpoint),
        next_at=now,
        created_at=now,
    )


def _our_sender() -> AbstractAsyncContextManager[Sends]:
    # By name: every process of the site knows this module, few send, and what they send with was a quarter of a start.
    sender: Callable[..., AbstractAsyncContextManager[Sends]] = import_module(_PUSH).Sender
    return sender(keyring(), contact=contact(), extra_hosts=settings.PUSH_EXTRA_HOSTS)


@dataclass(frozen=True, slots=True)
class _Sending:
    delivery: Delivery
    is_short: bool


class _Run:
    """One run: the deliveries under way and what became of the others."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        sender: AbstractAsyncContextManager[Sends],
        among: DeliveryQuerySet | None,
    ) -> None:
        self._clock = clock
        self._among = Delivery.objects.all() if among is None else among
        self._circuits = Circuits()
        self._settler = Settler(self._circuits)
        self._under_way: dict[int, _Sending] = {}
        self._load: Counter[str] = Counter()
        self._messages = Messages()
        self._answers: queue.SimpleQueue[tuple[int, Answer | None]] = queue.SimpleQueue()
        self._courier = Courier(
            sender, must_wait=self._must_wait, on_answer=lambda key, answer: self._answers.put((key, answer))
        )
        self._stop_claiming_at = time.monotonic() + MAX_CLAIMING_SECONDS
        self._look_again_at = 0.0

    def __enter__(self) -> _Run:
        self._courier.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._courier.__exit__(None, None, None)

    def run(self) -> Counter[str]:
        while self._claim() or self._under_way:
            self._settle()
        return self._settler.counts

    # -- claim -----------------------------------------------------------------------------------------------------

    def _claim(self) -> bool:
        """Whether there was something to do."""
        room = min(MAX_CLAIMED_DELIVERIES, MAX_MESSAGES_UNDER_WAY - len(self._under_way))
        moment = time.monotonic()
        is_idle = bool(self._under_way) and moment < self._look_again_at
        if room <= 0 or is_idle or moment > self._stop_claiming_at:
            return False
        now = self._clock()
        claimed = self._open_to_claims(now).claim(now, lease_seconds=LEASE_SECONDS, limit=room)
        if not claimed:
            self._look_again_at = moment + IDLE_SECONDS
            return False
        self._circuits.load({delivery.service for delivery in claimed}, now)
        refused = refusals(claimed, self._circuits, now)
        self._settler.refuse([(delivery, refused[delivery.pk]) for delivery in claimed if delivery.pk in refused], now)
        for delivery in claimed:
            if delivery.pk not in refused:
                self._submit(delivery, now, is_short=False)
        return True

    def _open_to_claims(self, now: datetime) -> DeliveryQuerySet:
        full = {service for service, count in self._load.items() if count >= MAX_MESSAGES_UNDER_WAY_PER_SERVICE}
        shut = full | self._circuits.resting(now).keys()
        return self._among.exclude(service__in=shut) if shut else self._among

    # -- send ------------------------------------------------------------------------------------------------------

    def _submit(self, delivery: Delivery, now: datetime, *, is_short: bool) -> None:
        self._under_way[delivery.pk] = _Sending(delivery, is_short)
        self._load[delivery.service] += 1
        self._courier.submit(delivery.pk, delivery.service, self._messages.make(delivery, now, is_short=is_short))

    def _must_wait(self, key: int) -> bool:
        return self._circuits.must_wait(self._under_way[key].delivery)

    # -- settle ----------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        answered = [(self._done(key), answer) for key, answer in self._next_answers()]
        now = self._clock()
        unsent = [sending.delivery for sending, answer in answered if answer is None]
        self._settler.refuse([(delivery, self._later(delivery, now)) for delivery in unsent], now)
        group = [
            Settled(sending.delivery, answer, sending.is_short) for sending, answer in answered if answer is not None
        ]
        for delivery in self._settler.settle(group, now):
            self._submit(delivery, now, is_short=True)
        self._circuits.wake(now)

    def _next_answers(self) -> list[tuple[int, Answer | None]]:
        """What has come, up to a group; waits a little for the first."""
        answers: list[tuple[int, Answer | None]] = []
        with suppress(queue.Empty):
            if self._under_way:
                answers.append(self._answers.get(timeout=IDLE_SECONDS))
            while answers and len(answers) < MAX_ANSWERS_PER_TRANSACTION:
                answers.append(self._answers.get_nowait())
        return answers

    def _done(self, key: int) -> _Sending:
        sending = self._under_way.pop(key)
        self._load[sending.delivery.service] -= 1
        if self._load[sending.delivery.service] == MAX_MESSAGES_UNDER_WAY_PER_SERVICE - 1:
            self._look_again_at = 0.0  # it has room again
        return sending

    def _later(self, delivery: Delivery, now: datetime) -> Refusal:
        until = self._circuits.resting(now).get(delivery.service, now)
        return Refusal(Delivery.State.RETRY, SERVICE_REASON, until)
