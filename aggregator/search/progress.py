"""How far the index is, for whoever asks it: while the worker reads posts of before, they can't be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Q, Sum

from aggregator.models import PostsOfDay, SearchState

from .terms import VERSION


@dataclass(frozen=True, slots=True)
class Progress:
    """All posts that are shown after `reached_at` can be found, and new ones; None if it has just begun."""

    reached_at: datetime | None
    percent: int
    """Of the posts that readers may see."""


def progress() -> Progress | None:
    """How far it is; None if all posts can be found, as there are none, or all were read. One query then."""
    state = SearchState.objects.current()
    if state.is_done_for(VERSION):
        return None
    reached_at = state.reached_at if state.version == VERSION else None
    day = reached_at.astimezone(UTC).date() if reached_at else date.max
    sums = PostsOfDay.objects.aggregate(total=Sum("posts"), found=Sum("posts", filter=Q(day__gt=day)))
    if not sums["total"]:
        return None
    return Progress(reached_at, 100 * (sums["found"] or 0) // sums["total"])
