"""Feeds whose posts folding has changed, and that nobody has counted since."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


class UncountedFeedQuerySet(models.QuerySet["UncountedFeed"]):
    def add(self, feed_ids: Iterable[int]) -> None:
        """Note, in the change's own transaction, that these feeds must be counted after it."""
        self.bulk_create(self.model(feed_id=feed_id) for feed_id in sorted(feed_ids))

    def forget(self, feed_ids: Iterable[int]) -> None:
        """Call it under the feeds' locks, before they are counted: so what is counted later is forgotten later."""
        self.filter(feed_id__in=feed_ids).delete()

    def feed_ids(self) -> set[int]:
        return set(self.values_list("feed_id", flat=True))


class UncountedFeed(models.Model):
    """One change of one feed. Its worker may be killed between the change's commit and the count: the row stays then.

    The feed is named by its number alone: PostgreSQL would lock the row that a foreign key names, which others may have
    locked, and wait for it against the order of locks.
    """

    feed_id = models.PositiveBigIntegerField(db_index=True)

    objects = UncountedFeedQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"feed {self.feed_id}"
