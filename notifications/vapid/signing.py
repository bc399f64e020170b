"""Who sends: signed VAPID tokens (RFC 8292), made by py_vapid and used again while they are good."""

from __future__ import annotations

import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from .keys import CURVE, VapidKey

_TOKEN_SECONDS = 12 * 3600
"""Push services refuse tokens for more than 24 hours (RFC 8292 section 2); half of it leaves room for wrong clocks."""
_MIN_REMAINING_SECONDS = 5 * 60
"""A token must still be good when its message has had its turn and arrives."""
_MAX_TOKENS_KEPT = 1000
"""So that many origins don't fill the memory."""


class Tokens:
    """One token per origin and key for 12 hours: Apple wants none renewed within the hour."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[int, str]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def authorization(self, origin: str, key: VapidKey, contact: str) -> str:
        """The Authorization header for a push service, good for five minutes at least.

        `origin` as `push_services.check_endpoint` gives it; `contact` is a mailto: or https: address.
        """
        now = self._clock()
        expires, header = self._kept.get((origin, key.id, contact), (0, ""))
        # Both ends are checked: if the clock was set back, an older token lives longer than a push service allows.
        if not _MIN_REMAINING_SECONDS <= expires - now <= _TOKEN_SECONDS:
            expires = int(now) + _TOKEN_SECONDS
            header = _sign(key, {"aud": origin, "exp": expires, "sub": contact})
            if len(self._kept) >= _MAX_TOKENS_KEPT:
                self._kept.clear()
            self._kept[origin, key.id, contact] = (expires, header)
        return header


TOKENS = Tokens()
"""This process's."""


def _sign(key: VapidKey, claims: dict[str, object]) -> str:
    private = ec.derive_private_key(int.from_bytes(key.private, "big"), CURVE)
    # py_vapid's own check refuses https addresses with a path; ours is `contact.contact_problem`.
    signer = Vapid02(private, conf={"no-strict": True})
    return str(signer.sign(claims)["Authorization"])
