"""A change of copies that is committed says which feeds must be counted, in case that its worker is killed before it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0023_versions_of_sources"),
    ]

    operations = [
        migrations.CreateModel(
            name="UncountedFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("feed_id", models.PositiveBigIntegerField(db_index=True)),
            ],
            options={"default_permissions": ()},
        ),
    ]
