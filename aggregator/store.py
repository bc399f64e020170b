"""What a poll found becomes rows: entries, validators, schedule and health of one feed in one transaction.

A crash before the commit repeats the poll; a crash after it has lost nothing. Every function here demands the lease
that the poll began with: a worker that took too long finds it gone and changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Max

from .bylines import has_author_titles
from .filtering import apply_rules, take_first_tags
from .flood import republished
from .fold import fold, identify
from .identity import drift_of, note_drift
from .ingest import schedule
from .ingest.errors import HttpStatus, IngestError
from .ingest.schedule import SchedulePolicy
from .ingest.types import Document, Item, Response
from .matching import match
from .models import Entry, Feed, FeedMemory, SiteState
from .moves import follow_move
from .resting import let_rest, rest_until
from .signals import entries_added

LATE = timedelta(hours=48)
"""A post that an established feed publishes later than this is shown at the moment it was first seen."""
DATE_FOLLOWS = timedelta(hours=48)
"""An author may correct a post's date for this long."""
NEWS = timedelta(days=3)
"""Older posts are not announced."""
MOST_EDITS = 24
"""A feed that changes a post at every poll is followed this often."""


class LeaseLost(Exception):
    """Another worker has the feed by now; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The feed as it is now, and how many entries came and changed."""

    feed: Feed
    new: int = 0
    changed: int = 0


def known_content(feed: Feed, most: int = 500) -> dict[str, str]:
    """Content hash by guid of the feed's newest entries: what the reader need not clean again."""
    known = Entry.objects.from_feed(feed).order_by("-pk").values_list("guid", "content_hash")
    return dict(known[:most])


def store_document(
    feed: Feed, response: Response, document: Document, *, now: datetime, policy: SchedulePolicy
) -> Stored:
    """Store what a feed holds. Raises LeaseLost."""
    with _held(feed) as row:
        is_first_poll = row.last_ok_at is None
        entries, fresh = match(row, document.items)
        drifted = "" if is_first_poll else drift_of(row, response, document, entries)
        note_drift(row, drifted)
        held = frozenset() if is_first_poll else _kept_back(row, fresh, now)
        changed = [entry for entry, item in entries if not drifted and _follow(entry, item, now)]
        tagged = [entry for entry, item in entries if not drifted and take_first_tags(entry, item)]
        new = [_new_entry(row, item, now, held, is_first_poll=is_first_poll) for item in reversed(fresh)]
        if new or changed or tagged:
            SiteState.objects.hold()  # before entries are locked: others may be folding copies of them
        apply_rules(row, (*new, *changed, *tagged), now)
        Entry.objects.bulk_update(changed, EDITABLE, batch_size=100)
        Entry.objects.bulk_update(tagged, ["tags", "is_filtered"], batch_size=100)
        new = Entry.objects.bulk_create(new, batch_size=100)
        is_renamed = not drifted and _describe(row, document)
        row.interval_seconds = _interval(document, policy)
        succeed(row, response, now, policy)
        row.save()
        FeedMemory.objects.keep(row, document.memory)
        fold((entry.pk for entry in (*new, *changed, *tagged)), now)
        if new or changed or tagged or is_renamed or is_first_poll:
            row.refresh_counts()
            SiteState.objects.touch(now)
        if new:
            ids = [entry.pk for entry in new]
            transaction.on_commit(
                partial(entries_added.send_robust, sender=Feed, feed_id=row.pk, entry_ids=ids), robust=True
            )
    return Stored(feed=row, new=len(new), changed=len(changed))


def store_failure(
    feed: Feed, error: IngestError, *, now: datetime, policy: SchedulePolicy, found_url: str | None = None
) -> Stored:
    """Note in plain words what went wrong, and when to try again. Raises LeaseLost.

    `found_url` is where the feed may live on, to be proposed; empty if a look found nothing, None without a look.
    """
    with _held(feed) as row:
        row.failure_count += 1
        row.failing_since = row.failing_since or now
        row.last_error_kind = error.kind
        row.last_error = str(error)[:300]
        row.last_polled_at = now
        row.lease = None
        if found_url is not None:
            row.looked_at, row.proposed_url = now, found_url
        row.next_poll_at = schedule.next_failure(now, row.failure_count, jitter=_jitter(), policy=policy)
        status = error.status if isinstance(error, HttpStatus) else None
        if row.state == Feed.State.GONE or schedule.is_gone(status, error.kind, row.failing_since, now):
            _give_up(row, now)
        _obey_retry_after(row, error, now)
        row.save()
    return Stored(feed=row)


@contextmanager
def _held(feed: Feed) -> Iterator[Feed]:
    """The feed's row, locked, in a transaction; LeaseLost if the lease that the poll began with is gone."""
    with transaction.atomic():
        row = Feed.objects.select_for_update().filter(pk=feed.pk, lease=feed.lease).first()
        if row is None:
            raise LeaseLost
        yield row


EDITABLE = [
    *("guid", "url", "title", "author", "source_title", "source_url", "language"),
    *("content_html", "content_hash", "excerpt", "published_at", "updated_at", "timeline_at", "edit_count"),
    *("link_key", "id_key", "title_key", "tags", "is_filtered"),
]


