"""How often strangers may try something: some times freely, then with waits that double. Nobody is ever locked out.

What is counted stands in rows, so all processes count together. An attempt is counted before it is looked at: of a
hundred that come in one instant, no more pass than of a hundred that come one by one. Who is refused needs no lock, so
a flood of refusals waits for nobody who writes, and keeps nobody waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.utils.crypto import salted_hmac

from aggregator.models import Attempts

FORGOTTEN_AFTER = timedelta(hours=2)
"""Rows of who hasn't come back; so there are as many at most as passwords can be looked at in that time. It must be
longer than any limit's own memory."""


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
        """What the row is found by: names and addresses themselves are nobody's business.

        With the site's secret in it: without, whoever has the rows could try all addresses that there are.
        """
        return salted_hmac(f"aggregator.limiting {self.name}", who, algorithm="sha256").hexdigest()

    def seconds_left(self, count: int, last_at: datetime, now: datetime) -> int:
        """How long to wait still, after that many attempts, the last of them then; 0 if the next may come."""
        if now - last_at > self.forgives_after:
            return 0
        wait = self.wait_after(count)
        left = min(last_at + wait - now, wait)  # a clock that was ahead makes nobody wait longer than that
        return max(ceil(left.total_seconds()), 0)


def admit(limit: Limit, who: str, now: datetime) -> int:
    """Count an attempt and return 0; or, where it comes too early, the seconds to wait, and nothing is counted."""
    key = limit.key(who)
    seen = Attempts.objects.filter(key=key).first()
    if seen and (seconds := limit.seconds_left(seen.count, seen.last_at, now)):
        return seconds
    with transaction.atomic():
        row = Attempts.objects.of(key, now)
        if seconds := limit.seconds_left(row.count, row.last_at, now):  # of many that saw the same, one is first
            return seconds
        if now - row.last_at > limit.forgives_after:
            row.count = 0
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
