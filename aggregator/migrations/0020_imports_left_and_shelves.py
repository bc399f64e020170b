"""Imports: lines that nobody looked at have a kind of their own; an import remembers its categories."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0019_latest_feeds"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="importline",
            name="import_line_kind_known",
        ),
        migrations.AddField(
            model_name="feedimport",
            name="shelves",
            field=models.JSONField(
                default=dict, help_text="The categories of its feeds, by the list's names for them."
            ),
        ),
        migrations.AlterField(
            model_name="importline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("added", "added"),
                    ("known", "already here"),
                    ("refused", "refused"),
                    ("left", "not looked at"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="importline",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["waiting", "added", "known", "refused", "left"])),
                name="import_line_kind_known",
            ),
        ),
    ]
