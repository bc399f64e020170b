"""Push services that refuse us by our own fault: one row each, for as long as sending to it rests."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Circuit(models.Model):
    """An origin that refuses us in a way that is our own fault: sending to it rests, and no device is dropped."""

    origin = models.CharField(max_length=255)
    key_id = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=timezone.now)
    open_until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["origin"], name="circuit_once_per_origin"),)

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"
