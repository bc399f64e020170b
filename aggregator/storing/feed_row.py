"""Feeds whose poll brought nothing become rows: most of them at every tick, so many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Response
from aggregator.models import Feed, SiteState
from aggregator.models.sql import save_each

from .documents import Stored, succeed, under_lease

_OF_EVERY_POLL = ("last_polled_at", "last_ok_at", "next_poll_at", "lease")


def store_all_unchanged(
    polled: Sequence[tuple[Feed, Response]], *, now: datetime, policy: SchedulePolicy
) -> list[Stored]:
    """Note good polls that brought nothing, in one transaction; a feed whose lease is gone is left out.

    Two queries, and one more for each feed of which more than its schedule changed.
    """
    answers = {feed.pk: response for feed, response in polled}
    with transaction.atomic():
        rows = under_lease(feed for feed, _ in polled)
        quiet = [row for row in rows if not _note(row, answers[row.pk], now, policy)]
        save_each(quiet, _OF_EVERY_POLL)
    return [Stored(feed=row) for row in rows]


def _note(row: Feed, response: Response, now: datetime, policy: SchedulePolicy) -> bool:
    """Whether more than the schedule changed; then the row is saved."""
    before = _lasting(row)
    if succeed(row, response, now, policy):
        SiteState.objects.touch(now)
    if _lasting(row) == before:
        return False
    row.save()
    return True


def _lasting(row: Feed) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in _OF_EVERY_POLL}
