from __future__ import annotations

from django.db import migrations, models
from django.db.models.deletion import SET_NULL


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0015_content_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="skip_hours",
            field=models.JSONField(blank=True, default=list, editable=False, help_text="In UTC, as the feed asks."),
        ),
        migrations.AddField(
            model_name="feed",
            name="skip_days",
            field=models.JSONField(blank=True, default=list, editable=False, help_text="Monday is 0."),
        ),
        migrations.AddField(
            model_name="feed",
            name="unchanged_since",
            field=models.DateTimeField(
                editable=False, help_text="Since when its server has said nothing but 304.", null=True
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="leads_to",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Where it was read last, if elsewhere than its address.",
                max_length=2000,
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="double_of",
            field=models.ForeignKey(
                editable=False,
                help_text="What is read there, too.",
                null=True,
                on_delete=SET_NULL,
                related_name="+",
                to="aggregator.feed",
            ),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(fields=["leads_to"], name="feed_leads_to"),
        ),
    ]
