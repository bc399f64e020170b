"""A blog that moves: once a curator accepts its new address, the feed is read there."""

from __future__ import annotations

from datetime import datetime

from aggregator.curating.adding import FeedRefused, checked_address, known_feed, refuse_removed
from aggregator.curating.feeds import revise
from aggregator.models import Feed, Submission, site_change
from aggregator.models.names import lock_names


def accept_move(submission: Submission, now: datetime) -> None:
    """Point the feed to its new address, due at once; its posts stay. Raises FeedRefused, and changes nothing then."""
    with site_change():
        feed = Feed.objects.select_for_update().get(pk=submission.moves_id or 0)
        feed.url = checked_address(submission.feed_url)
        lock_names(addresses=[feed.url])
        known = known_feed(feed.url)
        if known and known.pk != feed.pk:
            raise FeedRefused(f"That address is here already: {known.shown_title}.")
        refuse_removed([feed.url])
        revise(feed, ["url"], now)
