"""When the poller last lived. A row of its own, so that it never waits for what is being stored."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class TickQuerySet(models.QuerySet["Tick"]):
    def note(self, now: datetime) -> None:
        """Note that the poller lives."""
        if not self.filter(pk=1).update(ticked_at=now):
            self.get_or_create(pk=1, defaults={"ticked_at": now})

    def moment(self) -> datetime | None:
        """When the poller last lived; None if it never ran."""
        return self.filter(pk=1).values_list("ticked_at", flat=True).first()


class Tick(models.Model):
    """The one row that says when the poller last lived."""

    ticked_at = models.DateTimeField()

    objects = TickQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="tick_is_one_row"),)

    def __str__(self) -> str:
        return f"{self.ticked_at}"
