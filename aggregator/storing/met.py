"""What a look at a feed met: a line for its day's counts, and what its author may want to know of its document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Any

from aggregator.ingest.errors import IngestError
from aggregator.ingest.types import MADE_OF_TEXT, Document, Response
from aggregator.models import Entry, Feed, Look


def uneventful_look(feed: Feed, response: Response, now: datetime, *, has_moved: bool = False) -> Look:
    """The look at a feed whose document is as it was."""
    is_short = response.status == HTTPStatus.NOT_MODIFIED
    return Look(feed.pk, now, unchanged=is_short, sent_whole=not is_short, has_moved=has_moved)


def failed_look(feed: Feed, error: IngestError, now: datetime) -> Look:
    """The look at a feed that couldn't be read; or whose server asked for rest, which is its good right."""
    is_put_off = feed.rests_until is not None
    return Look(feed.pk, now, failed=not is_put_off, put_off=is_put_off, trouble=error.kind)


def look_at_document(
    feed: Feed, new: Sequence[Entry], set_aside: Collection[int], now: datetime, *, has_moved: bool = False
) -> Look:
    """The look that brought another document; and these new entries, of which those with the ids `set_aside` were
    folded or held."""
    if not new:
        return Look(feed.pk, now, unchanged=True, has_moved=has_moved)
    shown = [entry for entry in new if not (entry.is_held or entry.is_filtered or entry.pk in set_aside)]
    delays = tuple(_delays(shown))
    return Look(feed.pk, now, brought=True, posts=len(shown), delay_seconds=delays, has_moved=has_moved)


def _delays(shown: Iterable[Entry]) -> Iterator[int]:
    """In seconds, of what is announced: an archive, or what is dated back, was not waited for.

    Nor does a date count that has no time of day, or is ahead: it doesn't tell when the post was published.
    """
    for entry in shown:
        published, seen = entry.published_at, entry.first_seen_at
        if entry.announced_at is None and published and published <= seen and _has_time(published):
            yield round((seen - published).total_seconds())


def _has_time(moment: datetime) -> bool:
    return moment.astimezone(UTC).time() != time.min


def met_in_document(document: Document, entries: Iterable[Entry], now: datetime) -> dict[str, Any]:
    """What is kept of a document (`FeedMemory.met`): which entries it has, and what could be mended. No words of it."""
    items = document.items
    counts = {
        "items": len(items) + document.skipped.total,
        "undated": sum(item.published_at is None for item in items),
        "nameless": sum(item.guid.startswith(MADE_OF_TEXT) and not item.url for item in items),
        "linkless": sum(not item.url for item in items),
        "mended": document.is_mended,
        "charset": document.charset_flaw,
        "bytes": document.byte_count,
    }
    noted = {name: value for name, value in counts.items() if value}
    return {"at": now.isoformat(), "entries": sorted(entry.pk for entry in entries), **noted}
