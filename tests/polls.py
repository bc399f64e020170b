"""A poll, feed by feed."""

from __future__ import annotations

from typing import Any

from aggregator.models import FeedQuerySet
from aggregator.polling.conductor import poll
from aggregator.polling.outcomes import Outcome


def outcomes_of(among: FeedQuerySet | None = None, **options: Any) -> list[Outcome]:
    """What became of each feed that was polled, in the order in which they were stored."""
    outcomes: list[Outcome] = []
    poll(among, on_outcome=outcomes.append, **options)
    return outcomes
