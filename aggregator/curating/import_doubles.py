"""Imported feeds that are here already or were removed, as their first poll has shown: their lines say so, and the
feeds go again."""

from __future__ import annotations

from django.db import transaction

from aggregator.ingest.errors import SourceRemoved
from aggregator.models import Feed, FeedImport, ImportLine
from aggregator.models.sql import save_each

from .adding import UNWANTED, drop_doubles


def settle_doubles() -> int:
    """Tell in each import which of its new feeds were here already or removed, and delete those. Returns how many."""
    doubles = Feed.objects.filter(state=Feed.State.PENDING, last_error_kind__in=UNWANTED)
    feed_ids = list(doubles.values_list("pk", flat=True))
    if not feed_ids:
        return 0
    added = ImportLine.objects.filter(kind=ImportLine.Kind.ADDED, feed__in=feed_ids)
    import_ids = added.order_by("feed_import").values_list("feed_import", flat=True).distinct()
    return sum(_settle(import_id, feed_ids) for import_id in list(import_ids))


def _settle(import_id: int, feed_ids: list[int]) -> int:
    with transaction.atomic():
        row = FeedImport.objects.select_for_update().get(pk=import_id)  # before the feeds: `sql` tells the order
        lines = {line.feed_id: line for line in row.lines.filter(kind=ImportLine.Kind.ADDED, feed__in=feed_ids)}
        doubles = drop_doubles([pk for pk in feed_ids if pk in lines])
        for double in doubles:
            line = lines[double.pk]
            line.kind, line.text, line.feed = *_told(double), None
        save_each([lines[double.pk] for double in doubles], ["kind", "text", "feed"])
        row.added_count -= len(doubles)
        refused = sum(double.last_error_kind == SourceRemoved.kind for double in doubles)
        row.refused_count += refused
        row.known_count += len(doubles) - refused
        row.save(update_fields=["added_count", "known_count", "refused_count"])
    return len(doubles)


def _told(double: Feed) -> tuple[ImportLine.Kind, str]:
    """The kind and the text of its line."""
    if double.last_error_kind == SourceRemoved.kind:
        return ImportLine.Kind.REFUSED, double.last_error
    return ImportLine.Kind.KNOWN, f"Already here. {double.last_error}"