def _follow(entry: Entry, item: Item, now: datetime) -> bool:
    """Take over what the author changed; whether there was anything."""
    is_edited = _texts(entry) != (item.title, item.url, item.author, item.content_hash)
    is_edited = is_edited or (bool(entry.tags) and {*entry.tags} != {*item.tags})
    is_redated = _is_redated(entry, item) and now - entry.first_seen_at <= DATE_FOLLOWS
    if not (is_edited or is_redated or entry.guid != item.guid) or entry.edit_count >= MOST_EDITS:
        return False
    entry.guid, entry.url, entry.title, entry.author = item.guid, item.url, item.title, item.author
    entry.source_title, entry.source_url, entry.language = item.source_title, item.source_url, item.language
    entry.updated_at, entry.tags = item.updated_at, list(item.tags)
    if item.content_html is not None:
        entry.content_html, entry.content_hash, entry.excerpt = item.content_html, item.content_hash, item.excerpt
    if is_redated and item.published_at is not None:
        entry.published_at = item.published_at
        stands_at_arrival = entry.timeline_at == entry.first_seen_at
        entry.timeline_at = _place(item.published_at, entry.first_seen_at, is_late_lifted=stands_at_arrival)
    entry.edit_count += 1
    identify(entry)
    return True


def _is_redated(entry: Entry, item: Item) -> bool:
    """Whether the author gave the post another date, as far as that moves it.

    Dates after the moment that it was first seen are all the same: a feed that dates its posts anew at every poll, or
    into the future, would come back to the top each time.
    """
    if item.published_at is None:
        return False
    before = entry.published_at and min(entry.published_at, entry.first_seen_at)
    return min(item.published_at, entry.first_seen_at) != before


def _texts(entry: Entry) -> tuple[str, str, str, str]:
    return entry.title, entry.url, entry.author, entry.content_hash


def _kept_back(feed: Feed, fresh: Sequence[Item], now: datetime) -> frozenset[str]:
    """Guids of the new items that wait for a curator: those of another feed, or of an archive."""
    if feed.is_drifting:
        return frozenset(item.guid for item in fresh)
    return republished(fresh, _newest_known(feed, now))


def _newest_known(feed: Feed, now: datetime) -> datetime | None:
    """The newest date that the feed gave a post, but for those that it put into the future."""
    dated = Entry.objects.from_feed(feed).filter(published_at__lte=now)
    newest: datetime | None = dated.aggregate(newest=Max("published_at"))["newest"]
    return newest


def _new_entry(feed: Feed, item: Item, now: datetime, held: Collection[str], *, is_first_poll: bool) -> Entry:
    published = min(item.published_at or now, now)
    is_held = item.guid in held
    is_news = not is_first_poll and not is_held and now - published <= NEWS
    entry = Entry(
        feed=feed,
        guid=item.guid,
        url=item.url,
        title=item.title,
        author=item.author,
        source_title=item.source_title,
        source_url=item.source_url,
        language=item.language,
        content_html=item.content_html or "",
        content_hash=item.content_hash,
        excerpt=item.excerpt,
        tags=list(item.tags),
        published_at=item.published_at,
        updated_at=item.updated_at,
        first_seen_at=now,
        timeline_at=_place(published, now, is_late_lifted=not is_first_poll and not is_held),
        is_held=is_held,
        announced_at=None if is_news else now,
    )
    identify(entry)
    return entry


def _place(published_at: datetime, first_seen_at: datetime, *, is_late_lifted: bool) -> datetime:
    """When a post is shown: at its date, but not after it came; a late one when it came, if late ones are lifted."""
    is_late = first_seen_at - published_at > LATE
    return first_seen_at if is_late and is_late_lifted else min(published_at, first_seen_at)


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
        SiteState.objects.hold()
        feed.choose_slug()
    return before != _shown_of(feed)


def _shown_of(feed: Feed) -> tuple[str | bool, ...]:
    return feed.title, feed.site_url, feed.slug, feed.description, feed.language, feed.has_author_titles


def _interval(document: Document, policy: SchedulePolicy) -> int:
    """How long to wait between polls: kept on the row, because a 304 tells nothing of the feed's rhythm."""
    published = [item.published_at for item in document.items if item.published_at]
    return schedule.interval_seconds(published, policy, asked_seconds=document.ttl_seconds or 0)


def succeed(feed: Feed, response: Response, now: datetime, policy: SchedulePolicy) -> None:
    """Set what a good poll means for the row; it is not saved."""
    before = (feed.url, feed.state)
    follow_move(feed, response.permanent_url, now)
    feed.etag, feed.last_modified = response.etag, response.last_modified
    feed.body_hash = response.body_hash or feed.body_hash
    if feed.state in {Feed.State.PENDING, Feed.State.GONE}:
        feed.state = Feed.State.ACTIVE
    feed.last_polled_at = feed.last_ok_at = now
    feed.failing_since, feed.failure_count = None, 0
    feed.last_error_kind = feed.last_error = feed.proposed_url = ""
    feed.lease = None
    asked = schedule.freshness_seconds(response.headers, now)
    feed.next_poll_at = schedule.next_success(now, feed.interval_seconds, asked, jitter=_jitter(), policy=policy)
    if before != (feed.url, feed.state):
        SiteState.objects.touch(now)  # pages show both, even if no post came


def _give_up(feed: Feed, now: datetime) -> None:
    """The feed is gone; its entries stay, and it is probed about once a month."""
    if feed.state == Feed.State.ACTIVE:
        feed.state = Feed.State.GONE
        SiteState.objects.touch(now)
    feed.next_poll_at = now + timedelta(seconds=schedule.PROBE_SECONDS)


def _obey_retry_after(feed: Feed, error: IngestError, now: datetime) -> None:
    until = rest_until(error, now)
    if until is not None:
        feed.next_poll_at = max(feed.next_poll_at, until)
        let_rest(feed.host, until, now)


def _jitter() -> float:
    """Spreads feeds out, so that those added together aren't polled together for ever."""
    return random.uniform(-1, 1)  # noqa: S311 -- no secret
