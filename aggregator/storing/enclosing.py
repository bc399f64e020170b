"""What stands beside posts becomes rows. That is no edit of a post: it counts for none, and is bounded by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.ingest.address import lasting_part
from aggregator.ingest.types import Enclosure as Found
from aggregator.ingest.types import Item
from aggregator.models import Enclosure, Entry

MIN_RENEWAL_AGE = timedelta(days=1)
"""Addresses that differ in their query alone are taken over no sooner: servers of podcasts sign all of them anew at
every poll, and a row for each of them would be written each time."""

_INSERTED_ENCLOSURES = 500
"""In one statement."""

Pair = tuple[Entry, Item]


def changed_beside(known: Sequence[Pair], now: datetime) -> list[Pair]:
    """Of entries and the items that they are, those beside which something else stands now. One query, or none.

    Beside an emptied entry, nothing stands any more.
    """
    known = [(entry, item) for entry, item in known if not entry.emptied_at]
    rows: defaultdict[int, list[Enclosure]] = defaultdict(list)
    for row in Enclosure.objects.beside(entry for entry, _ in known) if known else ():
        rows[row.entry_id].append(row)
    return [(entry, item) for entry, item in known if _differs(rows[entry.pk], item.enclosures, now)]


def save_beside(new: Sequence[Pair], changed: Sequence[Pair], now: datetime) -> None:
    """Write the rows of new entries, and those of `changed` ones anew. Both must be stored already."""
    if changed:
        Enclosure.objects.filter(entry__in=[entry.pk for entry, _ in changed]).delete()
    rows = [
        Enclosure(
            entry=entry,
            position=position,
            url=one.url,
            media_type=one.media_type,
            byte_count=one.byte_count,
            seconds=one.seconds,
            title=one.title,
            taken_at=now,
        )
        for entry, item in (*new, *changed)
        for position, one in enumerate(item.enclosures)
    ]
    if rows:
        Enclosure.objects.bulk_create(rows, batch_size=_INSERTED_ENCLOSURES)


def _differs(rows: Sequence[Enclosure], found: Sequence[Found], now: datetime) -> bool:
    before = [(row.url, _said_of(row)) for row in rows]
    after = [(one.url, _said_of(one)) for one in found]
    if before == after:
        return False
    is_signed_anew = [(lasting_part(url), *rest) for url, *rest in before] == [
        (lasting_part(url), *rest) for url, *rest in after
    ]
    return not is_signed_anew or now - rows[0].taken_at >= MIN_RENEWAL_AGE


def _said_of(one: Enclosure | Found) -> tuple[str, int | None, int | None, str]:
    return one.media_type, one.byte_count, one.seconds, one.title
