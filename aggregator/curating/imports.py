"""Imports of lists that are too long for one request: stored at once, added step by step by whoever has time.

The worker goes on with what a request began, and each minute it takes up what lies there, because the queue was away
or a worker was killed. A step is one transaction.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from aggregator.exchange.opml import ListedRule, Outline
from aggregator.models import FeedImport, ImportLine
from aggregator.models.faults import FAULTS
from aggregator.models.sql import save_each

from .lists import ADDED_AT_ONCE, PAUSE_SECONDS, ListLine, Wanted, add_some, shown_address

logger = logging.getLogger(__name__)

Treat = Callable[[FeedImport, Sequence[ImportLine]], list[ListLine]]
"""Says what becomes of the next lines of an import, in their order."""


def begin_import(
    wanted: Iterable[Wanted],
    *,
    category: str = "",
    curator: str,
    now: datetime,
    notes: Sequence[str] = (),
    env_lines: Sequence[str] = (),
) -> FeedImport:
    """Store what a list names, to be added by `add_next` and `add_waiting`; `category` goes before the list's own.

    The import's page shows what isn't taken over (`notes`), and lines for `.env`.
    """
    entries = list(wanted)
    with transaction.atomic():
        row = FeedImport.objects.create(
            curator=curator,
            category=category,
            created_at=now,
            moved_at=now,
            line_count=len(entries),
            notes=list(notes),
            env_lines=list(env_lines),
        )
        ImportLine.objects.bulk_create(_line(row, number, entry) for number, entry in enumerate(entries))
    return row


def add_next(import_id: int, now: datetime) -> list[ListLine]:
    """Look at the next lines of an import, and add their feeds. What became of them.

    Empty if there is nothing left to do, or if somebody else is at it.
    """
    return _look_at(import_id, now, ADDED_AT_ONCE, _added)


def _look_at(import_id: int, now: datetime, most: int, treat: Treat) -> list[ListLine]:
    with transaction.atomic():
        row = FeedImport.objects.take(import_id)
        if row is None:
            return []
        waiting = list(row.lines.waiting()[:most])
        found = treat(row, waiting)
        for line, became in zip(waiting, found, strict=True):
            line.kind, line.text, line.feed, line.wanted = became.kind, became.text, became.feed, {}
        save_each(waiting, ["kind", "text", "feed", "wanted"])
        _come_further(row, found, now)
    return found


def stop_import(import_id: int, curator: str, now: datetime) -> int:
    """Look at no more lines of an import; what was added stays. Returns how many lines were left."""
    with transaction.atomic():
        row = FeedImport.objects.take(import_id, skip_locked=False)
        if row is None:
            return 0
        text = f"Not looked at: {curator} stopped the import."
        left = row.lines.waiting().update(kind=ImportLine.Kind.LEFT, text=text, wanted={})
        row.moved_at = row.finished_at = now
        row.save()
    return left


def add_waiting(now: datetime, *, seconds: float) -> int:
    """Go on with all imports that aren't done, for about `seconds`. Returns how many lines were looked at."""
    stop_at = time.monotonic() + seconds
    count = 0
    for pk in list(FeedImport.objects.unfinished().values_list("pk", flat=True)):
        while time.monotonic() < stop_at and (found := _next_step(pk, now)):
            count += len(found)
            time.sleep(PAUSE_SECONDS)
    return count


def _next_step(import_id: int, now: datetime) -> list[ListLine]:
    """`add_next`; where it fails by a fault of ours, one line alone, which is refused if that fails, too.

    Otherwise each minute would begin with that line again, and no other import would come further.
    """
    for most in (ADDED_AT_ONCE, 1):
        try:
            return _look_at(import_id, now, most, _added)
        except FAULTS:
            raise
        except Exception:
            logger.exception("import failed import=%d lines=%d", import_id, most)
    return _look_at(import_id, now, 1, _refused)


def _added(row: FeedImport, lines: Sequence[ImportLine]) -> list[ListLine]:
    return add_some([_outline(line) for line in lines], category=row.category, shelves=row.shelves)


def _refused(row: FeedImport, lines: Sequence[ImportLine]) -> list[ListLine]:
    sentence = "It could not be added, by a fault on our side that was written down. Try to add it by itself."
    return [ListLine(url=line.url, kind="refused", text=sentence) for line in lines]


def _line(row: FeedImport, number: int, entry: Wanted) -> ImportLine:
    wanted = {
        "url": entry.url,
        "title": entry.title,
        "site_url": entry.site_url,
        "category": entry.category,
        "rules": [list(rule) for rule in entry.rules],
    }
    return ImportLine(feed_import=row, number=number, url=shown_address(entry.url), wanted=wanted)


def _outline(line: ImportLine) -> Outline:
    rules = tuple(ListedRule(*rule) for rule in line.wanted.get("rules", ()))  # an older version stored none
    return Outline(**{**line.wanted, "rules": rules})


def _come_further(row: FeedImport, found: Iterable[ListLine], now: datetime) -> None:
    counts = Counter(line.kind for line in found)
    row.added_count += counts["added"]
    row.known_count += counts["known"]
    row.refused_count += counts["refused"]
    row.moved_at = now
    if row.looked_at_count >= row.line_count:
        row.finished_at = now
    row.save()
