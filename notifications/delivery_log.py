"""What the log of deliveries adds up to: by push service, and in words if something is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from notifications.models import Circuit, Delivery, PushSubscription
from notifications.vapid.keys import keyring

SUMMED_SPAN = timedelta(hours=24)
"""The log adds up the deliveries of this time."""
MAX_OVERDUE_TIME = timedelta(minutes=10)
"""The worker looks every minute, so whatever waits longer is in trouble."""


@dataclass(frozen=True, slots=True)
class Total:
    """One push service's deliveries of the last 24 hours."""

    service: str
    counts: tuple[int, ...]
    """By state, in the order of `states`."""
    slowest_ms: int | None


def states() -> list[str]:
    """The states in words."""
    return [str(label) for label in Delivery.State.labels]


def totals(now: datetime) -> list[Total]:
    """Push services, the busiest first."""
    recent = Delivery.objects.filter(created_at__gt=now - SUMMED_SPAN)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    slowest: dict[str, int | None] = {}
    for row in recent.values("service", "state").annotate(count=Count("pk"), slowest=Max("latency_ms")):
        service = row["service"]
        counts[service][row["state"]] = row["count"]
        slowest[service] = max(row["slowest"] or 0, slowest.get(service) or 0) or None
    found = [
        Total(service, tuple(of_service[state] for state in Delivery.State.values), slowest[service])
        for service, of_service in counts.items()
    ]
    return sorted(found, key=lambda total: (-sum(total.counts), total.service))


def troubles(now: datetime) -> list[str]:
    """A sentence for each thing that the operator must know of."""
    return [*_refusals(Circuit.objects.order_by("origin"), now), *_keys_gone(), *_overdue(now)]


def _refusals(circuits: Iterable[Circuit], now: datetime) -> list[str]:
    return [
        f"Nothing is sent to {circuit.origin.removeprefix('https://')} since {_minute(circuit.opened_at)}: "
        f"{_why(circuit)}. "
        f"One message tries it again {_when(circuit.open_until, now)}; no device is dropped."
        for circuit in circuits
    ]


def _why(circuit: Circuit) -> str:
    reason = circuit.reason.rstrip(".")
    if circuit.kind == Circuit.Kind.FAULT:
        return reason
    return f"it {circuit.get_kind_display()} ({reason})"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _when(moment: datetime, now: datetime) -> str:
    if moment <= now:
        return "with the next notice"
    return f"at {moment:%H:%M} UTC" if moment - now < SUMMED_SPAN else f"on {_minute(moment)}"


def _keys_gone() -> list[str]:
    devices = PushSubscription.objects.count_by_key()
    count = sum(devices[key_id] for key_id in devices.keys() - {key.id for key in keyring().all})
    if not count:
        return []
    whose = "1 device" if count == 1 else f"{count} devices"
    way_out = "If it was not dropped on purpose, restore it from a backup, before the next notice."
    return [f"The VAPID key of {whose} is gone: nothing reaches them until their owners come by. {way_out}"]


def _overdue(now: datetime) -> list[str]:
    if not Delivery.objects.due(now - MAX_OVERDUE_TIME).exists():
        return []
    return ["Messages have been waiting for more than ten minutes. Is the worker running?"]
