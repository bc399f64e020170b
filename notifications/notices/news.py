"""What there is to tell, what of it each device wants, and the notices that say it: equal sets of posts share one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from aggregator.models import Entry
from aggregator.models.sql import keep_first
from notifications.models import AnnouncedEntry, Announcement, Notice, PushSubscription, Stream

from .payload import notice_text

TOO_LATE = "too late to be news"
"""The reason of a delivery whose notice has outlived its time."""
TOLD_TOGETHER = "told together with newer ones"
"""The reason of a delivery whose place another took."""
ROWS_PER_CHUNK = 500
"""Memory must not grow with the number of rows, and SQLite takes a limited number of values in a statement."""


def lifetime() -> timedelta:
    """How long a notice is worth sending, and how long a push service keeps it for a browser that is off."""
    return timedelta(hours=settings.PUSH_LIFETIME_HOURS)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a device wants of some news; devices with equal wishes share a notice."""

    first: int
    """The posts before it came before the device."""
    posts: bool
    """Whether it wants to be told of posts at all."""
    everything: bool
    categories: frozenset[int]
    feeds: frozenset[int]
    text: str

    def chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        if not self.posts:
            return []
        return [
            entry
            for entry in entries[self.first :]
            if self.everything or entry.feed_id in self.feeds or entry.feed.category_id in self.categories
        ]


class News:
    """Posts in the order in which they came."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.items = sorted(entries, key=lambda entry: (entry.first_seen_at, entry.pk))
        self._arrivals = [entry.first_seen_at for entry in self.items]

    def wish(self, device: PushSubscription) -> Wish:
        everything = device.wants_everything
        return Wish(
            first=bisect_right(self._arrivals, device.created_at),
            posts=device.wants_posts,
            everything=everything,
            categories=frozenset() if everything else frozenset(category.pk for category in device.categories.all()),
            feeds=frozenset() if everything else frozenset(feed.pk for feed in device.feeds.all()),
            text=device.wording,
        )

    def chosen(self, device: PushSubscription) -> list[Entry]:
        return self.wish(device).chosen(self.items)


@dataclass(frozen=True, slots=True)
class Announced:
    """Posts that were announced and are still shown to readers, and the announcement of each."""

    items: Sequence[Entry]
    announcement_of: Mapping[int, int]

    @classmethod
    def lately(cls, now: datetime, *, first: int, last: int) -> Announced:
        """Of these announcements, as far as they are no older than a notice may be: what is older is told no more."""
        told = AnnouncedEntry.objects.within((first, last)).filter(announcement__created_at__gt=now - lifetime())
        # Asked for first: who deletes a feed at this moment may take away entries, and none comes without its answer.
        announcement_of = dict(told.values_list("entry", "announcement"))
        shown = Entry.objects.listed().from_active_feeds().filter(pk__in=told.values("entry"))
        entries = shown.with_feed().without_content()
        return cls([entry for entry in entries if entry.pk in announcement_of], announcement_of)

    def since(self, first: int) -> list[Entry]:
        """The posts of this announcement and of those after it."""
        return [entry for entry in self.items if self.announcement_of[entry.pk] >= first]

    def oldest(self, entries: Iterable[Entry]) -> int | None:
        """The first announcement that one of these posts belongs to; None if none was announced before."""
        return min(
            (self.announcement_of[entry.pk] for entry in entries if entry.pk in self.announcement_of), default=None
        )


class Notices:
    """The notices of one announcement: made as they are wanted, and one for each set of posts and way to say it."""

    def __init__(self, announcement_id: int, now: datetime) -> None:
        self._announcement_id = announcement_id
        self._now = now
        self._made: dict[tuple[str, tuple[int, ...]], Notice | None] = {}

    def of(self, entries: Sequence[Entry], text: str, since: int | None) -> Notice | None:
        """The notice that tells of these posts; `since` is the first announcement of any of them.

        None if there are none, or no more: feeds are deleted while notices are made.
        """
        key = (text, tuple(entry.pk for entry in entries))
        if key not in self._made:
            self._made[key] = self._make(entries, text, since)
        return self._made[key]

    def _make(self, entries: Sequence[Entry], text: str, since: int | None) -> Notice | None:
        ids = [entry.pk for entry in entries]
        newest = keep_first(Entry, reversed(ids))
        if newest is None:
            return None
        entries = entries[: ids.index(newest) + 1]
        title, body = notice_text(entries, text=text, site_name=settings.SITE_NAME)
        return Notice.objects.create(
            announcement_id=self._announcement_id,
            since_id=since,
            title=title,
            body=body,
            entry=entries[-1],
            entry_count=len(entries),
            topic=Stream.POSTS,
            created_at=self._now,
            expires_at=self._now + lifetime(),
        )


class PostsTelling:
    """How new posts are told."""

    stream = Stream.POSTS

    def news(self, items: Iterable[Entry]) -> News:
        return News(items)

    def lately(self, now: datetime, *, first: int, last: int) -> Announced:
        return Announced.lately(now, first=first, last=last)

    def notices(self, announcement_id: int, now: datetime) -> Notices:
        return Notices(announcement_id, now)

    def record(self, announcement: Announcement, items: Sequence[Entry]) -> None:
        AnnouncedEntry.objects.bulk_create(
            [AnnouncedEntry(announcement=announcement, entry=entry) for entry in items], batch_size=ROWS_PER_CHUNK
        )
