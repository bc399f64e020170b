from __future__ import annotations

from typing import Any

from django.db import migrations, models


def keep_moment(apps: Any, schema_editor: Any) -> None:
    """When the poller last lived: else the site would say after an upgrade that it never ran."""
    state = apps.get_model("aggregator", "SiteState").objects.filter(pk=1, ticked_at__isnull=False).first()
    if state:
        apps.get_model("aggregator", "Tick").objects.create(pk=1, ticked_at=state.ticked_at)


def give_back_moment(apps: Any, schema_editor: Any) -> None:
    tick = apps.get_model("aggregator", "Tick").objects.filter(pk=1).first()
    if tick:
        apps.get_model("aggregator", "SiteState").objects.filter(pk=1).update(ticked_at=tick.ticked_at)


class Migration(migrations.Migration):
    dependencies = (("aggregator", "0012_copies_chosen_and_held"),)

    operations = (
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(pk=1), name="tick_is_one_row")],
            },
        ),
        migrations.RunPython(keep_moment, give_back_moment),
        migrations.RemoveField(model_name="sitestate", name="ticked_at"),
    )
