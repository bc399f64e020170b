"""What a push service answered becomes rows. Every change demands the lease that the delivery was sent under."""

from __future__ import annotations

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from notifications.models import Delivery, PushSubscription, PushSubscriptionQuerySet
from notifications.push_services import origin_of

from .admission import Refusal
from .circuits import Circuits
from .reaction import classify
from .types import Answer, Reaction, Scope, Verdict

logger = logging.getLogger(__name__)

MIN_ERRORS_TO_DISABLE = 3
"""A device is given up after this many errors: a single one may be an accident."""
MIN_ERROR_SPAN = timedelta(hours=24)
"""A device is given up only if its errors are spread over this time: one bad hour isn't enough."""
MAX_UNANSWERED_MESSAGES = 10
"""After this many messages in a row without any answer, a push service is left alone for a while."""
MIN_ANSWERS_TO_DOUBT = 10
"""A share of fewer answers says nothing."""
MAX_GONE_SHARE = 0.2
"""If more than this share of a push service's answers says that devices are gone, it is not believed."""
REFUSED_ALONE = "refused, while others are accepted"
MANY_GONE = "many devices were reported gone at once, so none was dropped"


@dataclass(frozen=True, slots=True)
class Settled:
    """A delivery and what came back."""

    delivery: Delivery
    answer: Answer
    is_short: bool = False
    """Sent with the short text."""


@dataclass(slots=True)
class _Tally:
    """A push service's answers, and how many of them said that a device is gone."""

    answered: int = 0
    gone: int = 0

    @property
    def is_incredible(self) -> bool:
        return self.answered >= MIN_ANSWERS_TO_DOUBT and self.gone > MAX_GONE_SHARE * self.answered


