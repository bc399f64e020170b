"""How a device is, and what became of a notice to it, in words for its owner."""

from __future__ import annotations

from datetime import datetime

from .hosts import Service, service_of_host
from .models import Delivery, PushSubscription
from .origins import service_of

State = Delivery.State


def push_service(endpoint: str) -> str:
    """Who carries messages to the device; for one that we have no name for, its host."""
    host = service_of(endpoint)
    service = service_of_host(host)
    return host if service is Service.OTHER else str(service)


def state_in_words(device: PushSubscription, now: datetime) -> tuple[str, str]:
    """The color of a badge and its word."""
    if device.state == PushSubscription.State.STALE:
        return "waiting", "needs repair: open this page on it"
    if device.state == PushSubscription.State.DISABLED:
        return "trouble", "given up: open this page on it"
    if device.is_muted(now):
        return "off", "silent"
    if device.error_count:
        return "waiting", "on, with trouble"
    return "good", "on"


def answer_in_words(delivery: Delivery) -> tuple[str, str]:
    """How well the last notice fared (as Django's message tags say it), and a sentence."""
    service = delivery.service or "The push service"
    facts = f" ({delivery.status})" if delivery.status else ""
    reason = f": {delivery.reason}" if delivery.reason else ""
    match delivery.state:
        case State.ACCEPTED:
            return "success", f"{service} accepted the message{facts}. It does not say whether the device showed it."
        case State.GONE:
            return "error", f"{service} no longer knows this device{facts}. Turn notifications on again on it."
        case State.FAILED:
            return "error", f"{service} refused the message{facts}{reason}."
        case State.EXPIRED:
            return "error", f"The message could not be sent in time{reason}."
        case State.SUPPRESSED:
            return "warning", f"The message was not sent{reason}."
        case State.RETRY:
            return "warning", f"{service} could not take the message now{facts}{reason}. It is tried again."
    return "warning", "The message is not sent yet. Is the worker running? It goes out as soon as it does."
