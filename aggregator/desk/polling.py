"""Polling because a curator asks for it: ask the worker, wait a little, and say in a sentence what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from aggregator.curating.adding import drop_doubles
from aggregator.diagnosis import advice_for, filtered_note, held_note
from aggregator.models import Feed
from aggregator.storing.resting import wish_of, wishes
from aggregator.tasks import poll_and_wait, poll_soon
from aggregator.worker import QUEUE_AWAY, Reply

WAIT_SECONDS = 8
"""How long a curator's browser waits for the worker."""
NOT_POLLED = {
    Reply.LATE: "The worker hasn't answered yet; is it running?",
    Reply.FAILED: "The worker could not do it just now; its log says why.",
    Reply.QUEUE_AWAY: QUEUE_AWAY,
}


def poll_and_tell(request: HttpRequest, feed: Feed) -> None:
    """Have the feed polled, and leave the curator a message."""
    reply = poll_and_wait([feed.pk], WAIT_SECONDS)
    if reply is not Reply.DONE:
        messages.warning(request, f"{NOT_POLLED[reply]} {_what_comes(feed)}")
        return
    entries, held, dropped = feed.entry_count, feed.held_count, feed.filtered_count
    feed.refresh_from_db()
    now = timezone.now()
    if wish := wish_of(feed, wishes(now), now):
        messages.warning(request, f"{feed.shown_title}: {wish}")
        return
    if feed.failure_count:
        messages.error(request, f"{feed.shown_title}: {feed.last_error} {advice_for(feed)}")
        return
    is_new, is_held, is_dropped = feed.entry_count > entries, feed.held_count > held, feed.filtered_count > dropped
    if is_new:
        messages.success(request, f"{feed.shown_title}: {_entries(feed.entry_count - entries)} new.")
    if is_held:
        messages.warning(request, f"{feed.shown_title}: {held_note(feed)}")
    if is_dropped:
        messages.info(request, f"{feed.shown_title}: {filtered_note(feed)}")
    if not (is_new or is_held or is_dropped):
        messages.success(request, f"{feed.shown_title} was read; there is nothing new.")


def poll_added(request: HttpRequest, feed: Feed) -> bool:
    """Have a new feed polled and say what was found; False if it was another feed's double and is deleted again."""
    typed_url = feed.url
    reply = poll_and_wait([feed.pk], WAIT_SECONDS)
    if reply is not Reply.DONE:
        messages.warning(request, f"Added. {NOT_POLLED[reply]} {_what_comes(feed)}")
        return True
    for double in drop_doubles([feed.pk]):
        messages.warning(request, f"Not added. {double.last_error}")
        return False
    feed.refresh_from_db()
    if feed.failure_count:
        messages.error(request, f"Added, but it can't be read yet. {feed.last_error} {advice_for(feed)}")
    else:
        place = "" if feed.url == typed_url else f" at {feed.url}"
        messages.success(request, f"Found “{feed.shown_title}”{place} with {_entries(feed.entry_count)}.")
    return True


def ask_for_polls(request: HttpRequest, feed_ids: Sequence[int]) -> None:
    """Have many feeds polled, and say what is done about it; nobody waits for so many."""
    due = poll_soon(feed_ids)
    if due is None:
        asked = feeds_in_words(len(feed_ids))
        messages.success(request, f"The worker is asked to poll {asked}; look again in a moment.")
        return
    others = len(feed_ids) - due
    left_out = f" Not {feeds_in_words(others)}: stopped, or a server asked for rest." if others else ""
    soon = f" It polls {feeds_in_words(due)} as soon as it can." if due else ""
    messages.warning(request, f"{QUEUE_AWAY}{soon}{left_out}")


def _what_comes(feed: Feed) -> str:
    """What becomes of a feed that should have been polled, and wasn't."""
    now = timezone.now()
    feed.refresh_from_db()
    if not feed.is_polled:
        return "The feed is stopped: press again once it answers."
    return wish_of(feed, wishes(now), now) or "The feed is polled as soon as it can be."


def feeds_in_words(count: int) -> str:
    """How many, such as `one feed` or `1,200 feeds`."""
    return "one feed" if count == 1 else f"{count:,} feeds"


def _entries(count: int) -> str:
    return "one entry" if count == 1 else f"{count} entries"
