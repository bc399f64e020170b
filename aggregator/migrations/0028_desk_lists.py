"""Indexes that the desk's lists of posts walk."""

from __future__ import annotations

from django.db import migrations, models

from aggregator.models.standing import StandingWord

NOT_PLAIN = models.Q(
    ("is_held", True),
    ("is_filtered", True),
    ("is_hidden", True),
    ("is_original", True),
    ("duplicate_of__isnull", False),
    ("emptied_at__isnull", False),
    _connector="OR",
)


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0027_retention"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["-timeline_at", "-id"], name="entry_all"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["feed", "-timeline_at", "-id"],
                name="entry_of_feed",
                condition=models.Q(("guid__isnull", False)),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                StandingWord(),
                models.OrderBy(models.F("timeline_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=NOT_PLAIN,
                name="entry_standing",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("feed"),
                StandingWord(),
                models.OrderBy(models.F("timeline_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=NOT_PLAIN,
                name="entry_feed_standing",
            ),
        ),
    ]
