"""How often strangers may try something: some times freely, then with waits that double. Nobody is ever locked out.

What is counted stands in rows, so all processes count together. An attempt is counted before it is looked at: of a
hundred that come in one instant, no more pass than of a hundred that come one by one.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction

from aggregator.models import Attempts

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(days=1)
"""Rows of who hasn't come back. It must be longer than any limit's own memory."""
TOLD_EVERY = timedelta(minutes=1)
"""Between two lines of the log that tell of one limit's refusals."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are free; then each makes the next one wait, twice as long every time."""

    name: str
    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgives_after: timedelta
    """Who tried nothing for so long begins anew."""

    def wait_after(self, count: int) -> timedelta:
        """How long after that many attempts the next one may come."""
        doublings = min(count - self.free, 30)
        return timedelta() if doublings < 0 else min(self.longest_wait, self.first_wait * 2**doublings)

    def key(self, who: str) -> str:
        """What the row is found by: names and addresses themselves are nobody's business."""
        return hashlib.sha256(f"{self.name}\n{who}".encode()).hexdigest()


def admit(limit: Limit, who: str, now: datetime) -> int:
    """Count an attempt and return 0; or, where it comes too early, the seconds to wait, and nothing is counted."""
    with transaction.atomic():
        row = Attempts.objects.of(limit.key(who), now)
        if now - row.last_at > limit.forgives_after:
            row.count = 0
        wait = limit.wait_after(row.count)
        left = min(row.last_at + wait - now, wait)  # a clock that was ahead makes nobody wait longer than that
        if left > timedelta():
            return ceil(left.total_seconds())
        row.count, row.last_at = row.count + 1, now
        row.save(update_fields=["count", "last_at"])
        if row.count == 1:  # saved before: who comes back after so long must not lose its own row
            Attempts.objects.forget_before(now - FORGOTTEN_AFTER)
    return 0


def take_back(limit: Limit, who: str, now: datetime) -> None:
    """What was admitted last turned out to be right: it counts no more."""
    with transaction.atomic():
        row = Attempts.objects.of(limit.key(who), now)
        row.count = max(row.count - 1, 0)
        row.save(update_fields=["count"])


def forget(limit: Limit, who: str) -> None:
    """Begin anew."""
    Attempts.objects.filter(key=limit.key(who)).delete()


class Refusals:
    """Says in the log that something is refused: the first time, and then how often, once a minute at most."""

    def __init__(self, what: str, say: Callable[[str], None] = logger.warning) -> None:
        self._what, self._say = what, say
        self._lock = threading.Lock()
        self._told_at: datetime | None = None
        self._count = 0

    def note(self, example: str, now: datetime) -> None:
        """One more; `example` says of whom, in our own words."""
        with self._lock:
            self._count += 1
            if self._told_at and now - self._told_at < TOLD_EVERY:
                return
            count, self._count, self._told_at = self._count, 0, now
        self._say(f"refused {count} {self._what} since the last line like this, the latest {example}")
