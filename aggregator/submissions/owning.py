"""What a blog's proven owner does with its source here: nothing that a curator decided is undone by it.

Each verb is given the row's id and what the page showed of it (`standing`). It locks feed, then ownership, and raises
NotDone, with a sentence, if the page is older than the source or the proof is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from aggregator.curating import feeds
from aggregator.models import Entry, EntryQuerySet, Feed, Ownership, Submission, site_change

from .proposing import end

TAKEN_OFF = "Its owner took it off."
MAX_HELD_TITLES = 50


class NotDone(ValueError):
    """What was asked for wasn't done; its text is a sentence for people."""


def standing(feed: Feed, ownership: Ownership) -> list[str | bool]:
    """What its owner decides by: if it changed since, the page is old."""
    return [feed.state, feed.display, feed.url, ownership.paused_at is not None]


def may_pause(feed: Feed) -> bool:
    return feed.state == Feed.State.ACTIVE


def may_resume(feed: Feed, ownership: Ownership) -> bool:
    """Whether it is paused, and by this owner: what a curator paused, a curator resumes."""
    return feed.state == Feed.State.PAUSED and ownership.paused_at is not None


def held_posts(feed: Feed) -> EntryQuerySet:
    """The newest of its posts that wait for a curator, without their text."""
    held = Entry.objects.filter(feed=feed).held().without_content()
    return held.order_by("-timeline_at", "-pk")[:MAX_HELD_TITLES]


def set_display(pk: int, shown: Sequence[object], display: str, now: datetime) -> None:
    """Show whole posts, excerpts or titles of the source."""
    if display not in Feed.Display.values:
        raise NotDone("Choose whole posts, excerpts or titles.")
    with owned(pk, shown) as (feed, row):
        if feed.display != display:
            feed.display = display
            feeds.revise(feed, ["display"], now)
            row.note(f"chose {feed.get_display_display()}", now)
            remember(row)


def pause(pk: int, shown: Sequence[object], now: datetime) -> None:
    """Have the source polled no more; its posts stay."""
    with owned(pk, shown) as (feed, row):
        if not feeds.pause(Feed.objects.filter(pk=feed.pk), now):
            raise NotDone(f"Only what is read can be paused; this source is {feed.get_state_display()}.")
        row.paused_at = now
        row.note("paused it", now)
        remember(row)


def resume(pk: int, shown: Sequence[object], now: datetime) -> None:
    """Have the source polled again, if this owner paused it."""
    with owned(pk, shown) as (feed, row):
        if not may_resume(feed, row):
            raise NotDone("Only what you paused yourself can you resume. A curator can do it.")
        feeds.resume(Feed.objects.filter(pk=feed.pk), now)
        row.paused_at = None
        row.note("resumed it", now)
        remember(row)


def take_off(pk: int, shown: Sequence[object], now: datetime) -> None:
    """Take the source off this site. It doesn't come back by lists or proposals; a curator can resume it.

    A new address that waits for it is taken back.
    """
    with site_change():
        waiting = Submission.objects.open().filter(moves__ownerships=pk).order_by("pk")
        moves = list(waiting.select_for_update(of=("self",)))  # before its feed, as curators lock them
        with owned(pk, shown) as (feed, row):
            feeds.reject(Feed.objects.filter(pk=feed.pk), now, reason=TAKEN_OFF)
            row.note("took it off", now)
            remember(row)
        for move in moves:
            end(move, Submission.State.WITHDRAWN, now)


@contextmanager
def owned(pk: int, shown: Sequence[object]) -> Iterator[tuple[Feed, Ownership]]:
    """The feed and the ownership, both locked, as the page showed them."""
    with site_change():
        feed_id = Ownership.objects.filter(pk=pk).values_list("feed_id", flat=True).first()
        feed = Feed.objects.filter(pk=feed_id or 0).locked().first()
        row = Ownership.objects.select_for_update().filter(pk=pk, feed=feed).first()
        if feed is None or row is None:
            raise NotDone("The source is no longer here.")
        if not row.is_proven:
            raise NotDone("The proof that this blog is yours is gone, so nothing was done. Show it again first.")
        if list(shown) != standing(feed, row):
            raise NotDone("The source changed since you opened this page, so nothing was done. Here is how it is now.")
        yield feed, row


def remember(row: Ownership) -> None:
    """Save what its owner did."""
    row.save(update_fields=["deeds", "paused_at"])
