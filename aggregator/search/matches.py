"""What a query finds among some entries, the newest first, read as far as somebody asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice
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
_READ_TERMS = 250
_ROWS_IN_MEMORY = 20
"""Of terms: a blog can bring posts of a megabyte, and one search reads thousands of posts."""
_MANY, _FEW_OF = 500, 5
"""If of so many that the index names not one in five may be found, perhaps few may at all."""


class Some(NamedTuple):
    """Ids in page order, which come before those of the next ones, and how many posts were read for them."""

    ids: list[int]
    read: int = 0


class Matches:
    """What was found so far, the newest first."""

    def __init__(self, rest: Iterator[Some]) -> None:
        self.ids: list[int] = []
        self.is_all = False
        self._read = 0
        self._rest = rest

    def read_until(self, count: int, max_read: int | None = None) -> list[int]:
        """The ids of so many, or of all that there are; or of those that are known when so many posts were read."""
        while not self.is_all and len(self.ids) < count and (max_read is None or self._read < max_read):
            some = next(self._rest, None)
            if some is None:
                self.is_all = True
            else:
                self.ids += some.ids
                self._read += some.read
        return self.ids[:count]


def newest_matches(
    query: Query, asked: Asked, entries: EntryQuerySet, before: Entry | None, deadline: Deadline
) -> Matches:
    """Those of the entries that are looked for and come after one in page order."""
    if asked.feed_ids == frozenset():
        return Matches(iter(()))
    found = _meeting(query, asked, asked.among(entries), before, deadline)
    if asked.beside:
        return Matches(_beside(asked, chain.from_iterable(found), deadline))
    return Matches(map(Some, found))


def _meeting(
    query: Query, asked: Asked, entries: EntryQuerySet, before: Entry | None, deadline: Deadline
) -> Iterator[list[int]]:
    """Ids of entries that meet the condition; each list is of a span that comes before that of the next."""
    span = whole_span(entries, before, query.after, query.before)
    if span[0] >= span[1]:
        return
    if before:
        entries = entries.older_than(before)
    may_be_few = True
    for number, days in enumerate(windows(span)):
        ids = ids_meeting(asked.condition.and_one_of(marks_of_days(*days)))
        if number == 0 and len(ids) <= FEW_IN_FIRST and (everywhere := _if_few(query, asked, span)) is not None:
            yield _in_order(entries, everywhere)
            return
        found = _in_order(entries, ids)
        yield found
        if may_be_few and len(ids) > _MANY and len(found) * _FEW_OF < len(ids):
            may_be_few = False
            rest = list(entries.order_by().values_list("pk", flat=True)[: MAX_READ_THROUGH + 1])
            if len(rest) <= MAX_READ_THROUGH:
                yield _read_through(asked, entries, rest, days[0], deadline)
                return


def _if_few(query: Query, asked: Asked, span: tuple[date, date]) -> list[int] | None:
    """The ids of all entries that meet the condition; None if they are more than MAX_AT_ONCE."""
    if asked.condition.is_open:
        return None
    is_dated = bool(query.after or query.before)
    condition = asked.condition.and_one_of(marks_of_days(*span)) if is_dated else asked.condition
    ids = ids_meeting(condition, MAX_AT_ONCE + 1)
    return ids if len(ids) <= MAX_AT_ONCE else None


def _in_order(entries: EntryQuerySet, ids: Sequence[int]) -> list[int]:
    """Those of the ids that are among the entries."""
    return list(entries.newest_first().filter(pk__in=among(ids)).values_list("pk", flat=True)) if ids else []


def _read_through(asked: Asked, entries: EntryQuerySet, ids: Sequence[int], end: date, deadline: Deadline) -> list[int]:
    """Ids of those of these entries that meet the condition and are shown before a day."""
    midnight = datetime(end.year, end.month, end.day, tzinfo=UTC)
    rest = _in_order(entries.filter(timeline_at__lt=midnight), ids)
    return _telling(rest, lambda terms: asked.condition.is_met_by(f" {terms} "), deadline)


def _beside(asked: Asked, ids: Iterable[int], deadline: Deadline) -> Iterator[Some]:
    """Those whose words stand side by side as they must."""
    rest = iter(ids)
    while some := list(islice(rest, _READ_TERMS)):
        yield Some(_telling(some, asked.is_beside_in, deadline), len(some))


def _telling(ids: Sequence[int], is_met_by: Callable[[str], bool], deadline: Deadline) -> list[int]:
    """Those of these entries whose terms meet a condition, in their order."""
    met = {pk: is_met_by(terms) for pk, terms in terms_of(ids, deadline)}
    is_met_by_none = is_met_by("")
    return [pk for pk in ids if met.get(pk, is_met_by_none)]


def terms_of(ids: Sequence[int], deadline: Deadline) -> Iterator[tuple[int, str]]:
    """The ids and the terms of those of these entries that have some, in no order; few are in memory at a time."""
    rows = EntryText.objects.filter(pk__in=among(ids)).order_by().values_list("pk", "terms")
    for row in rows.iterator(chunk_size=_ROWS_IN_MEMORY):
        deadline.check()
        yield row
