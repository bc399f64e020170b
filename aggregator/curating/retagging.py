"""Posts come under other tags, step by step: those that were stored before there were tags, and those of tags that a
curator joined or took apart.

Each step is a transaction of its own, after which all is true that it did: where a worker is killed, the next goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef

from aggregator.models import Entry, EntryTag, Feed, SiteState, Tag, TagBacklog, TagOfMonth, site_change
from aggregator.models.steps import in_steps
from aggregator.models.tagging import tag_entries

logger = logging.getLogger(__name__)

STEP_ENTRIES = 500
"""In one transaction; others wait for it."""


def retag(now: datetime, *, seconds: float) -> int:
    """Go on for about `seconds` with what isn't done. Of how many entries the tags were looked at."""
    stop_at = time.monotonic() + seconds
    count = 0
    for step in (_move_joined, _look_at_parted, _fill):
        count += in_steps(partial(step, now), until=stop_at)
    if count:
        logger.info("tags of posts looked at: %d", count)
    return count


def renew_month(now: datetime) -> bool:
    """Choose anew what was written about in the last month; whether that is something else than before."""
    chosen = TagOfMonth.objects.choose(now)  # takes a while, and nobody has to wait for it
    if chosen == TagOfMonth.objects.chosen():
        return False
    with site_change():
        TagOfMonth.objects.replace(chosen)
        SiteState.objects.touch(now)
        return True


def _move_joined(now: datetime) -> int:
    """The next entries under a tag that is joined into another."""
    rows = EntryTag.objects.filter(tag=OuterRef("pk"))
    listed, others = Exists(rows.filter(is_listed=True)), Exists(rows.filter(is_listed=False))
    tag = Tag.objects.filter(listed | others, joined_into__isnull=False).order_by("pk").first()
    if tag is None:
        return 0
    for is_listed in (True, False):
        found = EntryTag.objects.filter(tag=tag, is_listed=is_listed).values_list("entry", flat=True)[:STEP_ENTRIES]
        if ids := sorted(found):
            return _look_at(ids, now)
    return 0


def _look_at_parted(now: datetime) -> int:
    """The next entries under the tag that stood for another one until they were taken apart."""
    tag = Tag.objects.filter(parted_from__isnull=False).order_by("pk").first()
    if tag is None:
        return 0
    under = EntryTag.objects.filter(tag=tag.parted_from_id, entry__gt=tag.parted_after).order_by("entry")
    ids = list(under.values_list("entry", flat=True)[:STEP_ENTRIES])
    _look_at(ids, now)
    # By itself: tags are changed in their order, and those of the entries have been. Once more does no harm.
    done = {"parted_after": ids[-1]} if ids else {"parted_from": None}
    Tag.objects.filter(pk=tag.pk, parted_from=tag.parted_from_id, parted_after=tag.parted_after).update(**done)
    return len(ids) or 1  # it is done with this tag: there may be another


def _fill(now: datetime) -> int:
    """The next entries that were stored before there were tags, the newest first."""
    with site_change():
        backlog = TagBacklog.objects.select_for_update().first()
        if backlog is None:
            return 0
        older = Entry.objects.filter(pk__lt=backlog.below).order_by("-pk")
        ids = list(older.values_list("pk", flat=True)[:STEP_ENTRIES])
        if not ids:
            backlog.delete()
            SiteState.objects.touch(now)  # pages say no more that some are missing
            return 0
        _look_at(sorted(ids), now)
        backlog.below = ids[-1]
        backlog.save(update_fields=["below"])
        return len(ids)


def _look_at(entry_ids: Iterable[int], now: datetime) -> int:
    """Have these entries stand under the tags that they name now. How many are left of them."""
    with site_change():
        rows = Entry.objects.filter(pk__in=list(entry_ids))
        # A poll may bring other tags in this instant: who is second sees what the first one did.
        list(Feed.objects.filter(pk__in=set(rows.values_list("feed", flat=True))).locked())
        entries = list(rows.order_by("pk").only("pk", "tags", "timeline_at"))
        tag_entries(entries, known={entry.pk for entry in entries})
        SiteState.objects.touch(now)
        return len(entries)
