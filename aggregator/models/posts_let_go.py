"""How many posts' texts went on which day, as they had their time: the curators' pages say so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models

from .sql import add_to_each

KEPT_DAYS = 400
"""For over a year: who wonders where last year's posts are finds the day."""


class PostsLetGoQuerySet(models.QuerySet["PostsLetGo"]):
    def add(self, day: date, posts: int) -> None:
        """Count so many more on that day, in the transaction in which they go."""
        add_to_each(self.model, "posts", {day: posts} if posts else {})

    def latest_day(self) -> PostsLetGo | None:
        """The last day on which any went."""
        return self.order_by("-day").first()

    def total(self) -> int:
        """Of all days that are known."""
        return int(self.aggregate(total=models.Sum("posts"))["total"] or 0)

    def forget_old(self, now: datetime) -> None:
        old = self.filter(day__lt=now.date() - timedelta(days=KEPT_DAYS))
        if old.exists():  # a deletion, even of nothing, waits for SQLite's lock
            old.delete()


class PostsLetGo(models.Model):
    """A day in UTC, and how many entries were emptied on it."""

    day = models.DateField(primary_key=True)
    posts = models.IntegerField()

    objects = PostsLetGoQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.posts} on {self.day}"
