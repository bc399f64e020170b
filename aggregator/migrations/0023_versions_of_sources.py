"""Pages of one source have a version of their own: a post of another one leaves them as they are."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0022_floods"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="shown_version",
            field=models.PositiveBigIntegerField(default=0, editable=False, help_text="Of the pages of it alone."),
        ),
        migrations.AddField(
            model_name="feed",
            name="shown_changed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="sitestate",
            name="shared_version",
            field=models.PositiveBigIntegerField(
                default=0,
                help_text="Of what pages of one source share: raised by all but a post that only its source shows.",
            ),
        ),
        migrations.AddField(
            model_name="sitestate",
            name="shared_changed_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
