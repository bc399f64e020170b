"""Entries whose text was let go, as they had their time. Both indexes of what readers may see leave them out."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

IS_KEPT = Q(emptied_at__isnull=True)
IS_SHOWN = Q(is_filtered=False, is_held=False, is_hidden=False)
IS_LISTED = Q(duplicate_of__isnull=True) & IS_SHOWN & IS_KEPT


class Migration(migrations.Migration):
    dependencies = [("aggregator", "0026_names_once_in_any_case")]

    operations = [
        migrations.CreateModel(
            name="PostsLetGo",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("posts", models.IntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RemoveIndex(model_name="entry", name="entry_timeline"),
        migrations.RemoveIndex(model_name="entry", name="entry_feed_timeline"),
        # Both may be null: so SQLite only notes them, and needn't write the whole table anew.
        migrations.AddField(
            model_name="entry",
            name="emptied_at",
            field=models.DateTimeField(
                "text let go", null=True, editable=False, help_text="Since then only what it is known by is here."
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="excerpt_key",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["-timeline_at", "-id"], name="entry_timeline", condition=IS_LISTED),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["feed", "-timeline_at", "-id"], name="entry_feed_timeline", condition=IS_LISTED),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["feed", "timeline_at"],
                name="entry_turned_down",
                condition=(Q(is_hidden=True) | Q(is_filtered=True)) & IS_KEPT,
            ),
        ),
    ]
