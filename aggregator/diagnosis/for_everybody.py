"""What everybody is told of reading a feed: how it goes, in a sentence, why posts wait, and when it is asked next. Asks
the database nothing."""

from __future__ import annotations

from datetime import datetime

from aggregator.models import Feed
from aggregator.models.public_trouble import is_failing_for_long

from .feed_health import is_silent
from .notes import held_cause

_WHY_POSTS_WAIT = {
    "changed": "the feed looks different from before",
    "many": "they were more than one blog may bring in a day",
    "foreign": "they may be another blog’s, as their links or other marks are",
    "archive": "they are older than what is here, and many came together",
}


def how_it_goes(feed: Feed, now: datetime) -> str:
    """Of all that can be said of it, what its readers and its author ask first."""
    if not feed.has_address:
        return "There is no feed to read: the curators add posts of guests one by one."
    if feed.state == Feed.State.PAUSED:
        return "It is paused: no new posts are fetched, and those that are here stay."
    if feed.state == Feed.State.GONE:
        return "Its feed can’t be read any more. Its posts stay, and we try again about once a month."
    if feed.failure_count:
        return _failing(feed)
    if feed.is_drifting:
        return "It answers, but looks different from before. A curator looks at it before its new posts are shown."
    if feed.double_of_id:
        return "Its address leads to where another blog of this site is read, so nothing is taken from there."
    return _well(feed, now)


def why_posts_wait(feed: Feed) -> str:
    """Why posts wait for a curator, in general words; empty if none do."""
    return _WHY_POSTS_WAIT[held_cause(feed)] if feed.held_count else ""


def next_look_at(feed: Feed) -> datetime | None:
    """When the feed is asked next: later than it would be by itself if its server asked for rest; None if never."""
    if not feed.is_polled:
        return None
    return max(feed.next_poll_at, feed.rests_until or feed.next_poll_at)


def _failing(feed: Feed) -> str:
    if is_failing_for_long(feed):
        return "It can’t be read just now. We go on trying; what it publishes meanwhile comes later."
    return "The last look failed. That happens to every server; we try again soon."


def _well(feed: Feed, now: datetime) -> str:
    if feed.last_ok_at is None:
        return "It is new here, and is read soon."
    if not feed.entry_count:
        return "It is read, but no post of it is shown."
    if feed.held_count:
        return "All is well: it is read and shown, and some of its posts wait for a curator."
    if is_silent(feed, now):
        return "All is well: it is read, and had no new post for half a year."
    return "All is well: it is read and shown."
