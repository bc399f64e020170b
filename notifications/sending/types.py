"""The values that the sending side's parts hand to each other; frozen, free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Message:
    """One push message, before encryption. Binary values are base64url without padding, as browsers give them."""

    endpoint: str
    p256dh: str
    auth: str
    key_id: str
    """Of the VAPID key that the subscription was made with; it must sign (RFC 8292 section 4.2)."""
    payload: bytes
    ttl_seconds: int
    urgency: str
    topic: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a push service, or why nothing did."""

    status: int | None
    """None: no answer at all; `problem` says why."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names."""
    body: str = ""
    """At most the first 1,000 characters."""
    problem: Problem | str = ""
    """Ours, in plain words: a timeout, a broken connection, keys that can't be used."""
    is_our_fault: bool = False
    """The message could not even be made or signed: sending it again changes nothing."""
    latency_ms: int = 0

    @property
    def is_of_service(self) -> bool:
        """Whether it, or that there is none, speaks of a push service that is down, and not of the message."""
        return not self.is_our_fault and (self.status is None or self.status >= 500)

    @property
    def facts(self) -> dict[str, int | None]:
        """What the log of deliveries keeps of it, by its columns."""
        ttl = self.headers.get("ttl", "")
        return {
            "status": self.status,
            "latency_ms": self.latency_ms,
            "returned_ttl_seconds": int(ttl) if ttl.isascii() and ttl.isdigit() and len(ttl) < 10 else None,
        }


class Problem(StrEnum):
    """Why a push service gave no answer, or was not even asked: what `Answer.problem` says."""

    ENDPOINT_REFUSED = "its address is not one of a push service"
    KEYS_UNUSABLE = "its keys can't be used"
    KEY_IS_GONE = "the VAPID key that it subscribed with is gone"
    TOO_LARGE = "the message is too large"
    NOT_A_MESSAGE = "topic or urgency can't be sent"
    NAME_NOT_FOUND = "the name of the push service can't be looked up"
    NOT_PUBLIC = "the name of the push service leads outside the public internet"
    UNTRUSTED = "the certificate of the push service can't be trusted"
    NO_CONNECTION = "no connection to the push service"
    NO_ANSWER = "no answer in time"
    NOT_HTTP = "the answer is not HTTP"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    GONE = "gone"
    """The subscription is no more: drop the device if that is said again an hour later, and its row has not changed."""
    RESUBSCRIBE = "resubscribe"
    """It belongs to another VAPID key: stop sending, keep the device, the next page load repairs it."""
    RETRY = "retry"
    TOO_LARGE = "too_large"
    """Try once more with the short generic text."""
    OUR_FAULT = "our_fault"
    """Signature, clock or contact: nothing is wrong with the device. The origin's circuit opens."""
    FAILED = "failed"
    """This message can't be sent to this device; the device counts an error and stays."""


class Scope(StrEnum):
    DEVICE = "device"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an answer means for us."""

    verdict: Verdict
    reason: str
    """For the log: ours or a push service's known code, never an endpoint; at most 200 characters."""
    retry_at: datetime | None = None
    scope: Scope = Scope.DEVICE
    """Whom the wait concerns: this device, or all that share its push service.

    With FAILED: whose doing it is. ORIGIN means that this says nothing about the device, and counts no error on it.
    """
    is_asked: bool = False
    """The wait is not our own choice: the push service asked for it."""
