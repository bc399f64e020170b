"""The one row that says which version of the site is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""When a site changed where nothing has changed yet: not now, or each look at its feeds would bring other documents."""


class SiteStateQuerySet(models.QuerySet["SiteState"]):
    def touch(self, now: datetime) -> None:
        """Say that something visible changed: every stored page is out of date. Call it in the change's transaction."""
        self._set({"version": F("version") + 1, "changed_at": now}, {"version": 1, "changed_at": now})

    def tick(self, now: datetime) -> None:
        """Note that the poller lives."""
        self._set({"ticked_at": now}, {"ticked_at": now})

    def current(self) -> SiteState:
        """The one row, for reading; as long as there is none, what it will begin with.

        Nothing is written: pages ask for it, and they never wait for the lock that writers need.
        """
        return self.filter(pk=1).first() or SiteState(pk=1, changed_at=BEFORE_ALL)

    def lock(self) -> None:
        """Be alone until the transaction ends in adding feeds, naming them and folding entries.

        Without it, one feed could be added twice in the same instant, and two copies of a post could each miss the
        other. `sql` says when to call it.
        """
        locked = self.select_for_update().filter(pk=1)
        if locked.first() is None:
            self.get_or_create(pk=1)
            locked.get()

    def _set(self, changes: dict[str, Any], first: dict[str, Any]) -> None:
        if not self.filter(pk=1).update(**changes):
            self.get_or_create(pk=1, defaults=first)


class SiteState(models.Model):
    """The one row that says which version of the site is shown, and when the poller last lived."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    ticked_at = models.DateTimeField(null=True)

    objects = SiteStateQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="site_state_is_one_row"),)

    def __str__(self) -> str:
        return f"version {self.version}"
