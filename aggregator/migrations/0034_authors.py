"""Authors, and who wrote which entry; the worker reads the lines of names of posts that are here already."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


def note_posts_of_before(apps, schema_editor):
    """All that is here is to be read, and what a worker of before still brings; on a new site there is nothing."""
    if apps.get_model("aggregator", "Entry").objects.exists():
        apps.get_model("aggregator", "UnreadBylines").objects.create(below=2**63 - 1)


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0033_tags"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnreadBylines",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("below", models.BigIntegerField(help_text="Entries with lower numbers than this.")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(editable=False, help_text="Of the name as the feed writes it.", max_length=32),
                ),
                ("name", models.CharField(max_length=300)),
                ("plain_name", models.CharField(default="", editable=False, max_length=300)),
                ("slug", models.CharField(max_length=100, unique=True)),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="As the feed gives it.",
                        max_length=500,
                        verbose_name="address",
                    ),
                ),
                (
                    "joining_key",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Of the address, if the feed lies below it.",
                        max_length=32,
                    ),
                ),
                (
                    "joined_by",
                    models.CharField(
                        blank=True,
                        choices=[("curator", "by a curator"), ("address", "by the address that both blogs give")],
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "is_apart",
                    models.BooleanField(
                        default=False, editable=False, help_text="A curator took it apart from others."
                    ),
                ),
                (
                    "is_hidden",
                    models.BooleanField(
                        default=False,
                        help_text="There is no page of this author; posts go on to name the author.",
                        verbose_name="no page",
                    ),
                ),
                (
                    "had_more",
                    models.BooleanField(
                        default=False, editable=False, help_text="Readers saw posts by this author whose time is over."
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authors",
                        to="aggregator.feed",
                    ),
                ),
                (
                    "joined_to",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="joined",
                        to="aggregator.author",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EntryAuthor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("timeline_at", models.DateTimeField(help_text="The entry's.")),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="aggregator.author",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authors",
                        to="aggregator.entry",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FormerAuthorSlug",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=100, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="former_slugs", to="aggregator.author"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(
                condition=models.Q(("joining_key__gt", "")), fields=["joining_key"], name="author_joining_key"
            ),
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(
                condition=models.Q(("joined_to__isnull", False)), fields=["joined_to"], name="author_joined_to"
            ),
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(fields=["key"], name="author_key"),
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(condition=models.Q(("url__gt", "")), fields=["url"], name="author_url"),
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(
                condition=models.Q(("is_hidden", True)), fields=["is_hidden", "id"], name="author_hidden"
            ),
        ),
        migrations.AddConstraint(
            model_name="author",
            constraint=models.UniqueConstraint(fields=("feed", "key"), name="author_once_per_feed"),
        ),
        migrations.AddIndex(
            model_name="entryauthor",
            index=models.Index(fields=["author", "-timeline_at", "-entry"], name="entry_author_timeline"),
        ),
        migrations.AddConstraint(
            model_name="entryauthor",
            constraint=models.UniqueConstraint(fields=("entry", "author"), name="entry_author_once"),
        ),
        migrations.RunPython(note_posts_of_before, migrations.RunPython.noop),
    ]
