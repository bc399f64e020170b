"""What polls found becomes rows: a feed's entries, validators, schedule and health in one transaction.

A crash before the commit repeats the poll; a crash after it has lost nothing. Every function here demands the lease
that the poll began with: a worker that took too long finds it gone and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from aggregator.filtering.judging import apply_rules, slow_to_judge
from aggregator.folding.fold import fold
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Response
from aggregator.models import Entry, Feed, FeedMemory, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import save_each
from aggregator.signals import entries_added

from .feed_row import Stored, describe, poll_interval_seconds, succeed, under_lease
from .following import EDITABLE, follow, is_to_follow, new_entry, take_first_tags
from .holding import guids_to_hold
from .identity import drift_of, note_drift
from .matching import Match, load_contents, match

_WHOLE_ROW = tuple(field.name for field in Feed._meta.concrete_fields if not field.primary_key)


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed with the lease that its poll began with, the answer to the poll, and the document in that."""

    feed: Feed
    response: Response
    document: Document


def lots(polled: Sequence[Polled]) -> list[list[Polled]]:
    """The documents as they may be stored together: alone if its feed's rules can take seconds.

    All that time others wait for the database's lock, or for the site's row.
    """
    slow = slow_to_judge(one.feed.pk for one in polled)
    quick = [one for one in polled if one.feed.pk not in slow]
    return [*([quick] if quick else []), *([one] for one in polled if one.feed.pk in slow)]


def store_documents(polled: Sequence[Polled], *, now: datetime, policy: SchedulePolicy) -> list[Stored]:
    """Store what feeds hold, all in one transaction; a feed whose lease is gone is left out.

    In one transaction, as a query for all of them costs about what it costs for one.
    """
    with transaction.atomic():
        news = _news_of(polled, now)
        _store_entries(news, now)
        seen = [each for each in news if _update_row(each, now, policy)]
        if seen:
            SiteState.objects.touch(now)  # before addresses are taken: others may be adding a feed at one of them
        save_each([each.feed for each in news], _WHOLE_ROW)
        FeedMemory.objects.keep({each.feed.pk: each.document.memory for each in news})
        fold((entry.pk for each in news for entry in each.touched), now)
        refresh_counts(each.feed for each in seen)
        ids = [entry.pk for each in news for entry in each.new]
        if ids:
            transaction.on_commit(partial(entries_added.send_robust, sender=Feed, entry_ids=ids), robust=True)
    return [each.stored for each in news]


@dataclass(slots=True)
class _News:
    """What a document brings to its feed, whose row is locked: entries that are new, edited, or only got their tags."""

    feed: Feed
    response: Response
    document: Document
    is_first_poll: bool
    new: list[Entry]
    changed: list[Entry]
    tagged: list[Entry]

    @property
    def stored(self) -> Stored:
        held = sum(entry.is_held for entry in self.new)
        return Stored(feed=self.feed, new=len(self.new), held=held, changed=len(self.changed))

    @property
    def touched(self) -> tuple[Entry, ...]:
        return (*self.new, *self.changed, *self.tagged)


def _news_of(polled: Sequence[Polled], now: datetime) -> list[_News]:
    answers = {one.feed.pk: one for one in polled}
    rows = under_lease(one.feed for one in polled)
    matches = match({row.pk: answers[row.pk].document.items for row in rows})
    pairs = (pair for each in matches.values() for pair in each.known)
    load_contents(entry for entry, item in pairs if item.content_html is None and is_to_follow(entry, item, now))
    return [_news(row, answers[row.pk], matches[row.pk], now) for row in rows]


def _news(row: Feed, one: Polled, match: Match, now: datetime) -> _News:
    is_first_poll = row.last_ok_at is None
    drifted = "" if is_first_poll else drift_of(row, one.response, one.document, match.known)
    note_drift(row, drifted)
    kept_back = frozenset() if is_first_poll else guids_to_hold(row, match.fresh, now)
    known = [] if drifted else match.known
    return _News(
        feed=row,
        response=one.response,
        document=one.document,
        is_first_poll=is_first_poll,
        changed=[entry for entry, item in known if follow(entry, item, now)],
        tagged=[entry for entry, item in known if take_first_tags(entry, item)],
        new=[new_entry(row, item, now, kept_back, is_first_poll=is_first_poll) for item in reversed(match.fresh)],
    )


def _store_entries(news: Sequence[_News], now: datetime) -> None:
    apply_rules({each.feed.pk: each.touched for each in news}, now)  # may take seconds, so before all polls wait for us
    if any(each.touched or each.is_first_poll for each in news):
        SiteState.objects.lock()  # before entries are locked: others may be folding copies of them
    save_each([entry for each in news for entry in each.changed], EDITABLE)
    save_each([entry for each in news for entry in each.tagged], ("tags", "is_filtered"))
    Entry.objects.bulk_create((entry for each in news for entry in each.new), batch_size=100)


def _update_row(news: _News, now: datetime, policy: SchedulePolicy) -> bool:
    """Set on the row (unsaved) what its poll says of it; whether readers see a difference, in it or in its entries."""
    row, document = news.feed, news.document
    is_renamed = not row.is_drifting and describe(row, document)
    row.interval_seconds = poll_interval_seconds(document, policy)
    is_moved = succeed(row, news.response, now, policy)
    return bool(news.touched) or news.is_first_poll or is_renamed or is_moved
