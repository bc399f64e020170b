"""What a document changes of its feed: the feed's row and entries, on their way into the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.ingest.types import Document, Response
from aggregator.models import Entry, Feed, Look
from aggregator.models.public_trouble import Trouble

from .enclosing import Pair
from .feed_row import Stored
from .identity import note_drift
from .matching import Match
from .met import look_at_document, met_in_document


@dataclass(slots=True)
class Update:
    """What a document changes of its feed, whose row is locked: that row, and entries."""

    feed: Feed
    response: Response
    document: Document
    match: Match
    is_first_poll: bool
    is_newcomer: bool
    """Whether all that it brings is new to us, however much and however old."""
    is_read_anew: bool
    """Whether the rules for reading have changed: then it is they that changed known entries, and no author."""
    asked_url: str
    asked_host: str
    """The host of the feed when it was asked. Where that changes, another copy of its posts may be the one to show."""
    trouble: Trouble | None
    """What its page said of its health before."""
    new: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    tagged: list[Entry] = field(default_factory=list)
    """Entries that only got tags, where they had none."""
    is_other_feed: bool = False
    """Whether its address or state is another now."""
    is_other_beside: bool = False
    """Whether something else stands beside its known entries."""

    @property
    def new_pairs(self) -> list[Pair]:
        """The new entries and the items that they are of."""
        return list(zip(self.new, reversed(self.match.fresh), strict=True))

    @property
    def changed_pairs(self) -> list[Pair]:
        """The entries that changed, with their feed at hand, and the items that they are."""
        for entry in self.changed:
            entry.feed = self.feed
        ids = {entry.pk for entry in self.changed}
        return [(entry, item) for entry, item in self.match.known if entry.pk in ids]

    @property
    def rewritten(self) -> Sequence[Entry]:
        """Those that their author changed."""
        return [] if self.is_read_anew else self.changed

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.new, *self.changed, *self.tagged)

    def take_nothing(self) -> None:
        """The document is another feed's, which is read by itself: it is no reason to doubt this one either."""
        self.match, self.document = Match([], []), replace(self.document, items=(), memory="")
        self.new, self.changed, self.tagged = [], [], []
        note_drift(self.feed, "")

    def stored(self, held_ids: Collection[int]) -> Stored:
        """What it brought; `held_ids` are the entries that are held because of others."""
        held = sum(entry.is_held or entry.pk in held_ids for entry in self.new)
        return Stored(feed=self.feed, new=len(self.new), held=held, changed=len(self.changed))

    def look(self, set_aside: Collection[int], now: datetime) -> Look:
        """What it counts as; `set_aside` are the entries that folding took off the pages."""
        has_moved = not self.is_first_poll and self.feed.url != self.asked_url
        return look_at_document(self.feed, self.new, set_aside, now, has_moved=has_moved)

    def met(self, now: datetime) -> dict[str, Any]:
        """What is kept of the document for its author; nothing of one that is another feed's."""
        if self.feed.double_of_id:
            return {}
        entries = (*(entry for entry, _ in self.match.known), *self.new)
        return met_in_document(self.document, entries, now)
