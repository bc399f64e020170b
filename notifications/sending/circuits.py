"""Push services that are left alone for a while: they refuse us by our own fault, ask us to wait, or are down.

Each that rests has a row, which the operator sees and every worker heeds. Deliveries to it wait. When the rest is over,
one message tries whether it is well again:

    closed (no row) ──trouble──> open ──a rest──> half open: one probe ──accepted──> closed
                                  ^                            │
                                  └───────trouble again────────┘

How long it rests: as long as it asks for; else a quarter of an hour for a fault of ours, and longer each time if it is
down.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications.models import Circuit, Delivery, DeliveryQuerySet
from notifications.notices.news import TOO_LATE
from notifications.push_services import origin_of

from .reaction import backoff_seconds

logger = logging.getLogger(__name__)

CIRCUIT_REST = timedelta(minutes=15)
"""How long nothing is sent to a push service that refuses us by our own fault: that is not mended sooner."""
PROBE_WAIT = timedelta(minutes=2)
"""How long the others wait for what the probe finds; a probe that was lost costs this much."""
SERVICE_REASON = "waits for its push service"
"""How the reason begins of deliveries whose push service rests."""
Kind = Circuit.Kind


class Circuits:
    """What one run of the sender knows of push services that rest."""

    def __init__(self) -> None:
        self._rows: dict[str, Circuit] = {}
        self._resting: dict[str, datetime] = {}
        self._probes: set[int] = set()

    def load(self, services: Iterable[str], now: datetime) -> None:
        """Read which of these rest, as other workers may have found since; put off what waits for those."""
        by_origin = {origin_of(service): service for service in services}
        for service in by_origin.values():
            self._rows.pop(service, None)
        for circuit in Circuit.objects.filter(origin__in=by_origin):
            service = by_origin[circuit.origin]
            self._rows[service] = circuit
            if circuit.open_until > now:
                self._put_off(service, circuit.open_until)

    def has(self, service: str) -> bool:
        return service in self._rows

    def resting(self, now: datetime) -> dict[str, datetime]:
        """The services that rest, and until when."""
        return {service: until for service, until in self._resting.items() if until > now}

    def rests_until(self, delivery: Delivery, now: datetime) -> datetime | None:
        """When this delivery may go, as far as its push service is concerned; None for now.

        Of those that wait for a service whose rest is over, one may go: the probe.
        """
        service = delivery.service
        circuit = self._rows.get(service)
        if circuit is None:
            return None
        if circuit.open_until <= now and self._take_probe(circuit, now):
            self._probes.add(delivery.pk)
            self._put_off(service, circuit.open_until)
            return None
        return circuit.open_until

    def is_probe(self, delivery: Delivery) -> bool:
        """Whether the delivery was sent to see whether its push service is well again."""
        return delivery.pk in self._probes

    def is_told_well_by(self, delivery: Delivery, *, is_accepted: bool) -> bool:
        """Whether a delivery that its push service gave an answer to tells that its rest is over.

        Whoever asked us to wait is only asked by a probe; the answers to what was under way say nothing. If our own
        fault is mended, messages are accepted.
        """
        circuit = self._rows.get(delivery.service)
        if circuit is None:
            return False
        if circuit.kind == Kind.FAULT:
            return is_accepted
        return self.is_probe(delivery) or circuit.kind == Kind.DOWN

    def must_wait(self, delivery: Delivery) -> bool:
        """Whether the delivery must wait, though it was let through: its service has begun to rest since."""
        return delivery.service in self._resting and delivery.pk not in self._probes

    def wake(self, now: datetime) -> None:
        """Forget the rests that are over."""
        self._resting = self.resting(now)

    def open(
        self, delivery: Delivery, kind: Circuit.Kind, reason: str, now: datetime, until: datetime | None = None
    ) -> datetime:
        """Let a delivery's push service rest, `until` it said or else as long as is due; the end of the rest."""
        known, is_probe = self._rows.get(delivery.service), self.is_probe(delivery)
        self._probes.discard(delivery.pk)
        is_news = known is None or is_probe or known.open_until <= now
        rests = 1 if known is None else min(known.rests + is_news, 1000)
        until = until or now + _rest(kind, rests)
        if known is not None and not is_probe:
            until = max(until, known.open_until)
        if is_news or known is None or until > known.open_until:
            self._write(delivery, kind, reason, now, until, rests)
        return until

    def close(self, service: str, now: datetime) -> None:
        """The service takes our messages again: what waited for it is due at once."""
        circuit = self._rows.pop(service)
        self._resting.pop(service, None)
        Circuit.objects.filter(pk=circuit.pk).delete()
        _waiting_for(service).filter(reason__startswith=SERVICE_REASON).put_off(now)
        logger.info("circuit closed service=%s", service)

    def _write(
        self, delivery: Delivery, kind: Circuit.Kind, reason: str, now: datetime, until: datetime, rests: int
    ) -> None:
        service, key_id = delivery.service, delivery.device.key_id if delivery.device else ""
        values = {"kind": kind, "reason": reason[:200], "key_id": key_id, "open_until": until, "rests": rests}
        circuit, is_new = Circuit.objects.update_or_create(
            origin=origin_of(service), defaults=values, create_defaults={**values, "opened_at": now}
        )
        self._rows[service] = circuit
        outlived = _waiting_for(service).filter(notice__expires_at__lte=until)
        outlived.end(Delivery.State.EXPIRED, f"{TOO_LATE} when its push service is asked again", now)
        self._put_off(service, until)
        if is_new:
            level = logging.ERROR if kind is Kind.FAULT else logging.WARNING
            logger.log(level, "circuit opened service=%s kind=%s key=%s reason=%s", service, kind, key_id, reason)

    def _put_off(self, service: str, until: datetime) -> None:
        """Let all wait that waits for this push service."""
        if service in self._resting and until <= self._resting[service]:
            return
        self._resting[service] = until
        _waiting_for(service).filter(next_at__lt=until).put_off(until, reason=SERVICE_REASON)

    def _take_probe(self, circuit: Circuit, now: datetime) -> bool:
        """Whether no other worker has taken it. Either way, the others wait for what it finds."""
        read, circuit.open_until = circuit.open_until, now + PROBE_WAIT
        return bool(Circuit.objects.filter(pk=circuit.pk, open_until=read).update(open_until=circuit.open_until))


def _waiting_for(service: str) -> DeliveryQuerySet:
    return Delivery.objects.waiting().filter(service=service)


def _rest(kind: Circuit.Kind, rests: int) -> timedelta:
    if kind is Kind.FAULT:
        return CIRCUIT_REST
    return timedelta(seconds=backoff_seconds(rests, random.random()))  # noqa: S311 -- no secret
