"""Lists of feeds that are imported step by step: the import, and its lines."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0013_tick"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "curator",
                    models.CharField(help_text="The name of who began it; the account may be gone.", max_length=150),
                ),
                (
                    "category",
                    models.CharField(blank=True, help_text="Of new feeds; goes before the list's own.", max_length=80),
                ),
                ("created_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField(help_text="When it last came further.")),
                ("finished_at", models.DateTimeField(null=True)),
                ("line_count", models.PositiveIntegerField()),
                ("added_count", models.PositiveIntegerField(default=0)),
                ("known_count", models.PositiveIntegerField(default=0)),
                ("refused_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ImportLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(help_text="Its place in the list, from 0 on.")),
                ("url", models.CharField(help_text="As a report may show it.", max_length=2000)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("added", "added"),
                            ("known", "already here"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField(blank=True, help_text="What became of it, in a sentence.")),
                (
                    "wanted",
                    models.JSONField(
                        default=dict, help_text="What the list says. Emptied then: it may hold a password."
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="aggregator.feed",
                    ),
                ),
                (
                    "feed_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="aggregator.feedimport",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("feed_import", "number"), name="import_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["waiting", "added", "known", "refused"])),
                        name="import_line_kind_known",
                    ),
                ],
            },
        ),
    ]
