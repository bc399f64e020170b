"""What became of a poll, for whoever asked for it: a command's lines, the admin's message."""

from __future__ import annotations

from dataclasses import dataclass, field

from .models import Feed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one feed's poll."""

    feed: Feed
    """As it is stored now."""
    kind: str
    """new, unchanged, failed, or busy (another worker has it)."""
    new: int = 0
    changed: int = 0
    error: str = ""
    """One plain sentence."""
    note: str = ""
    """What else a curator should know, e.g. which feed a site's address led to."""


@dataclass(slots=True)
class Report:
    """What became of all."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def polled(self) -> int:
        return sum(outcome.kind != "busy" for outcome in self.outcomes)

    @property
    def new(self) -> int:
        return sum(outcome.new for outcome in self.outcomes)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.kind == "failed"]
