"""What curators decide about a feed that changed: what becomes of its held posts, and whether it has moved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aggregator.models import Entry, EntryQuerySet, Feed, FeedQuerySet, site_change
from aggregator.models.names import lock_names
from aggregator.storing import identity

from .adding import FeedRefused, checked_address, known_feed, refuse_removed
from .entries import hide, unhide
from .feeds import revise


def accept(feeds: FeedQuerySet, now: datetime) -> int:
    """Show the held posts of these feeds. Those that looked like other blogs are known by what they are now.

    Returns how many posts were shown.
    """
    with site_change():
        chosen = Feed.objects.filter(pk__in=[feed.pk for feed in feeds.locked()])
        count = unhide(_held_of(chosen), now)
        identity.accept(chosen, now)
        return count


def hide_held(feeds: FeedQuerySet, now: datetime) -> int:
    """Hide the held posts of these feeds; what the feeds are known by stays. Returns how many posts were hidden."""
    return hide(_held_of(feeds), now)


def use_proposed(feed: Feed, now: datetime) -> None:
    """Give the feed the address that was found for it, due at once. Raises FeedRefused."""
    with site_change():
        row = Feed.objects.select_for_update().get(pk=feed.pk)
        if not row.proposed_url:
            raise FeedRefused("No address is proposed any more: the feed has answered, or changed, meanwhile.")
        point_to(row, row.proposed_url, now)


def point_to(feed: Feed, url: str, now: datetime) -> None:
    """Give the feed, whose row is locked, another address, due at once. Raises FeedRefused. Within a `site_change`."""
    feed.url = checked_address(url)
    lock_names(addresses=[feed.url])
    known = known_feed(feed.url)
    if known and known.pk != feed.pk:
        raise FeedRefused(f"That address is here already: {known.shown_title}.")
    refuse_removed([feed.url])
    revise(feed, ["url"], now)


def dismiss_proposed(feed: Feed) -> None:
    """Drop the proposal, for good: the same address is not proposed again."""
    with transaction.atomic():
        row = Feed.objects.select_for_update().get(pk=feed.pk)
        if row.proposed_url:
            row.dismissed_url, row.proposed_url = row.proposed_url, ""
            row.save(update_fields=["dismissed_url", "proposed_url"])


def _held_of(feeds: FeedQuerySet) -> EntryQuerySet:
    return Entry.objects.filter(feed__in=feeds).held()
