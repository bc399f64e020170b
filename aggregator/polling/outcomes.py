"""What became of a poll, told to those who asked: the lines of a command, the message of the admin."""

from __future__ import annotations

from dataclasses import dataclass, field

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
