"""What is kept of the last reading of a feed's document: what the next reading is told (`recall` says what for), and
what its author may want to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models


class FeedMemoryQuerySet(models.QuerySet["FeedMemory"]):
    def keep(self, readings: Mapping[int, tuple[str, Mapping[str, Any]]]) -> None:
        """Remember of feeds, by their ids, these texts and what the reading met, and nothing else of them."""
        rows = [self.model(feed_id=feed_id, text=text, met=dict(met)) for feed_id, (text, met) in readings.items()]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["feed"], update_fields=["text", "met"])

    def met_in(self, feed_id: int) -> dict[str, Any]:
        """What the last reading of this feed's document met, without the rest; empty if nobody noted it."""
        return self.filter(feed=feed_id).values_list("met", flat=True).first() or {}


class FeedMemory(models.Model):
    """Not a column of the feed: pages read feeds, and would read this with them."""

    feed = models.OneToOneField("aggregator.Feed", models.CASCADE, primary_key=True, related_name="memory")
    text = models.TextField()
    met = models.JSONField(null=True)
    """As `storing.met` makes it. Null if the feed was read last before such was kept."""

    objects = FeedMemoryQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"what was read of feed {self.feed_id}"
