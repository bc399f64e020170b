"""Feeds: how many posts they brought in the last day, and whether they may bring any number."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0021_posts_of_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="is_unlimited",
            field=models.BooleanField(
                default=False,
                help_text="None waits for a curator because it brings so many.",
                verbose_name="any number of posts a day",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="passed_posts",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="Of the last day: at which moment how many were not held.",
            ),
        ),
    ]
