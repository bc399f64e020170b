"""Push services that are left alone for a while: one row each, for as long as sending to it rests."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Circuit(models.Model):
    """An origin that sending rests to, and why; no device is dropped for that."""

    class Kind(models.TextChoices):
        FAULT = "fault", "refuses us by our own fault"
        ASKED = "asked", "asked us to wait"
        DOWN = "down", "doesn't work"

    origin = models.CharField(max_length=255)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.FAULT)
    key_id = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=timezone.now)
    open_until = models.DateTimeField()
    rests = models.PositiveSmallIntegerField(default=1)
    """In a row: how many times it was left alone since it last took a message."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["origin"], name="circuit_once_per_origin"),)

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"
