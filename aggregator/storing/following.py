"""What an item makes of an entry: a new one, or an edit of the one that it is. Nothing is saved here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from aggregator.folding.fold import identify
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.models.emptying import empty_again

MAX_LATENESS = timedelta(hours=48)
"""A post that an established feed publishes later than this after its date is shown at the moment it was first seen: at
its date, few would find it."""
MAX_REDATING_AGE = timedelta(hours=48)
"""Authors may correct a post's date for this long after it was first seen; later, a post has its place."""
MAX_NEWS_AGE = timedelta(days=3)
"""Older posts are not announced: they are no news to anybody."""
MAX_FOLLOWED_EDITS = 24
"""Edits of a post that are taken over. Some feeds change their posts at every poll, and that would never end."""

FOLLOWED_FIELDS = (
    *("guid", "url", "title", "author", "source_title", "source_url", "language"),
    *("content_html", "content_hash", "excerpt", "published_at", "updated_at", "timeline_at", "edit_count"),
    *("link_key", "id_key", "title_key", "tags", "is_filtered", "excerpt_key"),
)
"""The fields that `follow` may change, and `is_filtered`: what the feed's rules say of the edited post."""


def new_entry(
    feed: Feed,
    item: Item,
    now: datetime,
    guids_to_hold: Collection[str],
    *,
    is_first_poll: bool,
    presumed: datetime | None = None,
) -> Entry:
    """The entry for an item that is new; it is held if its guid is one of `guids_to_hold`.

    Without a date it is shown at the `presumed` one, else where it was first seen.
    """
    published = min(item.published_at or presumed or now, now)
    is_held = item.guid in guids_to_hold
    is_news = not is_first_poll and not is_held and now - published <= MAX_NEWS_AGE
    entry = Entry(
        feed=feed,
        guid=item.guid,
        url=item.url,
        title=item.title,
        author=item.author,
        source_title=item.source_title,
        source_url=item.source_url,
        language=item.language,
        content_html=item.content_html or "",
        content_hash=item.content_hash,
        excerpt=item.excerpt,
        tags=list(item.tags),
        published_at=item.published_at,
        updated_at=item.updated_at,
        first_seen_at=now,
        timeline_at=_timeline_at(published, now, is_late_lifted=not is_first_poll and not is_held),
        is_held=is_held,
        announced_at=None if is_news else now,
    )
    identify(entry)
    return entry


def hold(entry: Entry) -> None:
    """Have a new entry (unsaved) wait for a curator: nobody is told of it, and it stands at its own date."""
    published = min(entry.published_at or entry.first_seen_at, entry.first_seen_at)
    entry.is_held, entry.announced_at = True, entry.first_seen_at
    entry.timeline_at = _timeline_at(published, entry.first_seen_at, is_late_lifted=False)


def is_to_follow(entry: Entry, item: Item, now: datetime, *, is_read_anew: bool = False) -> bool:
    """Whether the author changed anything, and hasn't done so too often; or, if it is read anew, the rules did."""
    if entry.edit_count >= MAX_FOLLOWED_EDITS and not is_read_anew:
        return False
    is_edited = _texts(entry) != (item.title, item.url, item.author, item.content_hash)
    is_retagged = bool(entry.tags) and {*entry.tags} != {*item.tags}
    return is_edited or is_retagged or entry.guid != item.guid or _is_redated(entry, item, now)


def follow(entry: Entry, item: Item, now: datetime, *, is_read_anew: bool = False) -> bool:
    """Take over what the author changed, or what other rules for reading did; whether there was anything.

    The latter doesn't count as an edit. Of an emptied entry, what it is known by follows its feed, and its text is let
    go once more.
    """
    if not is_to_follow(entry, item, now, is_read_anew=is_read_anew):
        return False
    is_redated = _is_redated(entry, item, now)
    entry.guid, entry.url, entry.title, entry.author = item.guid, item.url, item.title, item.author
    entry.source_title, entry.source_url, entry.language = item.source_title, item.source_url, item.language
    entry.updated_at, entry.tags = item.updated_at, list(item.tags)
    if item.content_html is not None:
        entry.content_html, entry.content_hash, entry.excerpt = item.content_html, item.content_hash, item.excerpt
    if is_redated and item.published_at is not None:
        entry.published_at = item.published_at
        is_lifted = entry.timeline_at == entry.first_seen_at
        entry.timeline_at = _timeline_at(item.published_at, entry.first_seen_at, is_late_lifted=is_lifted)
    entry.edit_count += not is_read_anew
    identify(entry)
    if entry.emptied_at:
        empty_again(entry)
    return True


def take_first_tags(entry: Entry, item: Item) -> bool:
    """Take over tags where there were none; whether there were any.

    That is no edit by the author: entries that an older version of Orrery stored have no tags.
    """
    if entry.tags or not item.tags or entry.emptied_at:
        return False
    entry.tags = list(item.tags)
    return True


def _is_redated(entry: Entry, item: Item, now: datetime) -> bool:
    """Whether the author gave the post another date, early enough to count, that moves the post.

    Dates after the moment that it was first seen are all the same: a feed that dates its posts anew at every poll, or
    into the future, would come back to the top each time.
    """
    if item.published_at is None or now - entry.first_seen_at > MAX_REDATING_AGE:
        return False
    before = entry.published_at and min(entry.published_at, entry.first_seen_at)
    return min(item.published_at, entry.first_seen_at) != before


def _texts(entry: Entry) -> tuple[str, str, str, str]:
    return entry.title, entry.url, entry.author, entry.content_hash


def _timeline_at(published_at: datetime, first_seen_at: datetime, *, is_late_lifted: bool) -> datetime:
    """The moment at which a post is shown: its date, but never later than the moment it was first seen.

    A late post is shown at the moment it was first seen, if late posts are lifted.
    """
    is_late = first_seen_at - published_at > MAX_LATENESS
    return first_seen_at if is_late and is_late_lifted else min(published_at, first_seen_at)
