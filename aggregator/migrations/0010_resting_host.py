from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until now, every rest was one of the address's host."""
    apps.get_model("aggregator", "Feed").objects.filter(rests_until__isnull=False).update(resting_host=F("host"))


class Migration(migrations.Migration):
    dependencies = [
        ("aggregator", "0009_rests_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="resting_host",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="That server's; behind a redirect, not the address's.",
                max_length=255,
            ),
        ),
        migrations.AlterField(
            model_name="feed",
            name="rests_until",
            field=models.DateTimeField(editable=False, help_text="As the server asked that answered last.", null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
