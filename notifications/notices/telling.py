"""What both streams of notices have in common, new posts (`news`) and what waits at the desk (`desk_news`).

telling.news(items) ──> of these, what each device wants ──> telling.notices(…): equal sets share a notice
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from notifications.models import Announcement, Notice, PushSubscription, Stream

from .desk_news import DeskTelling
from .news import PostsTelling


class Wish(Protocol):
    """What a device wants; equal ones are equal, and can be keys."""

    def chosen(self, entries: Sequence[Any], /) -> list[Any]: ...


class News(Protocol):
    """Items in the order in which they came."""

    @property
    def items(self) -> Sequence[Any]: ...

    def wish(self, device: PushSubscription, /) -> Wish: ...


class Announced(Protocol):
    """Items that were announced and still matter."""

    @property
    def items(self) -> Sequence[Any]: ...

    def since(self, first: int, /) -> list[Any]: ...

    def oldest(self, entries: Iterable[Any], /) -> int | None: ...


class Notices(Protocol):
    """Makes the notices of one announcement."""

    def of(self, entries: Sequence[Any], text: str, since: int | None, /) -> Notice | None: ...


class Telling(Protocol):
    """How the news of a stream are chosen, said and recorded."""

    @property
    def stream(self) -> Stream: ...

    def news(self, items: Iterable[Any], /) -> News: ...

    def lately(self, now: datetime, /, *, first: int, last: int) -> Announced: ...

    def notices(self, announcement_id: int, now: datetime, /) -> Notices: ...

    def record(self, announcement: Announcement, items: Sequence[Any], /) -> None: ...


TELLINGS: dict[str, Callable[[], Telling]] = {Stream.POSTS: PostsTelling, Stream.DESK: DeskTelling}
"""For one run each: what it asked the database of people, it asks no second time."""
