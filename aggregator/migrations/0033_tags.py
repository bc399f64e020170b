"""Tags have rows. Those of older posts are made by the worker, step by step: here it is only noted which they are."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import aggregator.models.sql
import aggregator.models.tag


def note_older_entries(apps: Any, schema_editor: Any) -> None:
    """All that is here, and what a worker of before still brings until it is stopped: it knows of no tags."""
    if apps.get_model("aggregator", "Entry").objects.exists():
        apps.get_model("aggregator", "TagBacklog").objects.create(pk=1, below=2**63 - 1)


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0032_entry_text"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("plain_name", models.CharField(default="", editable=False, max_length=300)),
                ("key", models.CharField(editable=False, max_length=60)),
                ("is_hidden", models.BooleanField(default=False, verbose_name="hidden")),
                ("parted_after", models.PositiveBigIntegerField(default=0, editable=False)),
                ("post_count", models.IntegerField(default=0, editable=False, verbose_name="posts")),
                (
                    "joined_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="joined",
                        to="aggregator.tag",
                    ),
                ),
                (
                    "parted_from",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="aggregator.tag",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EntryTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("timeline_at", models.DateTimeField()),
                ("is_listed", models.BooleanField()),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entry_tags",
                        to="aggregator.entry",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="aggregator.tag",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TagBacklog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("below", models.PositiveBigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="tag_backlog_is_one_row")],
            },
        ),
        migrations.CreateModel(
            name="TagOfMonth",
            fields=[
                ("place", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="aggregator.tag"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(fields=["post_count", "id"], name="tag_by_posts"),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                condition=models.Q(("is_hidden", False), ("joined_into__isnull", True)),
                fields=["-post_count", "-id"],
                name="tag_most_used",
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                condition=models.Q(
                    ("is_hidden", False), ("joined_into__isnull", True), aggregator.models.tag.HasPage("post_count")
                ),
                fields=["plain_name", "id"],
                name="tag_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                aggregator.models.sql.FirstCharacter("plain_name"),
                models.F("plain_name"),
                models.F("id"),
                condition=models.Q(
                    ("is_hidden", False), ("joined_into__isnull", True), aggregator.models.tag.HasPage("post_count")
                ),
                name="tag_by_letter",
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                condition=models.Q(("joined_into__isnull", False)), fields=["joined_into"], name="tag_joined"
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                condition=models.Q(("parted_from__isnull", False)), fields=["parted_from"], name="tag_parted"
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(condition=models.Q(("is_hidden", True)), fields=["post_count", "id"], name="tag_hidden"),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(
                condition=models.Q(("joined_into__isnull", False)), fields=["post_count", "id"], name="tag_joined_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__gt", "")), fields=("key",), name="tag_key_once"
            ),
        ),
        migrations.AddIndex(
            model_name="entrytag",
            index=models.Index(
                condition=models.Q(("is_listed", True)),
                fields=["tag", "-timeline_at", "-entry"],
                name="entrytag_timeline",
            ),
        ),
        migrations.AddIndex(
            model_name="entrytag",
            index=models.Index(condition=models.Q(("is_listed", False)), fields=["tag"], name="entrytag_unlisted"),
        ),
        migrations.AddConstraint(
            model_name="entrytag",
            constraint=models.UniqueConstraint(fields=("entry", "tag"), name="entry_once_under_a_tag"),
        ),
        migrations.RunPython(note_older_entries, migrations.RunPython.noop),
    ]
