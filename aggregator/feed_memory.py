"""What the last reading of a feed is to tell the next one, as a row. `recall` says what it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from .models import Feed


class FeedMemoryQuerySet(models.QuerySet["FeedMemory"]):
    def text_of(self, feed: Feed) -> str:
        """What was remembered of the feed; empty if nothing."""
        return self.filter(feed=feed).values_list("text", flat=True).first() or ""

    def keep(self, feed: Feed, text: str) -> None:
        """Remember this of the feed, and nothing else."""
        memory = self.model(feed=feed, text=text)
        self.bulk_create([memory], update_conflicts=True, unique_fields=["feed"], update_fields=["text"])


class FeedMemory(models.Model):
    """Not a column of the feed: pages read feeds, and would read this with them."""

    feed = models.OneToOneField("aggregator.Feed", models.CASCADE, primary_key=True, related_name="memory")
    text = models.TextField()

    objects = FeedMemoryQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"what was read of feed {self.feed_id}"
