"""How a device is, and what became of a notice to it, in words for its owner."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Delivery, PushSubscription, wanted_kinds
from notifications.push_services import Service, operator_of_host, service_of

State = Delivery.State


def push_service(endpoint: str) -> str:
    """Who carries messages to the device; for one that we have no name for, its host."""
    return _known_name(service_of(endpoint)) or service_of(endpoint)


def state_in_words(device: PushSubscription, now: datetime) -> tuple[str, str]:
    """The color of a badge and its word."""
    if device.state == PushSubscription.State.DISABLED:
        return "trouble", "given up: open this page on it"
    if not device.is_told(now):
        return "waiting", "needs repair: open this page on it"
    if device.is_muted(now):
        return "off", "silent"
    if device.gone_at:
        return "waiting", "its push service doesn't know it any more: open this page on it"
    if device.error_count:
        return "waiting", "on, with trouble"
    if not (device.wants_posts or wanted_kinds(device)):
        return "waiting", "on, but nothing is chosen"
    if device.wants_posts and not (device.wants_everything or device.categories.all() or device.feeds.all()):
        return "waiting", "on, but of posts nothing is chosen"
    return "good", "on"


def answer_in_words(delivery: Delivery) -> tuple[str, str]:
    """How well the last notice fared (as Django's message tags say it), and a sentence."""
    service = _known_name(delivery.service) or f"The push service {delivery.service}".rstrip()
    answer = delivery.reason or f"{delivery.status or 'no reason is known'}"
    match delivery.state:
        case State.ACCEPTED:
            return "success", f"{service} accepted the message. It does not say whether the device showed it."
        case State.GONE:
            return "error", f"{service} no longer knows this device ({answer}). Turn notifications on again on it."
        case State.FAILED:
            return "error", f"{service} refused the message ({answer})."
        case State.EXPIRED:
            return "error", f"The message could not be sent in time ({answer})."
        case State.SUPPRESSED:
            return "warning", f"The message was not sent ({answer})."
        case State.MERGED:
            return "info", "It is told together with newer ones."
        case State.RETRY:
            return "warning", f"{service} could not take the message now ({answer}). It is tried again."
    return "warning", "The message is not sent yet. Is the worker running? It goes out as soon as it does."


def _known_name(host: str) -> str:
    service = operator_of_host(host)
    return "" if service is Service.OTHER else str(service)
