"""Entries judged by the rules of their feed. A dropped entry is stored and not shown, so it never comes back as new.

New and edited entries are judged as they are stored. When rules change, the newest entries are judged at once, and the
worker goes on with the older ones, in batches: `Feed.unjudged_below` says how far it came. Entries that are shown again
keep their places on pages, and aren't announced.
"""

from __future__ import annotations

import logging
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import unescape
from importlib import import_module

from django.db.models import F, Q

from aggregator.folding.fold import fold
from aggregator.folding.locks import lock_posts
from aggregator.models import Entry, EntryQuerySet, Feed, FilterRule, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.tagging import follow

from .rules import MAX_TEXT_CHARACTERS, Judge, Post, Rule

logger = logging.getLogger(__name__)

BATCH_ENTRIES = 500
"""Judged in one transaction; not more, as others wait for its locks."""
MAX_LOADED_ENTRIES = 50
"""Entries whose texts are in memory at the same time."""


def apply_rules(entries_of: Mapping[int, Sequence[Entry]], now: datetime) -> None:
    """Set (unsaved) whether a feed's rules drop these entries, by the feed's id.

    A new entry that is dropped is not to be announced.
    """
    entries_of = {feed_id: entries for feed_id, entries in entries_of.items() if entries}
    rules: defaultdict[int, list[Rule]] = defaultdict(list)
    for row in FilterRule.objects.filter(feed__in=entries_of):
        rules[row.feed_id].append(rule_of(row))
    for feed_id, entries in entries_of.items():
        judge = Judge(rules[feed_id])
        for entry in entries:
            entry.is_filtered = judge.judge(post_of(entry, with_text=judge.reads_text)).is_dropped
            if entry.is_filtered and entry.announced_at is None:
                entry.announced_at = entry.first_seen_at
        _note_out_of_time(judge, now)


def slow_to_judge(feed_ids: Iterable[int]) -> set[int]:
    """The ids of those feeds whose rules can take seconds over a document, because they have expressions."""
    return set(FilterRule.objects.filter(feed__in=list(feed_ids), is_regex=True).values_list("feed", flat=True))


def judge_anew(feed: Feed, now: datetime) -> None:
    """Judge the feed's entries by rules that have changed: the newest now, the others as soon as the worker can.

    Call it in the change's transaction, which must be a `site_change`. A form that gave the feed a new address, too,
    has locked all of its posts already, so nobody is waited for here.
    """
    row = Feed.objects.select_for_update().get(pk=feed.pk)
    FilterRule.objects.filter(feed=row).update(out_of_time_at=None)
    _judge_batch(row, Entry.objects.from_feed(row).kept(), now)
    refresh_counts([row])
    SiteState.objects.touch(now)


def judge_waiting(now: datetime, *, seconds: float) -> int:
    """Judge older entries that new rules haven't reached yet, for about `seconds`. Returns how many were judged."""
    stop_at = time.monotonic() + seconds
    count = 0
    for pk in Feed.objects.filter(unjudged_below__isnull=False).order_by("pk").values_list("pk", flat=True):
        while time.monotonic() < stop_at and (done := _judge_next(pk, now)):
            count += done
    return count


def rule_of(row: FilterRule) -> Rule:
    """The rule that a row stands for, saved or not."""
    return Rule(
        is_keep=row.action != FilterRule.Action.DROP,
        is_required=row.action == FilterRule.Action.REQUIRE,
        field=row.field,
        pattern=row.pattern,
        is_regex=row.is_regex,
        pk=row.pk,
    )


def post_of(entry: Entry, *, with_text: bool) -> Post:
    """What rules see of an entry. Making its text takes time, and a query if the entry was loaded without content."""
    text, beside = (_text_of(entry.content_html), _beside(entry.content_html)) if with_text else ("", "")
    return Post(title=entry.title, tags=tuple(entry.tags), author=entry.author, text=text, beside=beside)


def _text_of(content_html: str) -> str:
    # By name, as few feeds have rules that read the text, and every poll would spend part of its start on expressions.
    text: str = import_module("aggregator.ingest.markup").plain_text(content_html, MAX_TEXT_CHARACTERS)
    return text


def _beside(content_html: str) -> str:
    """What the text says of its pictures and of short forms."""
    found = re.findall(r'\s(?:alt|title)="([^"]+)"', content_html)  # compiled as late as what reads the text
    return unescape(" ".join(found))[:MAX_TEXT_CHARACTERS]


def _judge_next(feed_id: int, now: datetime) -> int:
    with site_change():
        row = Feed.objects.select_for_update().filter(pk=feed_id, unjudged_below__isnull=False).first()
        if row is None:
            return 0
        count, has_changed = _judge_batch(
            row, Entry.objects.from_feed(row).kept().filter(pk__lt=row.unjudged_below), now
        )
        if has_changed:
            refresh_counts([row])
            SiteState.objects.touch(now)
        return count


def _judge_batch(feed: Feed, entries: EntryQuerySet, now: datetime) -> tuple[int, bool]:
    """Judge the newest of these, and note where the others begin. How many were judged, and whether any has changed."""
    judge = Judge(rule_of(row) for row in FilterRule.objects.filter(feed=feed))
    judged = entries.order_by("-pk") if judge.reads_text else entries.order_by("-pk").without_content()
    last, count = None, 0
    changed: dict[bool, list[int]] = {True: [], False: []}
    for entry in judged[:BATCH_ENTRIES].iterator(chunk_size=MAX_LOADED_ENTRIES):
        is_dropped = judge.judge(post_of(entry, with_text=judge.reads_text)).is_dropped
        if is_dropped != entry.is_filtered:
            changed[is_dropped].append(entry.pk)
        last, count = entry.pk, count + 1
    feed.unjudged_below = last if count == BATCH_ENTRIES else None
    feed.save(update_fields=["unjudged_below"])
    _note_out_of_time(judge, now)
    ids = [*changed[True], *changed[False]]
    lock_posts(ids)
    _save(changed[True], changed[False])
    fold(ids, now)
    follow(Q(pk__in=ids))
    logger.info("judged feed=%d entries=%d dropped=%d shown=%d", feed.pk, count, *map(len, changed.values()))
    return count, any(changed.values())


def _save(dropped: Sequence[int], shown: Sequence[int]) -> None:
    Entry.objects.filter(pk__in=shown).update(is_filtered=False)
    entries = Entry.objects.filter(pk__in=dropped)
    entries.update(is_filtered=True)
    # With the moment of arrival, an entry counts as never announced; a copy in another feed may still be announced.
    entries.unannounced().update(announced_at=F("first_seen_at"))


def _note_out_of_time(judge: Judge, now: datetime) -> None:
    """Note on the rules that had to be stopped that they were: the feed's page in the admin shows it."""
    stopped: Iterable[int] = [rule.pk for rule in judge.out_of_time if rule.pk]
    if stopped:
        FilterRule.objects.filter(pk__in=stopped).update(out_of_time_at=now)
        logger.info("rules out of time rules=%s", ",".join(map(str, stopped)))
