"""How the looks at a feed went, day by day: as counts, so that a year of them is few rows, however often we look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import Q

KEPT_DAYS = 400
"""For over a year, so that a month can be compared with that of last year."""
_KEY = ("feed", "day")
_ADDED = ("brought", "unchanged", "sent_whole", "failed", "put_off", "posts", "delays", "delay_seconds")
_SET = ("worst_delay_seconds", "trouble", "has_moved")
"""Columns beside those to which a look is added."""
_MAX_SECONDS = 2**31 - 1
"""As much as a column has room for."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a feed came to. Of the first five, one is true."""

    feed_id: int
    at: datetime
    brought: bool = False
    """It brought posts that were not known."""
    unchanged: bool = False
    """No new post; its server said so in a word (304), or what it sent was new in other ways."""
    sent_whole: bool = False
    """No new post: its server sent what it had sent before, all of it."""
    failed: bool = False
    put_off: bool = False
    """Its server asked to be left alone for a while."""
    posts: int = 0
    """New ones that readers see."""
    delay_seconds: tuple[int, ...] = ()
    """Of those of them that were news: from when they were published until they were shown."""
    trouble: str = ""
    """The `kind` of the error, if there was one."""
    has_moved: bool = False
    """Whether the feed has another address from now on, as its server sends us there for good."""


class FeedDayQuerySet(models.QuerySet["FeedDay"]):
    def add(self, looks: Iterable[Look]) -> None:
        """Count these looks, in one statement. Their feeds' rows must be locked, so nobody else counts the same."""
        rows = [_values_of(look) for look in sorted(looks, key=lambda look: look.feed_id)]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(_statement(), rows)

    def of_feed(self, feed_id: int, since: date, until: date) -> FeedDayQuerySet:
        """The days from `since` to `until` on which it was looked at, the first one first."""
        return self.filter(feed=feed_id, day__gte=since, day__lte=until).order_by("day")

    def first_day(self, feed_id: int, until: date) -> date | None:
        """Since when looks at this feed are counted, as far as days are kept; none of days after `until`."""
        return self.filter(feed=feed_id, day__lte=until).order_by("day").values_list("day", flat=True).first()

    def forget_old(self, now: datetime) -> int:
        """Delete days that have had their time, and those that a clock counted that was ahead. Returns how many.

        Day by day, as others wait for the database meanwhile; and only if there are any, as a deletion, even of
        nothing, waits for SQLite's lock.
        """
        today = now.astimezone(UTC).date()
        ranges = Q(day__lt=today - timedelta(days=KEPT_DAYS)), Q(day__gt=today + timedelta(days=1))
        count = 0
        for stale in ranges:  # one by one, as SQLite would look through all days for the two together
            for day in list(self.filter(stale).order_by("day").values_list("day", flat=True).distinct()):
                count += self.filter(day=day).delete()[0]
        return count


class FeedDay(models.Model):
    """A feed and a day in UTC on which somebody looked at it: how many looks went how, and what they brought."""

    pk = models.CompositePrimaryKey(*_KEY)
    feed = models.ForeignKey("aggregator.Feed", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    brought = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    sent_whole = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    put_off = models.IntegerField(default=0)
    posts = models.IntegerField(default=0)
    delays = models.IntegerField(default=0)
    delay_seconds = models.BigIntegerField(default=0)
    """Of all of those `delays` together."""
    worst_delay_seconds = models.IntegerField(default=0)
    trouble = models.CharField(max_length=20, blank=True)
    """Of the day's last look; empty if that went well."""
    has_moved = models.BooleanField(default=False)

    objects = FeedDayQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["day"], name="feed_day_by_day"),)

    def __str__(self) -> str:
        return f"looks at feed {self.feed_id} on {self.day}"


def _statement() -> str:
    """Inserts a day, or adds to it what is there already."""
    quote = connection.ops.quote_name
    table = quote(FeedDay._meta.db_table)
    columns = [quote(name) for name in ("feed_id", "day", *_ADDED, *_SET)]
    sums = [f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in _ADDED]
    worst, trouble, moved = map(quote, _SET)
    changes = [
        *sums,
        f"{worst} = CASE WHEN excluded.{worst} > {table}.{worst} THEN excluded.{worst} ELSE {table}.{worst} END",
        f"{trouble} = excluded.{trouble}",
        f"{moved} = ({table}.{moved} OR excluded.{moved})",
    ]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608 -- ours
        f"ON CONFLICT ({columns[0]}, {columns[1]}) DO UPDATE SET {', '.join(changes)}"
    )


def _values_of(look: Look) -> list[Any]:
    delays = [min(seconds, _MAX_SECONDS) for seconds in look.delay_seconds]
    outcomes = (look.brought, look.unchanged, look.sent_whole, look.failed, look.put_off)
    return [
        look.feed_id,
        connection.ops.adapt_datefield_value(look.at.astimezone(UTC).date()),
        *map(int, outcomes),
        look.posts,
        len(delays),
        sum(delays),
        max(delays, default=0),
        look.trouble,
        look.has_moved,
    ]
