"""What the last reading of a feed is to tell the next one, as a row. `recall` says what it is good for."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models


class FeedMemoryQuerySet(models.QuerySet["FeedMemory"]):
    def keep(self, texts: Mapping[int, str]) -> None:
        """Remember these texts of feeds, by their ids, and nothing else of them."""
        rows = [self.model(feed_id=feed_id, text=text) for feed_id, text in texts.items()]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["feed"], update_fields=["text"])


class FeedMemory(models.Model):
    """Not a column of the feed: pages read feeds, and would read this with them."""

    feed = models.OneToOneField("aggregator.Feed", models.CASCADE, primary_key=True, related_name="memory")
    text = models.TextField()

    objects = FeedMemoryQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"what was read of feed {self.feed_id}"
