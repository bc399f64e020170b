"""What was in trouble before curators were told of such is no news: they see it at the desk."""

from typing import Any

from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def take_as_told(apps: Any, schema_editor: Any) -> None:
    """The feeds that are in trouble or hold posts at this moment, as if curators had been told of them."""
    feeds = apps.get_model("aggregator", "Feed").objects
    told = apps.get_model("notifications", "ToldFeed")
    now = timezone.now()
    known = {
        "trouble": feeds.filter(Q(state="gone") | Q(failing_since__isnull=False) | Q(is_drifting=True)),
        "held": feeds.filter(held_count__gt=0),
    }
    told.objects.bulk_create(
        [
            told(kind=kind, feed_id=key, announced_at=now)
            for kind, rows in known.items()
            for key in rows.exclude(state="rejected").values_list("pk", flat=True)
        ],
        batch_size=500,
    )


def do_nothing(apps: Any, schema_editor: Any) -> None:
    """The rows go with their table."""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_kinds_of_notices")]

    operations = [migrations.RunPython(take_as_told, do_nothing)]
