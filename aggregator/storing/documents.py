"""What documents bring becomes rows: entries, and their feeds' rows, in one transaction.

A crash before the commit repeats the poll; a crash after it has lost nothing. Only a feed whose lease is still the one
that the poll began with is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from aggregator.filtering.judging import apply_rules, slow_to_judge
from aggregator.folding.fold import fold
from aggregator.folding.locks import lock_posts
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Response
from aggregator.models import Entry, Feed, FeedMemory, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.names import choose_slugs
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
from .matching import Match, load_contents, match
from .undated import presumed_dates

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
        _save_feeds(updates)
        folded = fold(ids, now, rewritten=[entry.pk for update in updates for entry in update.rewritten])
        known = {entry.pk for update in updates for entry in (*update.changed, *update.tagged)}
        tag_entries(entries, known=known | folded.moved_ids.intersection(entry.pk for entry in entries))
        refresh_counts(update.feed for update in visible)
        joins = save_authors(new_pairs, [pair for update in updates for pair in update.changed_pairs])
        if visible:
            SiteState.objects.touch(now, of_sources_alone=not (may_be_elsewhere or folded.feed_ids or joins))
        _announce_after_commit(entry.pk for update in updates for entry in update.new)
    return [*(update.stored(folded.held_ids) for update in updates), *doubles]


@dataclass(slots=True)
class _Update:
    """What a document changes of its feed, whose row is locked: that row, and entries."""

    feed: Feed
    response: Response
    document: Document
    match: Match
    is_first_poll: bool
    is_newcomer: bool
    """Whether all that it brings is new to us, however much and however old."""
    is_read_anew: bool
    """Whether the rules for reading have changed: then it is they that changed known entries, and no author."""
    asked_host: str
    """The host of the feed when it was asked. Where that changes, another copy of its posts may be the one to show."""
    new: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    tagged: list[Entry] = field(default_factory=list)
    """Entries that only got tags, where they had none."""
    is_other_feed: bool = False
    """Whether its address or state is another now."""
    is_other_beside: bool = False
    """Whether something else stands beside its known entries."""

    @property
    def new_pairs(self) -> list[Pair]:
        """The new entries and the items that they are of."""
        return list(zip(self.new, reversed(self.match.fresh), strict=True))

    @property
    def changed_pairs(self) -> list[Pair]:
        """The entries that changed, with their feed at hand, and the items that they are."""
        for entry in self.changed:
            entry.feed = self.feed
        ids = {entry.pk for entry in self.changed}
        return [(entry, item) for entry, item in self.match.known if entry.pk in ids]

    @property
    def rewritten(self) -> Sequence[Entry]:
        """Those that their author changed."""
        return [] if self.is_read_anew else self.changed

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.new, *self.changed, *self.tagged)

    def take_nothing(self) -> None:
        """The document is another feed's, which is read by itself: it is no reason to doubt this one either."""
        self.match, self.document = Match([], []), replace(self.document, items=(), memory="")
        self.new, self.changed, self.tagged = [], [], []
        note_drift(self.feed, "")

    def stored(self, held_ids: Collection[int]) -> Stored:
        """What it brought; `held_ids` are the entries that are held because of others."""
        held = sum(entry.is_held or entry.pk in held_ids for entry in self.new)
        return Stored(feed=self.feed, new=len(self.new), held=held, changed=len(self.changed))


def _lock_feeds_and_match(polled: Sequence[Polled]) -> list[_Update]:
    """One for each feed whose lease is still ours: its row, locked, and which entries its document's items are."""
    answers = {one.feed.pk: one for one in polled}
    rows = under_lease(one.feed for one in polled)
    anew = {row.pk for row in rows if is_to_read_anew(row)}
    matches = match({row.pk: answers[row.pk].document.items for row in rows}, anew)
    return [
        _Update(
            feed=row,
            response=answers[row.pk].response,
            document=answers[row.pk].document,
            match=matches[row.pk],
            is_first_poll=row.last_ok_at is None,
            is_newcomer=row.last_ok_at is None or (row.pk in anew and not row.entries.exists()),
            is_read_anew=row.pk in anew,
            asked_host=row.host,
        )
        for row in rows
    ]


def _load_contents_to_edit(updates: Iterable[_Update], now: datetime) -> None:
    """Load the contents of entries that are edited and keep theirs, as those are saved too; one query for all feeds."""
    load_contents(
        entry
        for update in updates
        for entry, item in update.match.known
        if item.content_html is None and is_to_follow(entry, item, now, is_read_anew=update.is_read_anew)
    )


def _judge_drift(update: _Update) -> None:
    """Note on the feed's row (unsaved) whether the document is another feed's."""
    feed, known = update.feed, update.match.known
    reason = "" if update.is_first_poll else reason_to_doubt(feed, update.response, update.document, known)
    note_drift(feed, reason)


def _make_entries(update: _Update, now: datetime) -> None:
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


def _changed_beside(updates: Sequence[_Update], now: datetime) -> list[Pair]:
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


def _told_apart(updates: Sequence[_Update]) -> tuple[list[_Update], list[Stored]]:
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
    updates: Sequence[_Update], described: Collection[int], now: datetime, policy: SchedulePolicy
) -> list[_Update]:
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
    return [update for update in updates if update.entries or update.is_first_poll or update.feed.pk in differing]


def _may_be_elsewhere(visible: Iterable[_Update], described: Collection[int]) -> bool:
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


def _save_entries(updates: Sequence[_Update]) -> None:
    save_each([entry for update in updates for entry in update.changed], FOLLOWED_FIELDS)
    save_each([entry for update in updates for entry in update.tagged], ("tags", "is_filtered"))
    index(entry.pk for update in updates for entry in (*update.changed, *update.tagged))


def _save_feeds(updates: Sequence[_Update]) -> None:
    save_each([update.feed for update in updates], _WHOLE_ROW)
    FeedMemory.objects.keep({update.feed.pk: update.document.memory for update in updates})


def _announce_after_commit(entry_ids: Iterable[int]) -> None:
    ids = list(entry_ids)
    if ids:
        transaction.on_commit(lambda: entries_added.send_robust(sender=Feed, entry_ids=ids), robust=True)
