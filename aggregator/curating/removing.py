"""Taking sources off for good: what is removed isn't added again by a list, a proposal, a redirect or a found feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from aggregator.ingest.address import normalize_url
from aggregator.models import Feed, FeedQuerySet, RemovedSource
from aggregator.models.removed_source import MAX_PATH_CHARACTERS, own_place, places_of


class NoPlace(ValueError):
    """What was written names no place on the web; its text is a sentence for people."""


def note_removed(feeds: Iterable[Feed], now: datetime, *, reason: str = "", keeps_feed: bool = True) -> None:
    """Note that the places of these feeds were removed; one that was removed before keeps its reason if none is new.

    `keeps_feed` says that the feeds stay as rejected ones: to resume one gives its place back. A feed that shares all
    of its place with others has none to note. Call it in the transaction that rejects or deletes them.
    """
    for feed in feeds:
        place = own_place(feed.url, feed.site_url, is_host_shared=_has_others(feed))
        if not place:
            continue
        row, is_new = RemovedSource.objects.get_or_create(host=place[0], path=place[1], defaults={"created_at": now})
        if is_new or reason:
            row.reason, row.until = reason, None
        row.feed = feed if keeps_feed else None
        row.save()


def give_back(feeds: Iterable[Feed]) -> None:
    """The places of these rejected feeds are no longer removed."""
    RemovedSource.objects.filter(feed__in=list(feeds)).delete()


def place_named(text: str) -> tuple[str, str]:
    """The host and the path that somebody means by an address, or by part of one. Raises NoPlace."""
    try:
        places = places_of(normalize_url(text))
    except ValueError as error:
        raise NoPlace(str(error)) from error
    host, path = places[0]
    if len(path) > MAX_PATH_CHARACTERS:
        raise NoPlace(f"Its path has over {MAX_PATH_CHARACTERS} characters; shorten it.")
    return host, path


def still_there(removed: RemovedSource) -> FeedQuerySet:
    """The feeds that are wanted here though they lie in this removed place. To remove a place leaves them alone."""
    wanted = Feed.objects.exclude(state=Feed.State.REJECTED).filter(_on_or_below(removed.host))
    found = RemovedSource.objects.covering(wanted.values_list("url", flat=True))
    return wanted.filter(url__in=[url for url, row in found.items() if row.pk == removed.pk])


def _has_others(feed: Feed) -> bool:
    """Whether another blog that is wanted here is on the feed's host, or below it."""
    others = Feed.objects.exclude(pk=feed.pk).exclude(state=Feed.State.REJECTED)
    return others.filter(_on_or_below(feed.host.removeprefix("www."))).exists()


def _on_or_below(bare_host: str) -> Q:
    return Q(host=bare_host) | Q(host__endswith=f".{bare_host}")
