"""How many posts readers find on each day: kept, so that a calendar counts no rows, however many a month has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import models
from django.db.models import Subquery

from .sql import add_to_each


class PostsOfDayQuerySet(models.QuerySet["PostsOfDay"]):
    def between(self, start: date, end: date) -> dict[date, int]:
        """How many posts each day from `start` until before `end` has; days without any are absent."""
        return dict(self.with_posts().filter(day__gte=start, day__lt=end).values_list("day", "posts"))

    def around(self, start: date, end: date) -> tuple[date | None, date | None]:
        """The last day with posts before `start`, and the first one from `end` on; in one query."""
        older = self.with_posts().filter(day__lt=start).order_by("-day").values("day")[:1]
        newer = self.with_posts().filter(day__gte=end).order_by("day").values("day")[:1]
        both = self.order_by().values_list(Subquery(older), Subquery(newer))[:1]
        return next(iter(both), (None, None))

    def add(self, more: Mapping[date, int]) -> None:
        """Count so many posts more, or fewer, on these days. Use `refresh_counts`: only `site_change` calls this."""
        add_to_each(self.model, "posts", {day: posts for day, posts in more.items() if posts})

    def with_posts(self) -> PostsOfDayQuerySet:
        """Days on which readers find something."""
        return self.filter(posts__gt=0)


class PostsOfDay(models.Model):
    """A day in UTC, and how many listed posts it has in all feeds that readers may know of."""

    day = models.DateField(primary_key=True)
    posts = models.IntegerField()
    """No positive field: PostgreSQL would look at a difference that is added as if it were the sum."""

    objects = PostsOfDayQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.posts} on {self.day}"


class DaysOfFeedQuerySet(models.QuerySet["DaysOfFeed"]):
    def keep(self, days_of: Mapping[int, dict[str, int]]) -> dict[int, dict[date, int]]:
        """Note how many posts feeds, by their ids, have on which days. By how much each feed's differ from before."""
        before = dict(self.filter(feed__in=days_of).values_list("feed", "days"))
        changed = {feed_id: days for feed_id, days in days_of.items() if days != before.get(feed_id, {})}
        rows = [self.model(feed_id=feed_id, days=days) for feed_id, days in changed.items()]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["feed"], update_fields=["days"])
        return {feed_id: _difference(before.get(feed_id, {}), days) for feed_id, days in changed.items()}


def _difference(before: dict[str, int], days: dict[str, int]) -> dict[date, int]:
    """By days: of hundreds, most often one has changed."""
    names = {name for name, _ in before.items() ^ days.items()}
    return {date.fromisoformat(name): days.get(name, 0) - before.get(name, 0) for name in names}


class DaysOfFeed(models.Model):
    """What a feed has added to `PostsOfDay`, as {"2026-06-24": 2}; nothing while readers may not know of the feed.

    So each change of a feed knows what it makes of the days, without counting those of all other feeds. Not a column of
    the feed: pages read feeds, and would read this with them.
    """

    feed = models.OneToOneField("aggregator.Feed", models.CASCADE, primary_key=True, related_name="+")
    days = models.JSONField(default=dict)

    objects = DaysOfFeedQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"days of feed {self.feed_id}"
