"""Indexes that begin with the feeds that posted last; one of them serves what the index of categories did."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0018_enclosures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feed",
            name="category",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="feeds",
                to="aggregator.category",
            ),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(
                models.F("state"),
                models.ExpressionWrapper(models.Q(("newest_at__isnull", True)), output_field=models.BooleanField()),
                models.OrderBy(models.F("newest_at"), descending=True),
                models.F("id"),
                name="feed_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(
                models.F("category"),
                models.F("state"),
                models.ExpressionWrapper(models.Q(("newest_at__isnull", True)), output_field=models.BooleanField()),
                models.OrderBy(models.F("newest_at"), descending=True),
                models.F("id"),
                name="feed_category_latest",
            ),
        ),
    ]
