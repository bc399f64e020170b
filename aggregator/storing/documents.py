"""What polls found becomes rows: a feed's entries, validators, schedule and health in one transaction.

A crash before the commit repeats the poll; a crash after it has lost nothing. Every function here demands the lease
that the poll began with: a worker that took too long finds it gone and changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Max

from aggregator.filtering.judging import apply_rules, slow_to_judge
from aggregator.folding.fold import fold
from aggregator.ingest import schedule
from aggregator.ingest.errors import HttpStatus, IngestError
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Item, Response
from aggregator.models import Entry, Feed, FeedMemory, SiteState
from aggregator.models.bylines import has_author_titles
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import save_each
from aggregator.signals import entries_added

from . import outage
from .following import EDITABLE, follow, is_to_follow, new_entry, take_first_tags
from .holding import MOST_BACKDATED, republished
from .identity import drift_of, note_drift
from .matching import Match, load_contents, match
from .moves import follow_move
from .resting import asked_rest, let_rest

_WHOLE_ROW = tuple(field.name for field in Feed._meta.concrete_fields if not field.primary_key)


class LeaseLost(Exception):
    """Another worker has the feed by now; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed with the lease that its poll began with, the answer to the poll, and the document in that."""

    feed: Feed
    response: Response
    document: Document


@dataclass(frozen=True, slots=True)
class Stored:
    """The feed as it is now, how many entries came, how many of these wait for a curator, and how many changed."""

    feed: Feed
    new: int = 0
    held: int = 0
    changed: int = 0


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
    kept_back = frozenset() if is_first_poll else _kept_back(row, match.fresh, now)
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
    is_renamed = not row.is_drifting and _describe(row, document)
    row.interval_seconds = _interval(document, policy)
    is_moved = succeed(row, news.response, now, policy)
    return bool(news.touched) or news.is_first_poll or is_renamed or is_moved


def store_failure(
    feed: Feed, error: IngestError, *, now: datetime, policy: SchedulePolicy, found_url: str | None = None
) -> Stored:
    """Note in plain words what went wrong, and when to try again. Raises LeaseLost.

    `found_url` is where the feed may live on, to be proposed; empty if a look found nothing, None without a look.
    """
    rest_until = asked_rest(error, now)
    with transaction.atomic():
        if rest_until is not None:
            let_rest(feed.host, rest_until, now, apart_from=feed)
        row = next(iter(under_lease([feed])), None)
        if row is None:
            raise LeaseLost
        is_ours = row.failure_count > 0 and outage.is_ours(error, row, now)
        if not is_ours:
            row.failure_count += 1
        row.failing_since = row.failing_since or now
        row.last_error_kind = error.kind
        row.last_error = str(error)[:300]
        row.last_polled_at = now
        row.lease, row.rests_until = None, rest_until
        if found_url is not None:
            row.looked_at, row.proposed_url = now, found_url
        row.next_poll_at = schedule.next_failure(now, row.failure_count, jitter=_jitter(), policy=policy)
        status = error.status if isinstance(error, HttpStatus) else None
        is_gone = row.state == Feed.State.GONE or schedule.is_gone(status, error.kind, row.failing_since, now)
        if is_gone and not is_ours:
            _give_up(row, now)
        row.next_poll_at = max(row.next_poll_at, rest_until or now)
        row.save()
    return Stored(feed=row)


def under_lease(feeds: Iterable[Feed]) -> list[Feed]:
    """The rows of these feeds, locked in the order of their ids; without those that have another lease by now."""
    leases = {feed.pk: feed.lease for feed in feeds}
    return [row for row in Feed.objects.filter(pk__in=leases).locked() if row.lease == leases[row.pk]]


def _kept_back(feed: Feed, fresh: Sequence[Item], now: datetime) -> frozenset[str]:
    """Guids of the new items that wait for a curator: those of another feed, or of an archive."""
    if feed.is_drifting:
        return frozenset(item.guid for item in fresh)
    return republished(fresh, _newest_known(feed, now)) if len(fresh) > MOST_BACKDATED else frozenset()


def _newest_known(feed: Feed, now: datetime) -> datetime | None:
    """The newest date that the feed gave a post, but for those that it put into the future."""
    dated = Entry.objects.from_feed(feed).filter(published_at__lte=now)
    newest: datetime | None = dated.aggregate(newest=Max("published_at"))["newest"]
    return newest


def _describe(feed: Feed, document: Document) -> bool:
    """Take over what the feed says of itself, but for what a curator wrote; whether readers see a difference.

    A title and a site that it no longer names stay: of a damaged document, sometimes only the posts can be read.
    """
    before = _shown_of(feed)
    title, site_url = document.title or feed.reported_title, document.site_url or feed.reported_site_url
    if feed.title in {"", feed.reported_title}:
        feed.title = title
    if feed.site_url in {"", feed.reported_site_url}:
        feed.site_url = site_url
    feed.reported_title, feed.reported_site_url = title, site_url
    feed.description = document.description
    if document.items:  # without one, nothing shows whether it is still the same feed
        feed.language, feed.reported_id = document.language, document.feed_id or feed.reported_id
    feed.has_author_titles = has_author_titles(document.items, before=feed.has_author_titles)
    if feed.last_ok_at is None:
        feed.choose_slug()
        feed.save(update_fields=["slug"])  # others of this transaction may have the same title
    return before != _shown_of(feed)


def _shown_of(feed: Feed) -> tuple[str | bool, ...]:
    return feed.title, feed.site_url, feed.slug, feed.description, feed.language, feed.has_author_titles


def _interval(document: Document, policy: SchedulePolicy) -> int:
    """How long to wait between polls: kept on the row, because a 304 tells nothing of the feed's rhythm."""
    published = [item.published_at for item in document.items if item.published_at]
    return schedule.interval_seconds(published, policy, asked_seconds=document.ttl_seconds or 0)


def succeed(feed: Feed, response: Response, now: datetime, policy: SchedulePolicy) -> bool:
    """Set (unsaved) what a good poll means for the row; whether readers see a difference, even if no post came."""
    before = (feed.url, feed.state)
    follow_move(feed, response.permanent_url, now)
    feed.etag, feed.last_modified = response.etag, response.last_modified
    feed.body_hash = response.body_hash or feed.body_hash
    if feed.state in {Feed.State.PENDING, Feed.State.GONE}:
        feed.state = Feed.State.ACTIVE
    feed.last_polled_at = feed.last_ok_at = now
    feed.failing_since, feed.failure_count = None, 0
    feed.last_error_kind = feed.last_error = feed.proposed_url = ""
    feed.lease = feed.rests_until = None
    asked = schedule.freshness_seconds(response.headers, now)
    feed.next_poll_at = schedule.next_success(now, feed.interval_seconds, asked, jitter=_jitter(), policy=policy)
    return before != (feed.url, feed.state)


def _give_up(feed: Feed, now: datetime) -> None:
    """The feed is gone; its entries stay, and it is probed about once a month."""
    if feed.state == Feed.State.ACTIVE:
        feed.state = Feed.State.GONE
        SiteState.objects.touch(now)
    feed.next_poll_at = now + timedelta(seconds=schedule.PROBE_SECONDS)


def _jitter() -> float:
    """Spreads feeds out, so that those added together aren't polled together for ever."""
    return random.uniform(-1, 1)  # noqa: S311 -- no secret
