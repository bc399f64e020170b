from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="circuit",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fault", "refuses us by our own fault"),
                    ("asked", "asked us to wait"),
                    ("down", "doesn't work"),
                ],
                default="fault",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="circuit",
            name="rests",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="notice",
            name="since",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="notifications.announcement",
            ),
        ),
        migrations.AddField(
            model_name="pushsubscription",
            name="gone_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="gone since"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "waiting"),
                    ("leased", "being sent"),
                    ("retry", "to be tried again"),
                    ("accepted", "accepted"),
                    ("gone", "device gone"),
                    ("failed", "failed"),
                    ("expired", "too late"),
                    ("suppressed", "not wanted"),
                    ("merged", "told with newer posts"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
    ]
