"""How many of a thing strangers may make: so many in any hour, and then none until the first of them is an hour old.

For what is kept, such as a proposal; what is only tried has waits that double (`limits`). Each one that is made takes a
place, which is a row: its key holds who it was as a hash only, under another salt every day, and goes after two hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.utils.crypto import salted_hmac

from aggregator.models import Attempts

from .limits import FORGOTTEN_AFTER

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in any hour."""

    name: str
    most: int

    def seconds_left(self, who: str, now: datetime) -> int:
        """How long `who` has to wait before one more may be made; 0 if it may be. Only looks."""
        taken = self._taken(who, now)
        if len(taken) < self.most:
            return 0
        left = min(min(taken.values()) + HOUR - now, HOUR)  # a clock that was ahead makes nobody wait longer than that
        return max(ceil(left.total_seconds()), 1)

    def take(self, who: str, now: datetime) -> int:
        """Take a place and return 0; or, where none is free, the seconds to wait, and nothing is taken.

        Within the transaction that makes the thing: if that is undone, so is this. Of many who come in one instant, no
        more get a place than of many who come one by one.
        """
        keys = self._keys(who, now)
        Attempts.objects.of(keys[0], now)  # locked: whoever wants a place of these waits here
        if seconds := self.seconds_left(who, now):
            return seconds
        taken = self._taken(who, now)
        free = next(key for key in keys if key not in taken)
        Attempts.objects.update_or_create(key=free, defaults={"count": 1, "last_at": now})
        Attempts.objects.forget_before(now - FORGOTTEN_AFTER)
        return 0

    def _taken(self, who: str, now: datetime) -> dict[str, datetime]:
        """When each place was taken that is less than an hour old. An hour ago, it may have been yesterday."""
        keys = {*self._keys(who, now), *self._keys(who, now - HOUR)}
        rows: Iterable[tuple[str, datetime]] = Attempts.objects.filter(
            key__in=keys, count__gt=0, last_at__gt=now - HOUR
        ).values_list("key", "last_at")
        return dict(rows)

    def _keys(self, who: str, now: datetime) -> list[str]:
        salt = f"aggregator.limiting {self.name} {now:%Y-%m-%d}"
        return [salted_hmac(salt, f"{place} {who}", algorithm="sha256").hexdigest() for place in range(self.most)]


def in_minutes(seconds: int) -> str:
    """For who has to wait so long; never less than it is."""
    minutes = max(ceil(seconds / 60), 1)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
