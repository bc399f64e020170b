"""What a query finds among some entries, the newest first, read as far as somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import NamedTuple

from aggregator.models import Entry, EntryQuerySet, EntryText

from .asked import Asked
from .deadline import Deadline
from .index_rows import among, ids_meeting
from .query import Query
from .spans import marks_of_days
from .windows import whole_span, windows

MAX_AT_ONCE = 2_000
"""Entries that meet a condition, if they are all that do: of more, spans of days are asked for."""
FEW_IN_FIRST = 20
"""Of the newest thousand posts: if so few meet a condition, all are asked for, as the rest may be few, too. To ask for
all that have a common word takes PostgreSQL a tenth of a second."""
MAX_READ_THROUGH = 2_000
"""Entries that are read through, if they are all that may be found."""
_READ_TERMS = 200
_MANY, _FEW_OF = 500, 5
"""If of so many that the index names not one in five may be found, perhaps few may at all."""


class Place(NamedTuple):
    """Where a post stands in page order; the greatest is the newest."""

    shown_at: datetime
    entry_id: int


def newest_matches(
    query: Query, asked: Asked, entries: EntryQuerySet, before: Entry | None, deadline: Deadline
) -> Iterator[Place]:
    """The places of those of the entries that are looked for and come after one in page order."""
    if asked.feed_ids == frozenset():
        return iter(())
    entries = asked.among(entries).order_by()
    end = Place(before.timeline_at, before.pk) if before else None
    found = _meeting(query, asked, entries, before)
    places = (place for each in found for place in _in_order(each, end))
    return _beside(asked, places, deadline) if asked.beside else places


def _meeting(query: Query, asked: Asked, entries: EntryQuerySet, before: Entry | None) -> Iterator[list[Place]]:
    """Places of entries that meet the condition; each list is of a span that comes before that of the next."""
    span = whole_span(entries, before, query.after, query.before)
    dated = asked.condition
    if query.after or query.before:
        dated = dated.and_one_of(marks_of_days(*span))
    if span[0] >= span[1]:
        return
    may_be_few = True
    for number, days in enumerate(windows(span)):
        ids = ids_meeting(asked.condition.and_one_of(marks_of_days(*days)))
        if number == 0 and len(ids) <= FEW_IN_FIRST and not asked.condition.is_open:
            all_ids = ids_meeting(dated, MAX_AT_ONCE + 1)
            if len(all_ids) <= MAX_AT_ONCE:
                yield _places(entries, all_ids)
                return
        places = _places(entries, ids)
        yield places
        if may_be_few and len(ids) > _MANY and len(places) * _FEW_OF < len(ids):
            may_be_few = False
            rest = list(entries.values_list("pk", flat=True)[: MAX_READ_THROUGH + 1])
            if len(rest) <= MAX_READ_THROUGH:
                yield _read_through(asked, entries, rest, days[0])
                return


def _places(entries: EntryQuerySet, ids: Sequence[int]) -> list[Place]:
    """Those of the ids that are among the entries; asked in no order, so that a database finds rows by their keys."""
    return [Place(*row) for row in entries.filter(pk__in=among(ids)).values_list("timeline_at", "pk")] if ids else []


def _in_order(places: list[Place], end: Place | None) -> list[Place]:
    return sorted((place for place in places if end is None or place < end), reverse=True)


def _read_through(asked: Asked, entries: EntryQuerySet, ids: Sequence[int], end: date) -> list[Place]:
    """Places of those of these entries that meet the condition and are shown before a day."""
    midnight = datetime(end.year, end.month, end.day, tzinfo=UTC)
    places = [place for place in _places(entries, ids) if place.shown_at < midnight]
    texts = terms_by_id([place.entry_id for place in places])
    return [place for place in places if asked.condition.is_met_by(f" {texts.get(place.entry_id, '')} ")]


def _beside(asked: Asked, places: Iterable[Place], deadline: Deadline) -> Iterator[Place]:
    """Those whose words stand side by side as they must."""
    rest = iter(places)
    while some := list(islice(rest, _READ_TERMS)):
        deadline.check()
        texts = terms_by_id([place.entry_id for place in some])
        yield from (place for place in some if asked.is_beside_in(texts.get(place.entry_id, "")))


def terms_by_id(ids: Sequence[int]) -> dict[int, str]:
    """The terms of these entries."""
    return dict(EntryText.objects.filter(pk__in=among(ids)).values_list("pk", "terms"))
