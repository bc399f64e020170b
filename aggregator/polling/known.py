"""What is known of feeds before their documents are read: what need not be parsed and cleaned again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import OuterRef

from aggregator.models import Entry, Feed
from aggregator.models.sql import JSONRow, JSONRows

MAX_KNOWN_ENTRIES = 500
"""How many entries of a feed are looked up: as many as a document may have."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader of a feed's document is told."""

    contents: Mapping[str, str] = field(default_factory=dict)
    """Content hash by guid, of the newest entries."""
    memory: str = ""
    """What `recall` left."""


def known_of(feeds: Collection[Feed]) -> dict[int, Known]:
    """What is known of these feeds, by their ids; one query for all."""
    newest = Entry.objects.filter(feed=OuterRef("pk")).order_by("-pk")
    entries = newest.values(found=JSONRow(guid="guid", content_hash="content_hash"))[:MAX_KNOWN_ENTRIES]
    rows = Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).annotate(entries_known=JSONRows(entries))
    return {
        feed_id: Known({entry["guid"]: entry["content_hash"] for entry in found or ()}, memory or "")
        for feed_id, memory, found in rows.values_list("pk", "memory__text", "entries_known")
    }
