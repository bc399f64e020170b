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
    ]
