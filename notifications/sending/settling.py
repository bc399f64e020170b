"""What a push service answered becomes rows. Every change demands the lease that the delivery was sent under."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.models import Delivery, PushSubscription, PushSubscriptionQuerySet
from notifications.notices.merging import Merging, newer_than
from notifications.notices.news import TOLD_TOGETHER
from notifications.push_services import origin_of

from .admission import Refusal
from .circuits import SERVICE_REASON, Circuits, Kind
from .reaction import classify
from .types import Answer, Reaction, Scope, Verdict

logger = logging.getLogger(__name__)

MIN_ERRORS_TO_DISABLE = 3
"""A device is given up after this many errors: a single one may be an accident."""
MIN_ERROR_SPAN = timedelta(hours=24)
"""A device is given up only if its errors are spread over this time: one bad hour isn't enough."""
MAX_FAILED_MESSAGES = 10
"""After this many messages in a row without an answer, or with one that says it is down, a push service rests."""
GONE_SPAN = timedelta(hours=1)
"""A device is dropped if its push service still doesn't know it after this long: the first time may be an accident."""
MANY_GONE_DEVICES = 10
"""A push service that says that so many are gone, and has taken no message since, may be broken: it isn't believed."""
REFUSED_ALONE = "refused, while others are accepted"
ASKED_AGAIN = "it is asked once more"


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery and what came back."""

    delivery: Delivery
    answer: Answer
    is_short: bool = False
    """Sent with the short text."""


class Settler:
    """Writes results, and remembers what they say of each push service, for one run of the sender."""

    def __init__(self, circuits: Circuits) -> None:
        self.counts: Counter[str] = Counter()
        """How many deliveries came to which state."""
        self._circuits = circuits
        self._accepted: list[int] = []
        self._failed: Counter[str] = Counter()
        """By push service: the messages in a row that it had no answer for, or was down for."""
        self._merging = Merging()

    def refuse(self, refused: Sequence[tuple[Delivery, Refusal]], now: datetime) -> None:
        """Note that deliveries aren't sent: for good, or not yet."""
        with transaction.atomic():
            _lock([delivery for delivery, _ in refused])
            for delivery, refusal in refused:
                if refusal.next_at:
                    self._put_back(delivery, refusal.reason, refusal.next_at, now)
                else:
                    self._write(delivery, refusal.state, reason=refusal.reason, finished_at=now)

    def settle(self, group: Sequence[Settled], now: datetime) -> list[Delivery]:
        """Write what came back, in one transaction; gives the deliveries to send at once with the short text."""
        with transaction.atomic():
            _lock([settled.delivery for settled in group])
            again = [settled.delivery for settled in _in_order(group) if self._react(settled, now)]
            self._note_accepted(now)
        return again

    # -- reactions -------------------------------------------------------------------------------------------------

    def _react(self, settled: Settled, now: datetime) -> bool:
        """Do what the answer calls for; whether the delivery is to be sent again with the short text."""
        delivery, answer = settled.delivery, settled.answer
        delivery.attempts += 1
        reaction = classify(
            origin_of(delivery.service),
            answer,
            attempts=delivery.attempts,
            now=now,
            jitter=random.random(),  # noqa: S311 -- no secret
        )
        if reaction.verdict is Verdict.TOO_LARGE and not settled.is_short:
            return True
        self._note_state_of_service(settled, reaction, now)
        react = {
            Verdict.ACCEPTED: self._accept,
            Verdict.GONE: self._drop_or_ask_again,
            Verdict.RESUBSCRIBE: self._wait_for_repair,
            Verdict.RETRY: self._retry,
            Verdict.OUR_FAULT: self._blame_us,
        }
        react.get(reaction.verdict, self._fail)(settled, reaction, now)
        return False

    def _note_state_of_service(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        delivery, service = settled.delivery, settled.delivery.service
        if settled.answer.is_of_service:
            self._failed[service] += 1
            return
        if settled.answer.is_our_fault:
            return
        self._failed[service] = 0
        is_well = reaction.scope is not Scope.ORIGIN and reaction.verdict is not Verdict.OUR_FAULT
        if is_well and self._circuits.is_told_well_by(delivery, is_accepted=reaction.verdict is Verdict.ACCEPTED):
            self._circuits.close(service, now)

    def _accept(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        if not self._finish(settled, Delivery.State.ACCEPTED, reaction, now):
            return
        if settled.delivery.device:
            self._accepted.append(settled.delivery.device.pk)

    def _note_accepted(self, now: datetime) -> None:
        """Once for a group: of ten thousand deliveries, nearly all end here."""
        if self._accepted:
            devices = PushSubscription.objects.filter(pk__in=self._accepted)
            devices.update(
                accepted_at=now, error_count=0, failing_since=None, last_error="", gone_at=None, paused_until=None
            )
            self._accepted.clear()

    def _drop_or_ask_again(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        """Drop the device if this was said before, long enough ago; else its push service is asked once more."""
        delivery, device = settled.delivery, self._device(settled).first()
        if device is None:
            self._find_again(settled, reaction, now)
            return
        gone_at = device.gone_at or now
        if now - gone_at >= GONE_SPAN and self._is_believed(delivery.service, gone_at):
            if self._finish(settled, Delivery.State.GONE, reaction, now):
                device.delete()
            return
        self._device(settled).update(gone_at=gone_at, last_error=reaction.reason[:200])
        ask_at = gone_at + GONE_SPAN if now < gone_at + GONE_SPAN else now + GONE_SPAN
        if ask_at < delivery.notice.expires_at:
            self._put_back(delivery, f"{reaction.reason}; {ASKED_AGAIN}", ask_at, now, **settled.answer.facts)
        else:
            self._finish(settled, Delivery.State.GONE, reaction, now)

    def _find_again(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        """The browser subscribed anew while the message was under way, so it must still get it; or its row is gone."""
        device = settled.delivery.device
        if device is not None and PushSubscription.objects.filter(pk=device.pk).exists():
            self._put_back(settled.delivery, reaction.reason, now, now)
        else:
            self._finish(settled, Delivery.State.GONE, reaction, now)

    def _is_believed(self, service: str, since: datetime) -> bool:
        """Whether a push service that says that a device is gone is not itself broken: it may say so of all."""
        if self._circuits.has(service):
            return False
        devices = PushSubscription.objects.of_service(service)
        is_working = devices.filter(accepted_at__gte=since).exists()
        return is_working or devices.filter(gone_at__isnull=False).count() < MANY_GONE_DEVICES

    def _wait_for_repair(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        if self._finish(settled, Delivery.State.FAILED, reaction, now):
            self._device(settled).update(
                state=PushSubscription.State.STALE,
                failing_since=Coalesce("failing_since", now),
                last_error=reaction.reason[:200],
            )

    def _retry(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        rests_until = self._let_service_rest(settled, reaction, now)
        until = rests_until or reaction.retry_at or now
        reason = f"{SERVICE_REASON}: {reaction.reason}" if rests_until else reaction.reason
        self._try_again(settled, reason, until, now)
        if not rests_until and settled.answer.status is not None:
            self._device(settled).update(paused_until=until)

    def _let_service_rest(self, settled: Settled, reaction: Reaction, now: datetime) -> datetime | None:
        """Until when the push service is left alone; None if this is about one device, as far as we know."""
        delivery, service = settled.delivery, settled.delivery.service
        if reaction.scope is Scope.ORIGIN:
            return self._circuits.open(delivery, Kind.ASKED, reaction.reason, now, reaction.retry_at)
        is_down = settled.answer.is_of_service
        if is_down and (self._failed[service] >= MAX_FAILED_MESSAGES or self._circuits.has(service)):
            return self._circuits.open(delivery, Kind.DOWN, reaction.reason, now)
        return None

    def _blame_us(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        """Let the push service rest; unless it is this device alone that is refused, time and again."""
        if self._is_alone(settled):
            self._fail(settled, replace(reaction, reason=f"{settled.answer.status}: {REFUSED_ALONE}"), now)
            return
        self._device(settled).update(failing_since=Coalesce("failing_since", now))
        until = self._circuits.open(settled.delivery, Kind.FAULT, reaction.reason, now)
        self._try_again(settled, f"{SERVICE_REASON}: {reaction.reason}", until, now)

    def _is_alone(self, settled: Settled) -> bool:
        """Whether others were accepted since the device's trouble began."""
        device = settled.delivery.device
        if device is None or device.failing_since is None:
            return False
        service, since = settled.delivery.service, device.failing_since
        accepted = Delivery.objects.filter(state=Delivery.State.ACCEPTED, finished_at__gte=since, service=service)
        # The log forgets what was accepted after a day; devices remember the last.
        told = PushSubscription.objects.filter(accepted_at__gte=since, endpoint__startswith=f"{origin_of(service)}/")
        return accepted.exclude(device=device).exists() or told.exclude(pk=device.pk).exists()

    def _fail(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        is_finished = self._finish(settled, Delivery.State.FAILED, reaction, now)
        if is_finished and reaction.scope is Scope.DEVICE:
            device = self._device(settled)
            device.update(
                error_count=F("error_count") + 1,
                failing_since=Coalesce("failing_since", now),
                last_error=reaction.reason[:200],
            )
            hopeless = device.filter(error_count__gte=MIN_ERRORS_TO_DISABLE, failing_since__lte=now - MIN_ERROR_SPAN)
            hopeless.update(state=PushSubscription.State.DISABLED)

    # -- rows ------------------------------------------------------------------------------------------------------

    def _device(self, settled: Settled) -> PushSubscriptionQuerySet:
        """The device, or nothing if its browser has subscribed anew: then the answer says nothing about it."""
        device = settled.delivery.device
        if device is None:
            return PushSubscription.objects.none()
        return PushSubscription.objects.filter(pk=device.pk, changed_at=device.changed_at)

    def _try_again(self, settled: Settled, reason: str, until: datetime, now: datetime) -> None:
        """Let the delivery wait until then; if that is beyond its time, it comes to an end at once."""
        delivery, said = settled.delivery, settled.answer.facts
        if until < delivery.notice.expires_at:
            self._put_back(delivery, reason, until, now, **said)
        else:
            self._write(delivery, Delivery.State.EXPIRED, reason=reason, finished_at=now, **said)

    def _put_back(self, delivery: Delivery, reason: str, until: datetime, now: datetime, **said: int | None) -> None:
        """Let the delivery wait; or, if newer ones wait for its device in the meantime, let those tell of it."""
        newer = newer_than(delivery)
        if newer is None:
            self._write(delivery, Delivery.State.RETRY, reason=reason, next_at=until, **said)
        elif self._write(delivery, Delivery.State.MERGED, reason=TOLD_TOGETHER, finished_at=now, **said):
            self._merging.take_in(newer, delivery, until, reason, now)

    def _finish(self, settled: Settled, state: Delivery.State, reaction: Reaction, now: datetime) -> bool:
        said = settled.answer.facts
        return self._write(settled.delivery, state, reason=reaction.reason, finished_at=now, **said)

    def _write(self, delivery: Delivery, state: Delivery.State, *, reason: str, **values: Any) -> bool:
        """Whether the delivery was still ours to write."""
        leased = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
        is_ours = leased.update(state=state, lease=None, attempts=delivery.attempts, reason=reason[:200], **values)
        self.counts[state if is_ours else "stale"] += 1
        _log(delivery, state if is_ours else "stale", reason, values)
        return bool(is_ours)


def _lock(deliveries: Iterable[Delivery]) -> None:
    """Lock the devices, then what waits for them and may have to tell of more; circuits come after these.

    `aggregator.models.sql` tells the order. The deliveries themselves are ours already, by their lease.
    """
    devices = {delivery.device_id for delivery in deliveries if delivery.device_id is not None}
    if devices and connection.features.has_select_for_update:
        PushSubscription.objects.filter(pk__in=devices).lock()
        Delivery.objects.waiting_for(devices).lock()


def _in_order(group: Iterable[Settled]) -> list[Settled]:
    """By push service: whatever is found of one locks its circuit until the commit, and two workers may find things of
    the same two. What came from one service stays in order of arrival, as it is counted how often it fails in a row.
    """
    return sorted(group, key=lambda settled: settled.delivery.service)


def _log(delivery: Delivery, state: str, reason: str, values: dict[str, Any]) -> None:
    level = logging.DEBUG if state in {Delivery.State.ACCEPTED, Delivery.State.SUPPRESSED} else logging.INFO
    device = delivery.device.short_hash if delivery.device else "-"
    status = values.get("status") or "-"
    logger.log(
        level, "push device=%s service=%s state=%s status=%s reason=%s", device, delivery.service, state, status, reason
    )
