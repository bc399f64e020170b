"""What the log of deliveries adds up to: by push service, and in words if something is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max

from aggregator.models.sql import DayInUtc
from notifications.models import Circuit, Delivery, DeliverySum, PushSubscription
from notifications.push_services import name_of
from notifications.vapid.keys import keyring

SUMMED_SPAN = timedelta(hours=24)
"""The log adds up the deliveries of this time."""
MAX_OVERDUE_TIME = timedelta(minutes=10)
"""The worker looks every minute, so whatever waits longer is in trouble."""


SHOWN_DAYS = 14
"""Of older ones, the months are shown."""


@dataclass(frozen=True, slots=True)
class Span:
    """What came to an end on a day, or in a month, through one push service."""

    name: str
    service: str
    outcome: str
    """In words: "1,204 accepted, 2 failed"."""


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


def has_sums() -> bool:
    """Whether `spans` may have something to tell."""
    return Delivery.objects.exists() or DeliverySum.objects.exists()


def spans(now: datetime) -> list[Span]:
    """Days, then months, the latest first; in each the push services, the busiest first.

    Days of UTC. What is still in the log is counted together with the sums of what has gone from it.
    """
    finished = Delivery.objects.filter(finished_at__isnull=False).annotate(day=DayInUtc("finished_at"))
    rows = [
        *finished.order_by().values_list("day", "service", "state").annotate(Count("pk")),
        *DeliverySum.objects.values_list("day", "service", "state", "count"),
    ]
    first_day = now.date() - timedelta(days=SHOWN_DAYS - 1)
    counts: defaultdict[tuple[date, bool, str], Counter[str]] = defaultdict(Counter)
    for day, service, state, count in rows:
        is_day = _as_date(day) >= first_day
        start = _as_date(day) if is_day else _as_date(day).replace(day=1)
        counts[start, is_day, name_of(service)][state] += count
    latest_first = sorted(counts.items(), key=lambda item: (item[0][1], item[0][0], item[1].total()), reverse=True)
    return [
        Span(f"{start:%d %b %Y}" if is_day else f"{start:%B %Y}", service, _in_words(of_span))
        for (start, is_day, service), of_span in latest_first
    ]


def _as_date(day: date | str) -> date:
    """SQLite gives days as text."""
    return day if isinstance(day, date) else date.fromisoformat(day)


def _in_words(counts: Counter[str]) -> str:
    words = {str(state): str(label) for state, label in Delivery.State.choices}
    if counts[Delivery.State.GONE] > 1:
        words[Delivery.State.GONE] = "devices gone"
    return ", ".join(f"{counts[state]:,} {word}" for state, word in words.items() if counts[state])


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
