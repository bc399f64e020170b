"""What documents bring becomes rows: entries, and their feeds' rows, in one transaction.

A crash before the commit repeats the poll; a crash after it has lost nothing. Only a feed whose lease is still the one
that the poll began with is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aggregator.filtering.judging import apply_rules, slow_to_judge
from aggregator.folding.fold import fold
from aggregator.folding.locks import lock_posts
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Response
from aggregator.models import Entry, Feed, FeedDay, FeedMemory, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.names import choose_slugs
from aggregator.models.public_trouble import public_trouble
from aggregator.models.sql import save_each
from aggregator.models.tagging import tag_entries
from aggregator.search.index import index
from aggregator.signals import entries_added

from .anew import is_to_read_anew, note_reading
from .authoring import save_authors
from .doubles import doubles_of
from .enclosing import Pair, changed_beside, save_beside
from .feed_row import Stored, describe, lock_goals, note_success, under_lease
from .following import FOLLOWED_FIELDS, follow, is_to_follow, new_entry, take_first_tags
from .holding import guids_to_hold, hold_flood
from .identity import note_drift, reason_to_doubt
from .inserting import insert_entries
from .matching import load_contents, match
from .undated import presumed_dates
from .update import Update

_WHOLE_ROW = tuple(column.name for column in Feed._meta.concrete_fields if not column.primary_key)


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed with the lease that its poll began with, the answer to the poll, and the document in that."""

    feed: Feed
    response: Response
    document: Document


def lots(polled: Sequence[Polled]) -> list[list[Polled]]:
    """The documents in groups that are each stored in one transaction.

    A document is alone if its feed's rules can take seconds, as others wait for the database's lock, or for the site's
    row, all that time.
    """
    slow = slow_to_judge(one.feed.pk for one in polled)
    quick = [one for one in polled if one.feed.pk not in slow]
    return [*([quick] if quick else []), *([one] for one in polled if one.feed.pk in slow)]


def store_documents(polled: Sequence[Polled], *, now: datetime, policy: SchedulePolicy) -> list[Stored]:
    """Store what documents bring to their feeds; a feed whose lease is gone is left out.

    All in one transaction, as a query for all costs about what it costs for one. `sql` tells the order of locks.
    """
    with site_change():
        updates = _lock_feeds_and_match(polled)
        _load_contents_to_edit(updates, now)
        for update in updates:
            _judge_drift(update)
            _make_entries(update, now)
        apply_rules({update.feed.pk: update.entries for update in updates}, now)  # may take seconds, so before locks
        updates, doubles = _told_apart(updates)
        beside = _changed_beside(updates, now)
        for update in updates:
            if not update.is_newcomer:
                hold_flood(update.feed, update.new, now)
        described = {update.feed.pk for update in updates if describe(update.feed, update.document, policy)}
        visible = _set_feed_rows(updates, described, now, policy)
        insert_entries(entry for update in updates for entry in update.new)
        entries = [entry for update in updates for entry in update.entries]
        moved = [update.feed for update in updates if update.feed.host != update.asked_host]
        posts_of_moved = Entry.objects.filter(feed__in=moved).values_list("pk", flat=True) if moved else ()
        lock_posts(ids := [*(entry.pk for entry in entries), *posts_of_moved], drafts=entries)
        may_be_elsewhere = _may_be_elsewhere(visible, described)
        for update in visible:
            update.feed.note_shown(now)
        _save_entries(updates)
        new_pairs = [pair for update in updates for pair in update.new_pairs]
        save_beside(new_pairs, beside, now)
        _save_feeds(updates, now)
        folded = fold(ids, now, rewritten=[entry.pk for update in updates for entry in update.rewritten])
        known = {entry.pk for update in updates for entry in (*update.changed, *update.tagged)}
        tag_entries(entries, known=known | folded.moved_ids.intersection(entry.pk for entry in entries))
        FeedDay.objects.add(update.look(folded.moved_ids, now) for update in updates)
        refresh_counts(update.feed for update in visible)
        joins = save_authors(new_pairs, [pair for update in updates for pair in update.changed_pairs])
        if visible:
            SiteState.objects.touch(now, of_sources_alone=not (may_be_elsewhere or folded.feed_ids or joins))
        _announce_after_commit(entry.pk for update in updates for entry in update.new)
    return [*(update.stored(folded.held_ids) for update in updates), *doubles]


def _lock_feeds_and_match(polled: Sequence[Polled]) -> list[Update]:
    """One for each feed whose lease is still ours: its row, locked, and which entries its document's items are."""
    answers = {one.feed.pk: one for one in polled}
    rows = under_lease(one.feed for one in polled)
    anew = {row.pk for row in rows if is_to_read_anew(row)}
    matches = match({row.pk: answers[row.pk].document.items for row in rows}, anew)
    return [
        Update(
            feed=row,
            response=answers[row.pk].response,
            document=answers[row.pk].document,
            match=matches[row.pk],
            is_first_poll=row.last_ok_at is None,
            is_newcomer=row.last_ok_at is None or (row.pk in anew and not row.entries.exists()),
            is_read_anew=row.pk in anew,
            asked_url=row.url,
            asked_host=row.host,
            trouble=public_trouble(row),
        )
        for row in rows
    ]


