"""Saving what entries are found by: in the transaction that changes them, whoever does.

Each way that a row's `SOURCES` change calls one of these. `tests/search/test_writers.py` tries all ways that there are,
and finds those that nobody has told it of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from django.db import transaction

from aggregator.models import Entry, EntryText
from aggregator.models.sql import by_statements

from .entry_terms import MAX_TEXT_CHARACTERS, terms_of_entry
from .terms import VERSION

SOURCES = ("feed", "title", "author", "tags", "content_html", "timeline_at")
"""What of an entry its words are made of. An emptied one has a title and an author still. What stands beside a post
isn't among them: the titles of files are mostly their names."""
_READ_ROWS = 100
"""At a time: their contents are in memory."""


def index_new(entries: Iterable[Entry]) -> None:
    """Save what entries are found by that were inserted in this transaction, and are at hand as they were."""
    _save(_texts(entries))


def index(entry_ids: Iterable[int]) -> int:
    """Save what these entries are found by, as their rows are now, where it is something else; for how many it was.

    Call it in the transaction that changes them, after that, or lock them: nobody else may change them meanwhile.
    """
    ids, count = sorted(set(entry_ids)), 0
    for start in range(0, len(ids), _READ_ROWS):
        entries = Entry.objects.order_by("pk").filter(pk__in=ids[start : start + _READ_ROWS]).only(*SOURCES)
        count += _save(differing(list(entries)))
    return count


def differing(entries: Sequence[Entry]) -> Iterator[EntryText]:
    """What of these entries should be stored, of those of which something else is, or nothing."""
    known = EntryText.objects.in_bulk([entry.pk for entry in entries])
    for text in _texts(entries):
        stored = known.get(text.pk)
        if stored is None or (stored.version, stored.terms) != (text.version, text.terms):
            yield text


def follow_saving(
    sender: type[Entry],
    instance: Entry,
    update_fields: Collection[str] | None = None,
    using: str | None = None,
    **kwargs: Any,
) -> None:
    """What an entry is found by that was saved by itself: by `loaddata`, the desk or a shell."""
    if update_fields is None or not {*SOURCES, "feed_id"}.isdisjoint(update_fields):
        with transaction.atomic():
            index(Entry.objects.filter(pk=instance.pk).select_for_update(no_key=True).values_list("pk", flat=True))


def follow_loading(sender: type[EntryText], instance: EntryText, raw: bool = False, **kwargs: Any) -> None:
    """What a fixture says that an entry is found by counts for nothing: the entry does, which comes before or after."""
    if raw:
        index([instance.pk])


def _whole_text(content_html: str) -> str:
    # By name, as most polls bring nothing, and each would spend part of its start on expressions.
    text: str = import_module("aggregator.ingest.whole_text").whole_text(content_html, MAX_TEXT_CHARACTERS)
    return text


def _texts(entries: Iterable[Entry]) -> Iterator[EntryText]:
    for entry in entries:
        terms = terms_of_entry(
            title=entry.title,
            author=entry.author,
            tags=[tag for tag in entry.tags if isinstance(tag, str)],  # old rows, and forged ones, may have others
            text=_whole_text(entry.content_html),
            feed_id=entry.feed_id,
            shown_at=entry.timeline_at,
        )
        yield EntryText(entry_id=entry.pk, version=VERSION, terms=terms)


def _save(texts: Iterable[EntryText]) -> int:
    """Never by REPLACE, of which SQLite's triggers don't hear."""
    count = 0
    for rows in by_statements(texts, lambda text: len(text.terms)):
        count += len(rows)
        EntryText.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["entry"], update_fields=["version", "terms"]
        )
    return count