class Settler:
    """Writes results, and remembers what they say of each push service, for one run of the sender."""

    def __init__(self, circuits: Circuits) -> None:
        self.counts: Counter[str] = Counter()
        """How many deliveries came to which state."""
        self._circuits = circuits
        self._accepted: list[int] = []
        self._gone: defaultdict[str, list[tuple[Settled, Reaction]]] = defaultdict(list)
        self._in_all: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._lately: defaultdict[str, _Tally] = defaultdict(_Tally)
        """Since devices were last dropped: a push service may break in the middle of a run."""
        self._silent: Counter[str] = Counter()

    def refuse(self, refused: Sequence[tuple[Delivery, Refusal]], now: datetime) -> None:
        """Note that deliveries aren't sent: for good, or not yet."""
        with transaction.atomic():
            _lock_devices(delivery for delivery, _ in refused)
            for delivery, refusal in refused:
                times = {"next_at": refusal.next_at} if refusal.next_at else {"finished_at": now}
                self._write(delivery, refusal.state, reason=refusal.reason, **times)

    def settle(self, group: Sequence[Settled], now: datetime) -> list[Delivery]:
        """Write what came back, in one transaction; gives the deliveries to send at once with the short text."""
        with transaction.atomic():
            _lock_devices(settled.delivery for settled in group)
            again = [settled.delivery for settled in group if self._react(settled, now)]
            self._note_accepted(now)
        return again

    def prune(self, now: datetime) -> None:
        """Drop the devices that were reported gone.

        This waits until it can be seen of how many it was said: a push service that is broken may say it of all.
        """
        reported, self._gone = self._gone, defaultdict(list)
        for service, gone in reported.items():
            is_incredible = self._in_all[service].is_incredible or self._lately[service].is_incredible
            if is_incredible and not self._circuits.has(service):
                self._circuits.open(service, MANY_GONE, "", now)
            drop = self._keep if self._circuits.has(service) else self._drop
            for settled, reaction in gone:
                with transaction.atomic():
                    _lock_devices([settled.delivery])
                    drop(settled, reaction, now)
        self._lately.clear()

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
            expires_at=delivery.notice.expires_at,
            jitter=random.random(),  # noqa: S311 -- no secret
        )
        if reaction.verdict is Verdict.TOO_LARGE and not settled.is_short:
            return True
        self._note_silence(delivery.service, answer)
        react = {
            Verdict.ACCEPTED: self._accept,
            Verdict.GONE: self._note_gone,
            Verdict.RESUBSCRIBE: self._wait_for_repair,
            Verdict.RETRY: self._retry,
            Verdict.OUR_FAULT: self._blame_us,
        }
        react.get(reaction.verdict, self._fail)(settled, reaction, now)
        return False

    def _note_silence(self, service: str, answer: Answer) -> None:
        if answer.status is not None:
            self._in_all[service].answered += 1
            self._lately[service].answered += 1
            self._silent[service] = 0
        elif not answer.is_our_fault:
            self._silent[service] += 1

    def _accept(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        if not self._finish(settled, Delivery.State.ACCEPTED, reaction, now):
            return
        if settled.delivery.device:
            self._accepted.append(settled.delivery.device.pk)
        if self._circuits.has(settled.delivery.service):
            self._circuits.close(settled.delivery.service, now)

    def _note_accepted(self, now: datetime) -> None:
        """Once for a group: of ten thousand deliveries, nearly all end here."""
        if self._accepted:
            devices = PushSubscription.objects.filter(pk__in=self._accepted)
            devices.update(accepted_at=now, error_count=0, failing_since=None, last_error="", paused_until=None)
            self._accepted.clear()

    def _note_gone(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        service = settled.delivery.service
        self._gone[service].append((settled, reaction))
        self._in_all[service].gone += 1
        self._lately[service].gone += 1

    def _drop(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        delivery = settled.delivery
        if not self._finish(settled, Delivery.State.GONE, reaction, now):
            return
        device = self._device(settled).first()
        if device is not None:
            device.delete()
        elif delivery.device and PushSubscription.objects.filter(pk=delivery.device.pk).exists():
            # The browser subscribed anew while the message was under way, so it must still get the message.
            Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RETRY, next_at=now, finished_at=None)

    def _keep(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        self._fail(settled, replace(reaction, reason=f"{reaction.reason}; {MANY_GONE}", scope=Scope.DEVICE), now)

    def _wait_for_repair(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        if self._finish(settled, Delivery.State.FAILED, reaction, now):
            self._device(settled).update(
                state=PushSubscription.State.STALE,
                failing_since=Coalesce("failing_since", now),
                last_error=reaction.reason[:200],
            )

    def _retry(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        delivery, until = settled.delivery, reaction.retry_at
        is_for_all = reaction.scope is Scope.ORIGIN or self._silent[delivery.service] >= MAX_UNANSWERED_MESSAGES
        if until is None or until >= delivery.notice.expires_at:
            is_written = self._finish(settled, Delivery.State.EXPIRED, reaction, now)
        else:
            reason = f"{self._circuits.reason(delivery.service)}: {reaction.reason}" if is_for_all else reaction.reason
            said = _said(settled.answer)
            is_written = self._write(delivery, Delivery.State.RETRY, reason=reason, next_at=until, **said)
        if not is_written or until is None:
            return
        if is_for_all:
            self._circuits.rest(delivery.service, until)
        elif settled.answer.status is not None:
            self._device(settled).update(paused_until=until)

    def _blame_us(self, settled: Settled, reaction: Reaction, now: datetime) -> None:
        """Let the push service rest; unless it is this device alone that is refused, time and again."""
        if self._is_alone(settled):
            self._fail(settled, replace(reaction, reason=f"{settled.answer.status}: {REFUSED_ALONE}"), now)
            return
        self._device(settled).update(failing_since=Coalesce("failing_since", now))
        delivery = settled.delivery
        key_id = delivery.device.key_id if delivery.device else ""
        until = self._circuits.open(delivery.service, reaction.reason, key_id, now)
        self._retry(settled, replace(reaction, retry_at=until, scope=Scope.ORIGIN), now)

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

    def _finish(self, settled: Settled, state: Delivery.State, reaction: Reaction, now: datetime) -> bool:
        said = _said(settled.answer)
        return self._write(settled.delivery, state, reason=reaction.reason, finished_at=now, **said)

    def _write(self, delivery: Delivery, state: Delivery.State, *, reason: str, **values: Any) -> bool:
        """Whether the delivery was still ours to write."""
        leased = Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
        is_ours = leased.update(state=state, lease=None, attempts=delivery.attempts, reason=reason[:200], **values)
        self.counts[state if is_ours else "stale"] += 1
        _log(delivery, state if is_ours else "stale", reason, values)
        return bool(is_ours)


def _lock_devices(deliveries: Iterable[Delivery]) -> None:
    devices = {delivery.device_id for delivery in deliveries if delivery.device_id is not None}
    if devices and connection.features.has_select_for_update:
        PushSubscription.objects.filter(pk__in=devices).lock()


def _said(answer: Answer) -> dict[str, int | None]:
    """What the log keeps of an answer."""
    ttl = answer.headers.get("ttl", "")
    return {
        "status": answer.status,
        "latency_ms": answer.latency_ms,
        "returned_ttl_seconds": int(ttl) if ttl.isascii() and ttl.isdigit() and len(ttl) < 10 else None,
    }


def _log(delivery: Delivery, state: str, reason: str, values: dict[str, Any]) -> None:
    level = logging.DEBUG if state in {Delivery.State.ACCEPTED, Delivery.State.SUPPRESSED} else logging.INFO
    device = delivery.device.short_hash if delivery.device else "-"
    status = values.get("status") or "-"
    logger.log(
        level, "push device=%s service=%s state=%s status=%s reason=%s", device, delivery.service, state, status, reason
    )
