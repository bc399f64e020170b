"""Looks at feeds are counted by days, from now on; and what a reading meets is kept beside what it is to tell the next.

Nothing is filled in: of looks before, nobody knows more than the last one.
"""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0034_authors"),
    ]

    operations = [
        migrations.AddField(model_name="feedmemory", name="met", field=models.JSONField(null=True)),
        migrations.CreateModel(
            name="FeedDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "feed", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="aggregator.feed",
                    ),
                ),
                ("day", models.DateField()),
                ("brought", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("sent_whole", models.IntegerField(default=0)),
                ("failed", models.IntegerField(default=0)),
                ("put_off", models.IntegerField(default=0)),
                ("posts", models.IntegerField(default=0)),
                ("delays", models.IntegerField(default=0)),
                ("delay_seconds", models.BigIntegerField(default=0)),
                ("worst_delay_seconds", models.IntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=20)),
                ("has_moved", models.BooleanField(default=False)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["day"], name="feed_day_by_day")],
            },
        ),
    ]
