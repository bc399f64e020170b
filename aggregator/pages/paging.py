"""Pages of older posts, found by the entry that they come after: however deep, a page costs what the first one does."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpRequest

from aggregator.models import Entry, EntryQuerySet

PAGE_ENTRIES = 60
"""As many as the front page shows by default."""

MAX_ID_DIGITS = 18
"""Of a row's number; every database can store those."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries and the query strings of the pages around them: `?before=17`, `?` for the first page, empty for none."""

    entries: list[Entry]
    older: str
    newer: str


def named_entry(request: HttpRequest, entries: EntryQuerySet) -> Entry | None:
    """The entry that `?before=` names, None without it. Raises Http404 for anything that names none of `entries`."""
    value = request.GET.get("before")
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= MAX_ID_DIGITS):
        raise Http404
    entry = entries.filter(pk=int(value)).first()
    if entry is None:
        raise Http404
    return entry


def page_of(entries: EntryQuerySet, before: Entry | None, size: int = PAGE_ENTRIES) -> Page:
    """The newest `size` of the entries; with `before`, of those that come after it in page order."""
    pool = entries.older_than(before) if before else entries
    found = list(pool.newest_first()[: size + 1])
    shown = found[:size]
    older = f"?before={shown[-1].pk}" if len(found) > size else ""
    return Page(shown, older, _newer(entries, before, size) if before else "")


def _newer(entries: EntryQuerySet, before: Entry, size: int) -> str:
    """The page that ends with `before`."""
    above = entries.newer_than(before).oldest_first().values_list("pk", flat=True)[size - 1 : size].first()
    return f"?before={above}" if above else "?"


def neighbors_of(entry: Entry, entries: EntryQuerySet) -> tuple[Entry | None, Entry | None]:
    """Of these entries the next older and the next newer one, read at once and without their content."""
    older = entries.older_than(entry).newest_first().values("pk")[:1]
    newer = entries.newer_than(entry).oldest_first().values("pk")[:1]
    both = Entry.objects.filter(Q(pk__in=older) | Q(pk__in=newer)).without_content()
    place = (entry.timeline_at, entry.pk)
    # By whether it is newer.
    found = {(one.timeline_at, one.pk) > place: one for one in both}
    return found.get(False), found.get(True)
