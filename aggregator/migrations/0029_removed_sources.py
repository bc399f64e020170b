"""What was rejected is removed: its place on the web, too, and for whoever wants to add it again."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from aggregator.models.removed_source import is_shared, own_place


def note_rejected(apps: Any, schema_editor: Any) -> None:
    """Of each feed that was rejected before; where others are on its host, its own part of that."""
    feed, removed_source = (apps.get_model("aggregator", name) for name in ("Feed", "RemovedSource"))
    others = set(feed.objects.exclude(state="rejected").values_list("host", flat=True))
    for row in feed.objects.filter(state="rejected").order_by("pk").only("url", "site_url", "host"):
        place = own_place(row.url, row.site_url, is_host_shared=is_shared(row.host, others))
        if place:
            host, path = place
            removed_source.objects.get_or_create(host=host, path=path, defaults={"feed": row})


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0028_desk_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "host",
                    models.CharField(
                        max_length=255, help_text="Without “www.”. With the path /, all hosts below it, too."
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        max_length=500, default="/", help_text="What its addresses begin with; / for all of them."
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        max_length=200, blank=True, help_text="Whoever wants to add something from there reads this."
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(null=True, blank=True, help_text="When that ends; empty for never."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "feed",
                    models.ForeignKey(
                        to="aggregator.feed",
                        on_delete=django.db.models.deletion.SET_NULL,
                        null=True,
                        blank=True,
                        editable=False,
                        related_name="removals",
                        help_text="If rejected.",
                    ),
                ),
            ],
            options={"ordering": ("host", "path")},
        ),
        migrations.AddConstraint(
            model_name="removedsource",
            constraint=models.UniqueConstraint(fields=["host", "path"], name="removed_source_once"),
        ),
        migrations.RunPython(note_rejected, migrations.RunPython.noop),
    ]
