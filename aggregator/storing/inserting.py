"""New entries become rows, in statements that are none too long."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.models import Entry
from aggregator.models.sql import by_statements
from aggregator.search.index import index_new


def insert_entries(entries: Iterable[Entry]) -> None:
    """Insert them in their order, and what they are found by. Nobody else sees them yet."""
    for rows in by_statements(entries, lambda entry: len(entry.content_html)):
        Entry.objects.bulk_create(rows)
        index_new(rows)
