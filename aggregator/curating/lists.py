"""Adding what a list of feeds names, all together, and what became of each of its entries."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from django.db import transaction

from aggregator.exchange.links import without_password
from aggregator.ingest.text import one_line
from aggregator.models import Feed

from .adding import Draft, FeedRefused, add_draft, draft_of, lock_drafts

MAX_ADDRESS_CHARACTERS = 2000
"""Of an address as it is repeated in a report; a longer one can't be a feed's."""
ADDED_AT_ONCE = 100
"""Feeds in one transaction. While it lasts, a poll that has news waits, and on SQLite everybody who writes."""
PAUSE_SECONDS = 0.15
"""Between two of them. Who waits for SQLite's lock looks ten times a second whether it is free."""


class Wanted(Protocol):
    """A feed as a list names it."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def site_url(self) -> str: ...
    @property
    def category(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ListLine:
    """What became of one entry of a list."""

    url: str
    """As the list writes it, on one line."""
    kind: str
    """added, known or refused."""
    text: str
    """One plain sentence."""
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of a list of feeds, entry by entry, in its order."""

    lines: tuple[ListLine, ...]

    @property
    def added(self) -> list[Feed]:
        return [line.feed for line in self.lines if line.kind == "added" and line.feed]

    @property
    def refused(self) -> list[ListLine]:
        return [line for line in self.lines if line.kind == "refused"]

    def with_doubles(self, doubles: Iterable[Feed]) -> ListReport:
        """The same, once the first poll has shown that these were here already under another address."""
        ids = {feed.pk for feed in doubles}
        lines = (replace(line, kind="known") if line.feed and line.feed.pk in ids else line for line in self.lines)
        return ListReport(tuple(lines))

    @property
    def summary(self) -> str:
        known = len(self.lines) - len(self.added) - len(self.refused)
        return f"{len(self.added)} added, {known} already here, {len(self.refused)} refused."


def add_many(wanted: Iterable[Wanted], *, category: str | None = None) -> ListReport:
    """Add what a list names; `category`, if given, goes before the list's own.

    An entry that is refused stops nobody: its line says why. It is stored bit by bit, so that nobody waits long for a
    lock meanwhile. What an interruption leaves out comes with the same list once more; what is here already stays.
    """
    entries, lines = list(wanted), list[ListLine]()  # read to its end first: of a list that is broken, nothing is added
    for start in range(0, len(entries), ADDED_AT_ONCE):
        if start:
            time.sleep(PAUSE_SECONDS)
        with transaction.atomic():
            some = [_draft(entry, category or entry.category) for entry in entries[start : start + ADDED_AT_ONCE]]
            lock_drafts(draft for draft in some if isinstance(draft, Draft))
            lines += map(_add, entries[start : start + ADDED_AT_ONCE], some)
    return ListReport(tuple(lines))


def _draft(entry: Wanted, category: str) -> Draft | FeedRefused:
    try:
        return draft_of(entry.url, category=category, title=entry.title, site_url=entry.site_url)
    except FeedRefused as refusal:
        return refusal


def _add(entry: Wanted, draft: Draft | FeedRefused) -> ListLine:
    url = one_line(without_password(entry.url), MAX_ADDRESS_CHARACTERS)
    if isinstance(draft, FeedRefused):
        return ListLine(url=url, kind="refused", text=str(draft))
    feed, is_new = add_draft(draft)
    if is_new:
        return ListLine(url=url, kind="added", text="Added; it waits for its first poll.", feed=feed)
    return ListLine(url=url, kind="known", text=f"Already here: {feed.shown_title} ({feed.state}).", feed=feed)
