"""What entries of before are found by: made in small steps, from the newest down, by the worker.

After an upgrade that brings other terms, too, or where somebody asks for it (`manage.py search --rebuild`). Each step
is a transaction, so whoever is killed goes on where the last one ended. A step passes over rows that others are
changing, and is done once more then: they may yet undo what they do.
"""

from __future__ import annotations

import time

from django.db import transaction
from django.db.models import Q

from aggregator.models import Entry, SearchState
from aggregator.models.steps import in_steps

from .index import index
from .terms import VERSION

STEP_ROWS = 500
"""Entries in one transaction."""


def catch_up(*, seconds: float) -> int:
    """Go on for about `seconds`; later runs do so from there. How many entries were looked at."""
    if SearchState.objects.current().is_done_for(VERSION):
        return 0
    return in_steps(step, until=time.monotonic() + seconds)


@transaction.atomic
def step() -> int:
    """One transaction's worth; how many entries it looked at. 0 if all is done, or must wait for somebody."""
    state = SearchState.objects.take()
    if state is None:
        return 0
    state.begin(VERSION)
    page = list(state.still_to_read().values_list("pk", "timeline_at")[:STEP_ROWS])
    if page and not _index([pk for pk, _ in page], is_thorough=state.is_thorough):
        return 0
    if page:
        last, moment = page[-1]
        state.reach(moment, last)
    else:
        state.is_done, state.is_thorough = True, False
    state.save()
    return len(page)


def _index(entry_ids: list[int], *, is_thorough: bool) -> bool:
    """Whether it could be done for all of these entries that are there."""
    rows = Entry.objects.filter(pk__in=entry_ids).order_by("pk")
    if not is_thorough:
        rows = rows.filter(Q(text=None) | ~Q(text__version=VERSION))
    wanted = list(rows.values_list("pk", flat=True))
    free = Entry.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True, skip_locked=True)
    locked = list(free.values_list("pk", flat=True))
    index(locked)
    return not Entry.objects.filter(pk__in={*wanted} - {*locked}).exists()
