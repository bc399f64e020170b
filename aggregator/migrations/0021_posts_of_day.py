"""Posts of each day are kept, and counted once here, feed after feed; feeds are found by their titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower

from aggregator.models.sql import DayInUtc, FirstCharacter

PUBLIC_STATES = ("active", "paused", "gone")
BATCH_FEEDS = 500


def count(apps: Any, schema_editor: Any) -> None:
    """What readers find on each day, in all, and what each feed has added to that."""
    posts: Counter[date] = Counter()
    rows: list[Any] = []
    model = apps.get_model("aggregator", "DaysOfFeed")
    for feed_id, days in _days_of_feeds(apps):
        posts.update(days)
        rows.append(model(feed_id=feed_id, days={day.isoformat(): number for day, number in days.items()}))
        if len(rows) == BATCH_FEEDS:
            model.objects.bulk_create(rows)
            rows.clear()
    model.objects.bulk_create(rows)
    of_day = apps.get_model("aggregator", "PostsOfDay")
    of_day.objects.bulk_create((of_day(day=day, posts=number) for day, number in posts.items()), batch_size=1000)


def _days_of_feeds(apps: Any) -> Iterator[tuple[int, dict[date, int]]]:
    listed = apps.get_model("aggregator", "Entry").objects.filter(
        duplicate_of__isnull=True, is_hidden=False, is_held=False, is_filtered=False, feed__state__in=PUBLIC_STATES
    )
    days = listed.order_by().annotate(day=DayInUtc("timeline_at")).values_list("feed", "day")
    counted = days.annotate(number=models.Count("pk")).order_by("feed", "day").iterator(chunk_size=5000)
    for feed_id, of_feed in groupby(counted, key=itemgetter(0)):
        yield feed_id, {day: number for _, day, number in of_feed}


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0020_imports_left_and_shelves"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostsOfDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("posts", models.IntegerField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DaysOfFeed",
            fields=[
                (
                    "feed",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="aggregator.feed",
                    ),
                ),
                ("days", models.JSONField(default=dict)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(Lower("title"), models.F("id"), name="feed_title"),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(models.F("category"), Lower("title"), models.F("id"), name="feed_category_title"),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(FirstCharacter("title"), models.F("state"), name="feed_first_character"),
        ),
        # Last: PostgreSQL makes no index where rows of the same transaction wait to be checked.
        migrations.RunPython(count, migrations.RunPython.noop, elidable=True),
    ]
