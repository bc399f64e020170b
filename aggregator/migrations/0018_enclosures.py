"""What stands beside posts as rows, and what was left out of feeds by its reasons."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0017_moving_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="has_enclosures",
            field=models.BooleanField(default=False, editable=False, help_text="It has brought some."),
        ),
        migrations.AddField(
            model_name="feed",
            name="skipped",
            field=models.JSONField(
                blank=True, default=dict, editable=False, help_text="Items left out, by their reasons."
            ),
        ),
        migrations.CreateModel(
            name="Enclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(help_text="Its place beside the entry, from 0 on.")),
                ("url", models.CharField(max_length=2000)),
                ("media_type", models.CharField(blank=True, max_length=130)),
                ("byte_count", models.BigIntegerField(blank=True, null=True)),
                ("seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("title", models.CharField(blank=True, max_length=300)),
                (
                    "taken_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When it was taken over from the feed."
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enclosures",
                        to="aggregator.entry",
                    ),
                ),
            ],
            options={
                "ordering": ("entry", "position"),
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("entry", "position"), name="enclosure_once_per_place")],
            },
        ),
    ]
