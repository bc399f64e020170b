"""What waits at the desk, as a stream of notices: who wants what of it, and the notices that say it.

A stream of its own, beside new posts: a notice leads to one place, and what waits for a decision is no news to skim.
Its kinds share it, so that a device is told of all of them at once, and no more than once in a quiet time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from aggregator.models import Feed, Submission
from aggregator.models.sql import keep_first
from notifications.models import (
    AnnouncedMatter,
    Announcement,
    Kind,
    Notice,
    PushSubscription,
    Stream,
    wanted_kinds,
)

from .desk_text import desk_text
from .matters import Matter, deciders, of_row, still_open
from .news import ROWS_PER_CHUNK, lifetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Which kinds a device is told of; devices with equal wishes share a notice."""

    kinds: frozenset[str]
    text: str

    def chosen(self, matters: Sequence[Matter]) -> list[Matter]:
        return [matter for matter in matters if matter.kind in self.kinds]


class News:
    """Matters, each once, in the order in which they came."""

    def __init__(self, matters: Iterable[Matter], may_decide: Mapping[str, frozenset[int]]) -> None:
        self.items = list(dict.fromkeys(matters))
        self._may_decide = may_decide

    def wish(self, device: PushSubscription) -> Wish:
        wanted = wanted_kinds(device)
        return Wish(frozenset(kind for kind in wanted if device.user_id in self._may_decide[kind]), device.wording)


@dataclass(frozen=True, slots=True)
class Announced:
    """Matters that were announced and still wait, and the first of these announcements of each."""

    items: Sequence[Matter]
    announcement_of: Mapping[Matter, int]

    @classmethod
    def lately(cls, now: datetime, *, first: int, last: int) -> Announced:
        """Of these announcements, as far as they are no older than a notice may be."""
        rows = AnnouncedMatter.objects.within((first, last)).filter(announcement__created_at__gt=now - lifetime())
        open_rows = rows.filter(still_open(now)).select_related("feed", "submission__moves").order_by("pk")
        found = [(matter, row.announcement_id) for row in open_rows if (matter := of_row(row)) is not None]
        return cls(list(dict.fromkeys(matter for matter, _ in found)), dict(reversed(found)))

    def since(self, first: int) -> list[Matter]:
        """The matters of this announcement and of those after it."""
        return [matter for matter in self.items if self.announcement_of[matter] >= first]

    def oldest(self, matters: Iterable[Matter]) -> int | None:
        """The first announcement that one of these belongs to; None if none was announced before."""
        numbers = [self.announcement_of[matter] for matter in matters if matter in self.announcement_of]
        return min(numbers, default=None)


class Notices:
    """The notices of one announcement: one for each set of matters and way to say it."""

    def __init__(self, announcement_id: int, now: datetime) -> None:
        self._announcement_id = announcement_id
        self._now = now
        self._made: dict[tuple[str, tuple[Matter, ...]], Notice | None] = {}

    def of(self, matters: Sequence[Matter], text: str, since: int | None) -> Notice | None:
        """The notice that tells of these; `since` is the first announcement of any of them. None if there are none."""
        key = (text, tuple(matters))
        if key not in self._made:
            self._made[key] = self._make(matters, text, since) if matters else None
        return self._made[key]

    def _make(self, matters: Sequence[Matter], text: str, since: int | None) -> Notice:
        title, body = desk_text(matters, text=text, site_name=settings.SITE_NAME)
        kinds = {matter.kind for matter in matters}
        return Notice.objects.create(
            announcement_id=self._announcement_id,
            since_id=since,
            title=title,
            body=body,
            kinds=",".join(kind.value for kind in Kind if kind.value in kinds),
            topic=Stream.DESK,
            created_at=self._now,
            expires_at=self._now + lifetime(),
            **_place(matters),
        )


def _place(matters: Sequence[Matter]) -> dict[str, int | None]:
    """Where a click leads, if it is to one thing that is still here."""
    if len(matters) != 1:
        return {}
    [matter] = matters
    if matter.kind == Kind.PROPOSALS:
        return {"submission_id": keep_first(Submission, [matter.row_id])}
    return {"feed_id": keep_first(Feed, [matter.row_id])}


class DeskTelling:
    """How what waits at the desk is told."""

    stream = Stream.DESK

    def __init__(self) -> None:
        self.may_decide = deciders(Kind.values)

    def news(self, items: Iterable[Matter]) -> News:
        return News(items, self.may_decide)

    def lately(self, now: datetime, *, first: int, last: int) -> Announced:
        return Announced.lately(now, first=first, last=last)

    def notices(self, announcement_id: int, now: datetime) -> Notices:
        return Notices(announcement_id, now)

    def record(self, announcement: Announcement, items: Sequence[Matter]) -> None:
        AnnouncedMatter.objects.bulk_create(
            [
                AnnouncedMatter(
                    announcement=announcement,
                    kind=matter.kind,
                    submission_id=matter.row_id if matter.kind == Kind.PROPOSALS else None,
                    feed_id=None if matter.kind == Kind.PROPOSALS else matter.row_id,
                )
                for matter in items
            ],
            batch_size=ROWS_PER_CHUNK,
        )
