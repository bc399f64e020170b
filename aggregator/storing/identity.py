"""What a feed is known by, as the rows have it, and whether a poll's document is still that feed's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aggregator.ingest.address import link_identity
from aggregator.ingest.types import Document, Item, Response
from aggregator.models import Entry, Feed, FeedQuerySet, SiteState

from .anew import is_to_read_anew
from .drift import MAX_COMPARED_POSTS, Traits, drift
from .matching import beginning_of


def reason_to_doubt(feed: Feed, response: Response, document: Document, known: Sequence[tuple[Entry, Item]]) -> str:
    """In words, what makes the document another feed's; empty if it is this feed's. `known` are its entries in it.

    Held posts don't make a document familiar, nor do they say where the feed is at home: otherwise whoever took over a
    domain would be believed at the second poll.
    """
    is_read_anew = is_to_read_anew(feed)
    familiar = {item.guid for entry, item in known if _is_familiar(entry, item, is_read_anew=is_read_anew)}
    unfamiliar = [item for item in document.items if item.guid not in familiar]
    if len(familiar) >= len(unfamiliar):
        return ""
    posts = Entry.objects.from_feed(feed).beyond_doubt().order_by("-pk").values_list("url", flat=True)
    was = Traits(
        feed_id=feed.reported_id,
        language=feed.language,
        links=tuple(posts[:MAX_COMPARED_POSTS]),
        places=(feed.url, feed.site_url, feed.reported_site_url),
    )
    now = Traits(
        feed_id=document.feed_id,
        language=document.language,
        links=tuple(item.url for item in unfamiliar),
        places=(response.permanent_url,),
    )
    return drift(was, now, familiar=len(familiar))


def note_drift(feed: Feed, reason: str) -> None:
    """Set on the row (unsaved) whether its document is another feed's, and why its posts are held.

    Without a reason now, an earlier one stays as long as posts are held for it.
    """
    feed.is_drifting = bool(reason)
    if reason or not feed.held_count:
        feed.held_reason = reason


def accept(feeds: FeedQuerySet, now: datetime) -> int:
    """Accept those of the feeds that have drifted as what they are now. Returns how many.

    They are read anew at once, because their titles and edits were not followed; a poll under way stores nothing. Held
    posts that a curator has hidden stay hidden, but are held no longer: the feed is known by them too, or it would
    drift again.
    """
    ids = list(feeds.filter(is_drifting=True).locked().values_list("pk", flat=True))
    count = Feed.objects.filter(pk__in=ids).update(
        **dict.fromkeys(("reported_id", "language", "held_reason", "etag", "last_modified", "body_hash"), ""),
        content_version="",
        is_drifting=False,
        lease=None,
        next_poll_at=now,
    )
    Entry.objects.filter(feed__in=ids, is_held=True, held_for=None).update(is_held=False)
    if count:
        SiteState.objects.touch(now)  # its page no longer says that it has changed
    return count


def forget(feed: Feed) -> set[str]:
    """Forget what the feed was known by (unsaved), as its address is a new one. Returns the names of what was set."""
    feed.reported_id = feed.language = ""
    feed.is_drifting = False
    return {"reported_id", "language", "is_drifting"}


def _is_familiar(entry: Entry, item: Item, *, is_read_anew: bool) -> bool:
    """Whether the entry, which has the item's id, is the same post: new software numbers its posts from 1 again.

    Other rules for reading make another hash of the same words, so if it is read anew, how they begin counts.
    """
    if entry.is_held and entry.held_for_id is None:
        return False
    if entry.content_hash == item.content_hash or (item.title and entry.title == item.title):
        return True
    if is_read_anew and item.excerpt and beginning_of(entry) == beginning_of(item):
        return True
    return bool(item.url) and link_identity(entry.url) == link_identity(item.url)
