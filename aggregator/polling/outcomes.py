"""What became of a poll or of a list of feeds, told to those who asked: the lines of a command, the admin's message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from aggregator.models import Feed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one feed's poll."""

    feed: Feed
    """As it is stored now."""
    kind: str
    """new, unchanged, failed, or busy (another worker has it, or its server wants to be left alone)."""
    new: int = 0
    held: int = 0
    """Of the new entries, those that wait for a curator."""
    changed: int = 0
    error: str = ""
    """One plain sentence."""
    note: str = ""
    """What else a curator should know, e.g. which feed a site's address led to."""


@dataclass(slots=True)
class Report:
    """What became of all: numbers, and by name only those that failed, as there may be very many feeds."""

    polled: int = 0
    new: int = 0
    held: int = 0
    busy: int = 0
    failed: list[Outcome] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        if outcome.kind == "busy":
            self.busy += 1
            return
        self.polled += 1
        self.new += outcome.new
        self.held += outcome.held
        if outcome.kind == "failed":
            self.failed.append(outcome)


@dataclass(frozen=True, slots=True)
class Line:
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

    lines: tuple[Line, ...]

    @property
    def added(self) -> list[Feed]:
        return [line.feed for line in self.lines if line.kind == "added" and line.feed]

    @property
    def refused(self) -> list[Line]:
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
