"""Pages of older posts, found by the entry that they come after: however deep, a page costs what the first one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """The entry that `?before=` names, without its content; None without it.

    Only its place counts, so these may be more than readers see: a page that was opened before a post was hidden leads
    on from there. Raises Http404 for anything that names none of `entries`.
    """
    value = request.GET.get("before")
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= MAX_ID_DIGITS):
        raise Http404
    entry = entries.without_content().filter(pk=int(value)).first()
    if entry is None:
        raise Http404
    return entry


def page_of(entries: EntryQuerySet, above: Sequence[int] | None) -> Page:
    """The first entries of these, which are in page order.

    `above` are the ids of as many entries that come before them, the nearest first; None above the first page.
    """
    found = list(entries[: PAGE_ENTRIES + 1])
    shown = found[:PAGE_ENTRIES]
    older = f"?before={shown[-1].pk}" if len(found) > PAGE_ENTRIES else ""
    return Page(shown, older, "" if above is None else _newer(above))


def _newer(above: Sequence[int]) -> str:
    """The page that ends where the others begin; the first one, if that has more than it could show."""
    return f"?before={above[PAGE_ENTRIES - 1]}" if len(above) >= PAGE_ENTRIES else "?"


def neighbors_of(entry: Entry, entries: EntryQuerySet) -> tuple[Entry | None, Entry | None]:
    """Of these entries the next older and the next newer one, read at once and without their content."""
    older = entries.older_than(entry).newest_first().values("pk")[:1]
    newer = entries.newer_than(entry).oldest_first().values("pk")[:1]
    # Not one question with an "or": PostgreSQL would look through the whole table for it.
    one, other = (Entry.objects.filter(pk__in=nearest).without_content() for nearest in (older, newer))
    both = one.union(other, all=True)
    place = (entry.timeline_at, entry.pk)
    # By whether it is newer.
    found = {(one.timeline_at, one.pk) > place: one for one in both}
    return found.get(False), found.get(True)
