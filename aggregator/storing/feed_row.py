"""What a poll says of its feed's row: its health, its schedule, its validators, and how the feed describes itself.

Whatever is stored demands the lease that the poll began with: a worker that took too long finds it gone and changes
nothing.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from aggregator.folding.fold import fold_feeds
from aggregator.ingest import schedule
from aggregator.ingest.errors import HttpStatus, IngestError
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Response
from aggregator.models import Feed, FeedDay, SiteState, site_change
from aggregator.models.bylines import has_author_titles
from aggregator.models.counting import refresh_counts
from aggregator.models.names import lock_names
from aggregator.models.public_trouble import Trouble, public_trouble
from aggregator.models.sql import save_each

from . import outage
from .doubles import doubles_of, place_of
from .met import failed_look, uneventful_look
from .moves import follow_move, goal_of
from .resting import answering_host, asked_rest, let_rest

logger = logging.getLogger(__name__)

_SET_BY_EVERY_POLL = ("last_polled_at", "last_ok_at", "next_poll_at", "lease", "unchanged_since")
"""The fields that every good poll changes; a poll that brought nothing changes no others."""
_LASTING = tuple(field for field in Feed._meta.concrete_fields if field.name not in _SET_BY_EVERY_POLL)
_SET_BY_FAILURES = (
    *("failure_count", "failing_since", "last_error_kind", "last_error", "looked_at", "proposed_url"),
    *("last_polled_at", "next_poll_at", "lease", "rests_until", "resting_host", "state"),
    *("shown_version", "shown_changed_at"),
)


class LeaseLost(Exception):
    """Another worker has the feed by now; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The feed as it is now, how many entries came, how many of these wait for a curator, and how many changed."""

    feed: Feed
    new: int = 0
    held: int = 0
    changed: int = 0
    listed_url: str = ""
    """The address of the listed feed that this new one is once more: nothing of it was stored."""


def under_lease(feeds: Iterable[Feed]) -> list[Feed]:
    """The rows of these feeds, locked in the order of their ids; without those that have another lease by now."""
    leases = {feed.pk: feed.lease for feed in feeds}
    return [row for row in Feed.objects.filter(pk__in=leases).locked() if row.lease == leases[row.pk]]


def store_all_unchanged(
    polled: Sequence[tuple[Feed, Response]], *, now: datetime, policy: SchedulePolicy
) -> list[Stored]:
    """Note good polls that brought nothing, in one transaction; a feed whose lease is gone is left out.

    Most feeds bring nothing at most polls, so many are stored at once: with three queries, and one more for each set of
    other fields that changed, and for each feed that moved.
    """
    answers = {feed.pk: response for feed, response in polled}
    with site_change():
        rows = under_lease(feed for feed, _ in polled)
        asked = {row.pk: (row.url, row.host) for row in rows}
        pending = {row.pk for row in rows if row.state == Feed.State.PENDING}
        lock_goals((row, answers[row.pk]) for row in rows)
        doubles = doubles_of([(row, answers[row.pk]) for row in rows])
        alike: defaultdict[tuple[str, ...], list[Feed]] = defaultdict(list)
        for row in rows:
            changed = _note_unchanged(row, answers[row.pk], doubles.get(row.pk), now, policy)
            if "url" in changed:  # at once, as the next one that moves must find the address taken
                save_each([row], (*_SET_BY_EVERY_POLL, *changed))
            else:
                alike[changed].append(row)
        for changed, same in alike.items():
            save_each(same, (*_SET_BY_EVERY_POLL, *changed))
        if pending:
            refresh_counts(row for row in rows if row.pk in pending)  # readers may know of them from now on
        looks = [uneventful_look(row, answers[row.pk], now, has_moved=row.url != asked[row.pk][0]) for row in rows]
        FeedDay.objects.add(looks)
        if moved := [row for row in rows if row.host != asked[row.pk][1]]:
            fold_feeds(moved, now)
    return [Stored(feed=row) for row in rows]


def _note_unchanged(
    row: Feed, response: Response, double_of: Feed | None, now: datetime, policy: SchedulePolicy
) -> tuple[str, ...]:
    """Set on the row (unsaved) what a good poll says; the names of the fields that it changed beside its schedule."""
    before, trouble = _lasting_values(row), public_trouble(row)
    row.double_of = double_of
    if note_success(row, response, now, policy):
        SiteState.objects.touch(now)
    note_trouble(row, trouble, now)
    after = _lasting_values(row)
    return tuple(field.name for field, old, new in zip(_LASTING, before, after, strict=True) if old != new)


def _lasting_values(row: Feed) -> list[Any]:
    """The values of all fields but those that every good poll changes."""
    return [getattr(row, field.attname) for field in _LASTING]


def store_failure(
    feed: Feed, error: IngestError, *, now: datetime, policy: SchedulePolicy, found_url: str | None = None
) -> Stored:
    """Note in plain words what went wrong, and when to try again. Raises LeaseLost.

    `found_url` is where the feed may live on, to be proposed; empty if nothing was found, None if nobody looked.
    """
    rest_until, answerer = asked_rest(error, now), answering_host(error, feed.url)
    with site_change():
        if rest_until is not None:
            let_rest(answerer, rest_until, now, apart_from=feed)  # it locks several feeds, so before this one's row
        row = next(iter(under_lease([feed])), None)
        if row is None:
            raise LeaseLost
        trouble = public_trouble(row)
        is_ours = row.failure_count > 0 and outage.is_ours(error, row, now)
        if not is_ours:
            row.failure_count += 1
        row.failing_since = row.failing_since or now
        row.last_error_kind = error.kind
        row.last_error = str(error)[:300]
        row.last_polled_at = now
        row.lease, row.rests_until = None, rest_until
        row.resting_host = answerer if rest_until else ""
        if found_url is not None:
            row.looked_at, row.proposed_url = now, found_url
        next_poll_at = schedule.next_failure(now, row.failure_count, jitter=_jitter(), policy=policy)
        row.next_poll_at = schedule.outside_of(next_poll_at, row.skip_hours, row.skip_days)
        status = error.status if isinstance(error, HttpStatus) else None
        is_gone = row.state == Feed.State.GONE or schedule.is_gone(status, error.kind, row.failing_since, now)
        if is_gone and not is_ours:
            _give_up(row, now)
        row.next_poll_at = max(row.next_poll_at, rest_until or now)
        note_trouble(row, trouble, now)
        row.save(update_fields=_SET_BY_FAILURES)
        if not is_ours:  # without a network, nobody looked
            FeedDay.objects.add([failed_look(row, error, now)])
    return Stored(feed=row)


def note_trouble(feed: Feed, before: Trouble | None, now: datetime) -> bool:
    """Have the pages of this feed alone made anew, if they say another thing of its health; whether they do (unsaved).

    The row must be locked, and saved whole or with what `note_shown` sets.
    """
    if public_trouble(feed) == before:
        return False
    feed.note_shown(now)
    SiteState.objects.touch(now, of_sources_alone=True)
    return True


def _give_up(feed: Feed, now: datetime) -> None:
    """The feed is gone; its entries stay, and it is probed about once a month."""
    if feed.state == Feed.State.ACTIVE:
        feed.state = Feed.State.GONE
        SiteState.objects.touch(now)
    feed.next_poll_at = now + timedelta(seconds=schedule.PROBE_SECONDS)


def lock_goals(polled: Iterable[tuple[Feed, Response]], *, slug_stems: Iterable[str] = ()) -> None:
    """Lock the addresses at which feeds were read, or to which they are sent for good, and these stems of slugs.

    `lock_names` tells what for.
    """
    goals = ((goal_of(feed, response.permanent_url), place_of(feed, response)) for feed, response in polled)
    lock_names(addresses={goal for pair in goals for goal in pair if goal}, slug_stems=slug_stems)


def note_success(feed: Feed, response: Response, now: datetime, policy: SchedulePolicy) -> bool:
    """Set (unsaved) what any good poll says of the feed; whether readers see a difference in the feed.

    Call `lock_goals` before, as the feed can take another address; and set whether it is a double.
    """
    before = feed.url, feed.state
    follow_move(feed, response.permanent_url, now)
    feed.leads_to = goal_of(feed, response.url)
    feed.unchanged_since = (feed.unchanged_since or now) if response.status == HTTPStatus.NOT_MODIFIED else None
    feed.etag, feed.last_modified = response.etag, response.last_modified
    feed.body_hash = response.body_hash or feed.body_hash
    if feed.double_of_id:
        # Nothing was taken over: once it is read apart again, its server must not say that nothing has changed.
        feed.etag = feed.last_modified = feed.body_hash = ""
    if feed.state in {Feed.State.PENDING, Feed.State.GONE}:
        feed.state = Feed.State.ACTIVE
    feed.last_polled_at = feed.last_ok_at = now
    feed.failing_since, feed.failure_count = None, 0
    feed.last_error_kind = feed.last_error = feed.proposed_url = ""
    feed.lease = feed.rests_until = None
    feed.resting_host = ""
    asked_seconds = schedule.freshness_seconds(response.headers, now)
    interval_seconds = policy.max_interval_seconds if feed.double_of_id else feed.interval_seconds
    next_poll_at = schedule.next_success(now, interval_seconds, asked_seconds, jitter=_jitter(), policy=policy)
    feed.next_poll_at = schedule.outside_of(next_poll_at, feed.skip_hours, feed.skip_days)
    return before != (feed.url, feed.state)


def describe(feed: Feed, document: Document, policy: SchedulePolicy) -> bool:
    """Take over (unsaved) what the feed says of itself, and its rhythm; whether readers see a difference.

    What a curator wrote stays; so do a title and a site that the feed no longer names, as sometimes only the posts of a
    damaged document can be read. While it looks like another feed, nothing of it is taken over but the rhythm; while it
    is read where another one is, nothing at all.
    """
    if feed.double_of_id:
        return False
    feed.interval_seconds = _interval_seconds(document, policy)
    feed.skip_hours, feed.skip_days = list(document.skip_hours), list(document.skip_days)
    _note_skipped(feed, document)
    if feed.is_drifting:
        return False
    before = _shown_of(feed)
    title, site_url = document.title or feed.reported_title, document.site_url or feed.reported_site_url
    if feed.title in {"", feed.reported_title}:
        feed.title = title
    if feed.site_url in {"", feed.reported_site_url}:
        feed.site_url = site_url
    feed.reported_title, feed.reported_site_url = title, site_url
    feed.description = document.description
    if document.items:  # without any, nothing shows whether it is still the same feed
        feed.language, feed.reported_id = document.language, document.feed_id or feed.reported_id
    feed.has_author_titles = has_author_titles(document.items, before=feed.has_author_titles)
    return before != _shown_of(feed)


def _note_skipped(feed: Feed, document: Document) -> None:
    """Note which items were left out; the log says so once, and not again at each poll that finds the same."""
    before, reasons = feed.skipped, _reasons(document)
    feed.skipped = reasons | _cut(document, before.get("cut", ()))
    if document.skipped.total and any(before.get(name) != count for name, count in reasons.items()):
        logger.info("skipped feed=%d items=%d", feed.pk, document.skipped.total)


def _reasons(document: Document) -> dict[str, int]:
    """How many of its items were left out, by reason; and of how many, if these were too many."""
    reasons = {name: count for name, count in asdict(document.skipped).items() if count}
    return reasons | ({"newest": len(document.items)} if document.skipped.too_old else {})


def _cut(document: Document, before: Collection[str]) -> dict[str, list[str]]:
    """The guids of posts that were cut off; of those that were known, and not cleaned again, it was noted `before`."""
    guids = [item.guid for item in document.items if item.is_cut or (item.content_html is None and item.guid in before)]
    return {"cut": guids} if guids else {}


def _shown_of(feed: Feed) -> tuple[str | bool, ...]:
    return feed.title, feed.site_url, feed.description, feed.language, feed.has_author_titles


def _interval_seconds(document: Document, policy: SchedulePolicy) -> int:
    """How long to wait between polls: kept on the row, because a 304 tells nothing of the feed's rhythm."""
    published = [item.published_at for item in document.items if item.published_at]
    # Dates in the future are all the moment of the poll, and no rhythm: of the posts at the newest moment, one counts.
    newest = max(published, default=None)
    moments = [moment for moment in published if moment != newest] + ([newest] if newest else [])
    return schedule.interval_seconds(moments, policy, asked_seconds=document.ttl_seconds or 0)


def _jitter() -> float:
    """A random number from -1 to 1, so that feeds that were added together aren't polled together for ever."""
    return random.uniform(-1, 1)  # noqa: S311 -- no secret
