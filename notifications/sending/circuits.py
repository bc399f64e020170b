"""Push services that are left alone for a while: because they ask for it, don't answer, or refuse us by our own fault.

In the last case its circuit is open: a row that the operator sees. A service rests; deliveries to it wait. When the
rest is over, one message tries whether the fault is mended:

    closed (no row) ──our fault──> open ──15 minutes──> half open: one probe ──accepted──> closed
                                    ^                              │
                                    └────────our fault again───────┘
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications.models import Circuit, Delivery
from notifications.push_services import origin_of

logger = logging.getLogger(__name__)

CIRCUIT_REST = timedelta(minutes=15)
"""How long nothing is sent to a push service whose circuit is open: a mistake of ours is not mended sooner."""
PROBE_WAIT = timedelta(minutes=2)
"""How long the others wait for what the probe finds; a probe that was lost costs this much."""
CIRCUIT_REASON = "waits until its push service is tried again"
"""The reason of deliveries that wait for a circuit."""
SERVICE_REASON = "waits for its push service"
"""How the reason begins of deliveries whose push service asked all of us to wait, or doesn't answer.

It is also how the next run knows: the wait counts for notices that are planned in the meantime, too.
"""


class Circuits:
    """What one run of the sender knows of push services that rest."""

    def __init__(self) -> None:
        self._rows: dict[str, Circuit] = {}
        self._resting: dict[str, datetime] = {}
        self._probes: set[int] = set()
        self._asked: set[str] = set()

    def load(self, services: Iterable[str], now: datetime) -> None:
        """Read which of these services have a circuit; and, once in a run, which of them rest for another reason."""
        by_origin = {origin_of(service): service for service in services}
        for service in by_origin.values():
            self._rows.pop(service, None)
            if service not in self._asked:
                self._asked.add(service)
                self._recall(service, now)
        for circuit in Circuit.objects.filter(origin__in=by_origin):
            self._rows[by_origin[circuit.origin]] = circuit

    def _recall(self, service: str, now: datetime) -> None:
        waiting = Delivery.objects.unfinished().filter(state=Delivery.State.RETRY, service=service, next_at__gt=now)
        last = waiting.filter(reason__startswith=SERVICE_REASON).order_by("-next_at").first()
        if last is not None:
            self._resting[service] = last.next_at

    def reason(self, service: str) -> str:
        """What deliveries to the service wait for."""
        return CIRCUIT_REASON if service in self._rows else SERVICE_REASON

    def has(self, service: str) -> bool:
        return service in self._rows

    def resting(self, now: datetime) -> dict[str, datetime]:
        """The services that rest, and until when."""
        return {service: until for service, until in self._resting.items() if until > now}

    def rests_until(self, delivery: Delivery, now: datetime) -> datetime | None:
        """When this delivery may go, as far as its push service is concerned; None for now.

        Of those that wait for a circuit whose time is over, one may go: the probe.
        """
        service = delivery.service
        if circuit := self._rows.get(service):
            if circuit.open_until <= now and self._take_probe(circuit, now):
                self._probes.add(delivery.pk)
                self.rest(service, circuit.open_until, CIRCUIT_REASON)
                return None
            return circuit.open_until
        return self.resting(now).get(service)

    def must_wait(self, delivery: Delivery) -> bool:
        """Whether the delivery must wait, though it was let through: its service has begun to rest since."""
        return delivery.service in self._resting and delivery.pk not in self._probes

    def rest(self, service: str, until: datetime, reason: str = SERVICE_REASON) -> None:
        """Put off all that waits for this push service."""
        if service in self._resting and until <= self._resting[service]:
            return
        self._resting[service] = until
        waiting = Delivery.objects.unfinished().exclude(state=Delivery.State.LEASED).filter(service=service)
        waiting.filter(next_at__lt=until).put_off(until, reason=reason)

    def wake(self, now: datetime) -> None:
        """Forget the rests that are over."""
        self._resting = self.resting(now)

    def open(self, service: str, reason: str, key_id: str, now: datetime) -> datetime:
        """Let a service rest that refuses us by our own fault; the end of the rest."""
        until = now + CIRCUIT_REST
        values = {"reason": reason[:200], "key_id": key_id, "open_until": until}
        circuit, is_new = Circuit.objects.update_or_create(
            origin=origin_of(service), defaults=values, create_defaults={**values, "opened_at": now}
        )
        self._rows[service] = circuit
        self.rest(service, until, CIRCUIT_REASON)
        if is_new:
            logger.error("circuit opened service=%s key=%s reason=%s", service, key_id, reason)
        return until

    def close(self, service: str, now: datetime) -> None:
        """The service takes our messages again: what waited for it is due at once."""
        circuit = self._rows.pop(service)
        self._resting.pop(service, None)
        Circuit.objects.filter(pk=circuit.pk).delete()
        waiting = Delivery.objects.unfinished().exclude(state=Delivery.State.LEASED).filter(service=service)
        waiting.filter(reason=CIRCUIT_REASON).put_off(now)
        logger.info("circuit closed service=%s", service)

    def _take_probe(self, circuit: Circuit, now: datetime) -> bool:
        """Whether no other worker has taken it. Either way, the others wait for what it finds."""
        read, circuit.open_until = circuit.open_until, now + PROBE_WAIT
        return bool(Circuit.objects.filter(pk=circuit.pk, open_until=read).update(open_until=circuit.open_until))
