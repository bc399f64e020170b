"""Which feeds a worker takes to poll, so that no two ask one feed, or one host, at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self, TypeVar, cast

from django.db import models, transaction
from django.db.models import Q

from .derived import DerivingQuerySet
from .sql import claim_alone

_Feed = TypeVar("_Feed", bound=models.Model)
"""`feed` uses this module, not the other way round."""
_CLAIM_READ_FEEDS = 256
"""How many waiting feeds a claim reads at a time while it looks for enough hosts."""


class ClaimingQuerySet(DerivingQuerySet[_Feed]):
    def with_address(self) -> Self:
        """Without the source of guests, which nobody reads."""
        return self.exclude(url="")

    def polled(self) -> Self:
        """Feeds that the worker asks by itself; those that are gone only about once a month."""
        return self.with_address().filter(state__in=("pending", "active", "gone"))

    def due(self, now: datetime) -> Self:
        return self.polled().filter(next_poll_at__lte=now)

    def unclaimed(self, now: datetime) -> Self:
        """Feeds that no worker has claimed, or whose claim has run out."""
        return self.filter(Q(lease__isnull=True) | Q(next_poll_at__lte=now))

    def claimed(self, now: datetime) -> Self:
        """Feeds that a worker has claimed and still may poll."""
        return self.filter(lease__isnull=False, next_poll_at__gt=now)

    def rested(self, now: datetime) -> Self:
        """Feeds but for those that wait, or whose host does, because a server asked to be left alone for longer."""
        resting = self.model._default_manager.filter(rests_until__gt=now)
        return self.exclude(rests_until__gt=now).exclude(host__in=resting.values("resting_host"))

    def on_quiet_hosts(self, now: datetime, spacing_seconds: float) -> Self:
        """Feeds whose host nobody is asking now, nor asked within `spacing_seconds`.

        Before `now` or after it: the clocks of two workers can differ by a little. Rows from further ahead were written
        by a wrong clock, and stop nobody.
        """
        feeds = cast("Self", self.model._default_manager.all())
        claimed, spacing = feeds.claimed(now), timedelta(seconds=spacing_seconds)
        just_asked = feeds.filter(last_polled_at__gt=now - spacing, last_polled_at__lt=now + spacing)
        # Not one question a feed about its neighbors: of a host with thousands, each would ask about all the others.
        return self.exclude(host__in=claimed.values("host")).exclude(host__in=just_asked.values("host"))

    def claim(self, now: datetime, *, lease_seconds: float, spacing_seconds: float, limit: int) -> list[_Feed]:
        """Take up to `limit` of these feeds, one a host, so that no other worker polls them for `lease_seconds`.

        No other worker asks their hosts either, whatever machine it is on. A row that is being stored in this instant
        is left alone.
        """
        free = self.unclaimed(now).on_quiet_hosts(now, spacing_seconds)
        if not free.exists():
            return []
        lease = uuid.uuid4()
        with transaction.atomic():
            claim_alone()
            chosen = free._first_of_hosts(limit)
            taken = free.filter(pk__in=chosen).order_by().select_for_update(skip_locked=True)
            until = now + timedelta(seconds=lease_seconds)
            feeds = self.model._default_manager
            feeds.filter(pk__in=taken.values("pk")).update(lease=lease, next_poll_at=until)
        return list(feeds.filter(lease=lease).order_by("pk"))

    def renew_claims(self, feeds: Iterable[_Feed], until: datetime) -> None:
        """Keep other workers from these feeds until then; without those that have another lease by now."""
        leases = {feed.pk: feed.lease for feed in feeds}  # type: ignore[attr-defined]
        self.filter(pk__in=leases, lease__in={*leases.values()}).update(next_poll_at=until)

    def make_due(self, now: datetime) -> int:
        """Let the next run take these feeds; how many it will take, or takes already.

        Without those that the worker doesn't poll by itself, and those that wait because a server asked for rest.
        """
        waiting = self.polled().rested(now)
        count = waiting.count()
        waiting.unclaimed(now).filter(next_poll_at__gt=now).update(next_poll_at=now)
        return count

    def put_off(self, hosts: Iterable[str], until: datetime) -> None:
        """Let no feed of these hosts be due before then, but for those that are being stored in this instant."""
        due = self.filter(host__in=hosts, next_poll_at__lt=until).order_by().select_for_update(skip_locked=True)
        self.model._default_manager.filter(pk__in=due.values("pk")).update(next_poll_at=until)

    def _first_of_hosts(self, limit: int) -> list[int]:
        """The ids of the feeds that have waited longest, one a host.

        Read until there are enough hosts: of one with thousands of feeds, all of them can come first.
        """
        waiting = self.order_by("next_poll_at", "pk").values_list("pk", "host")
        first_of_host: dict[str, int] = {}
        for pk, host in waiting.iterator(chunk_size=_CLAIM_READ_FEEDS):
            first_of_host.setdefault(host, pk)
            if len(first_of_host) == limit:
                break
        return list(first_of_host.values())