def _load_contents_to_edit(updates: Iterable[Update], now: datetime) -> None:
    """Load the contents of entries that are edited and keep theirs, as those are saved too; one query for all feeds."""
    load_contents(
        entry
        for update in updates
        for entry, item in update.match.known
        if item.content_html is None and is_to_follow(entry, item, now, is_read_anew=update.is_read_anew)
    )


def _judge_drift(update: Update) -> None:
    """Note on the feed's row (unsaved) whether the document is another feed's."""
    feed, known = update.feed, update.match.known
    reason = "" if update.is_first_poll else reason_to_doubt(feed, update.response, update.document, known)
    note_drift(feed, reason)


def _make_entries(update: Update, now: datetime) -> None:
    """Make entries of new items, and change those that are there (all unsaved).

    Of a document that is another feed's, the new items are held and nothing else is followed.
    """
    feed, fresh, is_anew = update.feed, update.match.fresh, update.is_read_anew
    is_newcomer = update.is_newcomer
    known = [] if feed.is_drifting else update.match.known
    to_hold = frozenset[str]() if is_newcomer else guids_to_hold(feed, fresh, now)
    update.changed = [entry for entry, item in known if follow(entry, item, now, is_read_anew=is_anew)]
    update.tagged = [entry for entry, item in known if take_first_tags(entry, item)]
    presumed = presumed_dates(update.document, now) if is_newcomer else {}
    # From the document's end, so that entries of one moment keep its order on pages (`newest_first`).
    update.new = [
        new_entry(feed, item, now, to_hold, is_first_poll=is_newcomer, presumed=presumed.get(item.guid))
        for item in reversed(fresh)
    ]


def _changed_beside(updates: Sequence[Update], now: datetime) -> list[Pair]:
    """The known entries beside which something else stands now; of a document that is another feed's, none."""
    for update in updates:
        if any(item.enclosures for item in update.document.items):
            update.feed.has_enclosures = True
    lookable = [update for update in updates if update.feed.has_enclosures and not update.feed.is_drifting]
    changed = changed_beside([pair for update in lookable for pair in update.match.known], now)
    feed_ids = {entry.feed_id for entry, _ in changed}
    for update in updates:
        update.is_other_beside = update.feed.pk in feed_ids
    return changed


def _told_apart(updates: Sequence[Update]) -> tuple[list[Update], list[Stored]]:
    """The updates but for those of new feeds that are here already, and these. Others that are take nothing over."""
    stems = [update.feed.slug_stem for update in updates if update.is_first_poll]
    lock_goals(((update.feed, update.response) for update in updates), slug_stems=stems)
    doubles = doubles_of([(update.feed, update.response) for update in updates])
    for update in updates:
        update.feed.double_of = doubles.get(update.feed.pk)
        if update.feed.double_of:
            update.take_nothing()
    refused = {update.feed.pk: update.feed for update in updates if update.is_first_poll and update.feed.pk in doubles}
    kept = [update for update in updates if update.feed.pk not in refused]
    return kept, [Stored(feed=feed, listed_url=doubles[pk].url) for pk, feed in refused.items()]


def _set_feed_rows(
    updates: Sequence[Update], described: Collection[int], now: datetime, policy: SchedulePolicy
) -> list[Update]:
    """Set on the rows (unsaved) what the polls say of them. `described` are those that say other things of themselves.

    Those of which readers see a difference, in the feed or in its entries. Names are taken on the way: a new feed's
    slug, and the address that a feed has moved to.
    """
    choose_slugs((update.feed for update in updates if update.is_first_poll), Feed.objects.all())
    for update in updates:
        update.is_other_feed = note_success(update.feed, update.response, now, policy)
        if update.feed.double_of is None:
            note_reading(update.feed)
    differing = {*described, *(update.feed.pk for update in updates if update.is_other_feed)}
    differing |= {update.feed.pk for update in updates if update.is_other_beside}
    differing |= {update.feed.pk for update in updates if public_trouble(update.feed) != update.trouble}
    return [update for update in updates if update.entries or update.is_first_poll or update.feed.pk in differing]


def _may_be_elsewhere(visible: Iterable[Update], described: Collection[int]) -> bool:
    """Whether a page of another source may show what changes: the feed itself, as one that has a post, too, or a copy
    (what is folded from now on, or no longer, is for `fold` to say).
    """
    return any(
        update.is_first_poll
        or update.is_other_feed
        or update.feed.pk in described
        or any(entry.duplicate_of_id for entry in update.entries)
        for update in visible
    )


def _save_entries(updates: Sequence[Update]) -> None:
    save_each([entry for update in updates for entry in update.changed], FOLLOWED_FIELDS)
    save_each([entry for update in updates for entry in update.tagged], ("tags", "is_filtered"))
    index(entry.pk for update in updates for entry in (*update.changed, *update.tagged))


def _save_feeds(updates: Sequence[Update], now: datetime) -> None:
    save_each([update.feed for update in updates], _WHOLE_ROW)
    FeedMemory.objects.keep({update.feed.pk: (update.document.memory, update.met(now)) for update in updates})


def _announce_after_commit(entry_ids: Iterable[int]) -> None:
    ids = list(entry_ids)
    if ids:
        transaction.on_commit(lambda: entries_added.send_robust(sender=Feed, entry_ids=ids), robust=True)
