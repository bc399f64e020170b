"""Where a push service keeps the messages of one subscription until its browser is there (RFC 8030, 5.2 and 5.4)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Parcel:
    """An encrypted message on its way to a browser."""

    body: bytes
    ttl_seconds: int
    topic: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))


Courier = Callable[[Parcel], bool]
"""Brings a parcel to the browser, or says that it isn't there."""


@dataclass(eq=False, slots=True)
class Mailbox:
    """Messages wait here in order; one with a topic replaces the waiting one of the same topic."""

    token: str
    vapid_key: bytes
    """The sender's 65-byte public point."""
    origin: str
    """The endpoint's: what a sender's token must name as its audience."""
    courier: Courier
    is_gone: bool = False
    waiting: list[Parcel] = field(default_factory=list)

    @classmethod
    def new(cls, vapid_key: bytes, origin: str, courier: Courier) -> Mailbox:
        return cls(secrets.token_urlsafe(24), vapid_key, origin, courier)

    def put(self, parcel: Parcel) -> None:
        """Bring it, or keep it for later if it may wait at all."""
        if self.courier(parcel) or not parcel.ttl_seconds:
            return
        if parcel.topic:
            self.waiting = [other for other in self.waiting if other.topic != parcel.topic]
        self.waiting.append(parcel)

    def flush(self) -> None:
        """Bring what waits: the browser is there."""
        waiting, self.waiting = self.waiting, []
        for parcel in waiting:
            self.put(parcel)
