"""New entries become rows, in statements that are none too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.models import Entry

_INSERTED_ENTRIES = 100
"""New entries in one statement, at most."""
_INSERTED_CHARACTERS = 2**20
"""Of their contents, which are all there twice while a statement runs; one entry that has more goes alone."""


def insert_entries(entries: Iterable[Entry]) -> None:
    """Insert them in their order. Nobody else sees them yet."""
    for lot in _statements(entries):
        Entry.objects.bulk_create(lot)


def _statements(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in their order, in as many lots as there are statements to be."""
    lot: list[Entry] = []
    characters = 0
    for entry in entries:
        characters += len(entry.content_html)
        if lot and (len(lot) == _INSERTED_ENTRIES or characters > _INSERTED_CHARACTERS):
            yield lot
            lot, characters = [], len(entry.content_html)
        lot.append(entry)
    if lot:
        yield lot
