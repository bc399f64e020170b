"""Taking sources off for good: what is removed isn't added again by a list, a proposal, a redirect or a found feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.models import Feed, RemovedSource
from aggregator.models.removed_source import own_place


def note_removed(
    feeds: Iterable[Feed], now: datetime, *, reason: str = "", until: datetime | None = None, keeps_feed: bool = True
) -> None:
    """Note that the places of these feeds were removed; one that was removed before keeps its reason if none is new.

    `keeps_feed` says that the feeds stay as rejected ones: to resume one gives its place back. Call it in the
    transaction that rejects or deletes them.
    """
    for feed in feeds:
        host, path = own_place(feed.url, feed.site_url, is_host_shared=_has_others(feed))
        row, is_new = RemovedSource.objects.get_or_create(host=host, path=path, defaults={"created_at": now})
        if is_new or reason:
            row.reason, row.until = reason, until
        row.feed = feed if keeps_feed else None
        row.save()


def give_back(feeds: Iterable[Feed]) -> None:
    """The places of these rejected feeds are no longer removed."""
    RemovedSource.objects.filter(feed__in=list(feeds)).delete()


def _has_others(feed: Feed) -> bool:
    """Whether another blog that is wanted here is on the feed's host."""
    others = Feed.objects.exclude(pk=feed.pk).exclude(state=Feed.State.REJECTED)
    bare = feed.host.removeprefix("www.")
    return others.filter(host__in=[bare, f"www.{bare}"]).exists()
