"""Of several deliveries that wait for a device, the newest takes the place of all: it counts their posts, too."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Count
from django.utils import timezone


def merge(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    deliveries = apps.get_model("notifications", "Delivery").objects.using(schema_editor.connection.alias)
    made: dict[tuple[int, ...], Any] = {}
    for waiting in _crowds(deliveries):
        *older, newest = waiting
        key = tuple(delivery.notice_id for delivery in waiting)
        if key not in made:
            made[key] = _together([delivery.notice for delivery in waiting])
        deliveries.filter(pk__in=[delivery.pk for delivery in older]).update(
            state="merged", lease=None, finished_at=timezone.now(), reason="told together with newer posts"
        )
        deliveries.filter(pk=newest.pk).update(
            notice=made[key],
            state="retry",
            lease=None,
            attempts=max(delivery.attempts for delivery in waiting),
            # What was leased may be on its way at this moment, if a worker still runs.
            next_at=max(delivery.next_at for delivery in waiting),
        )


def _crowds(deliveries: Any) -> list[list[Any]]:
    """What waits for one device, oldest first; devices that more than one waits for."""
    unfinished = deliveries.filter(
        state__in=["pending", "leased", "retry"], announcement__isnull=False, device__isnull=False
    )
    crowded = unfinished.order_by().values("device").annotate(count=Count("pk")).filter(count__gt=1).values("device")
    rows = unfinished.filter(device__in=crowded).select_related("notice").order_by("device", "pk")
    return [list(of_device) for _, of_device in groupby(rows, key=lambda delivery: delivery.device_id)]


def _together(notices: list[Any]) -> Any:
    """A notice that counts the posts of all of these. No post is in two of them."""
    newest = notices[-1]
    count = sum(notice.entry_count for notice in notices)
    return (
        type(newest)
        .objects.using(newest._state.db)
        .create(
            announcement=newest.announcement,
            since=notices[0].announcement,
            title=f"{count} new posts",
            entry=newest.entry,
            entry_count=count,
            topic=newest.topic,
            created_at=newest.created_at,
            expires_at=newest.expires_at,
        )
    )


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_rests_and_merged_notices")]

    operations = [migrations.RunPython(merge, migrations.RunPython.noop)]
