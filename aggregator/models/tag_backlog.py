"""Which entries have no rows of tags yet: those that were stored before there were any."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TagBacklog(models.Model):
    """The one row that says so. It is there for as long as there are such entries; a new site never has it."""

    below = models.PositiveBigIntegerField()
    """Entries with smaller ids are still to come; the worker goes from the newest to the oldest."""

    objects = models.Manager["TagBacklog"]()

    class Meta:
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="tag_backlog_is_one_row"),)

    def __str__(self) -> str:
        return f"entries below {self.below}"
