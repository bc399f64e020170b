"""No two categories are called alike, whatever their case; feeds are found by their plain titles."""

from __future__ import annotations

from django.db import migrations, models

from aggregator.models.sql import FirstCharacter


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0025_names_in_other_forms"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="category",
            options={"ordering": ("position", "plain_name", "caseless_name"), "verbose_name_plural": "categories"},
        ),
        migrations.RemoveConstraint(model_name="category", name="category_name_once"),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("caseless_name",), name="category_caseless_name_once"),
        ),
        migrations.RemoveIndex(model_name="feed", name="feed_title"),
        migrations.RemoveIndex(model_name="feed", name="feed_category_title"),
        migrations.RemoveIndex(model_name="feed", name="feed_first_character"),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(fields=["plain_title", "id"], name="feed_title"),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(fields=["category", "plain_title", "id"], name="feed_category_title"),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(FirstCharacter("plain_title"), models.F("state"), name="feed_first_character"),
        ),
    ]
