"""The words of entries, and an index of them; the worker fills it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import aggregator.models.entry_text


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0031_ownership_looks"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryText",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="aggregator.entry",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("terms", models.TextField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        # By itself, so that it goes by itself when this is undone: on SQLite it is a table.
        migrations.AddIndex("entrytext", aggregator.models.entry_text.TermsIndex(name="entry_terms")),
        migrations.CreateModel(
            name="SearchState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField(default=0)),
                ("reached_at", models.DateTimeField(null=True)),
                ("reached_id", models.PositiveBigIntegerField(null=True)),
                ("is_done", models.BooleanField(default=False)),
                ("is_thorough", models.BooleanField(default=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="search_state_is_one_row")],
            },
        ),
    ]
