"""Which rows readers may see, as conditions that querysets, indexes and counts share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import Q

PUBLIC_STATES = ("active", "paused", "gone")
"""States of feeds that readers may know of."""
WITHHELD_STATES = ("pending", "rejected")
"""All the others."""
OF_PUBLIC_FEEDS = ~Q(feed__state__in=WITHHELD_STATES)
OF_ACTIVE_FEEDS = ~Q(feed__state__in=("pending", "paused", "gone", "rejected"))
"""Of entries. Asked for the states that are wanted, SQLite may go through all feeds of a state to find sixty posts by
their ids."""
NOT_WITHHELD = Q(is_hidden=False, is_held=False, is_filtered=False)
KEPT = Q(emptied_at__isnull=True)
"""Those that have their text still: of the others, which are too old for this site, only the row is left."""
LISTED = Q(duplicate_of__isnull=True) & NOT_WITHHELD & KEPT
HELD = Q(is_held=True, is_hidden=False, is_filtered=False)
HELD_FOR_ANOTHER = Q(held_for__isnull=False)
"""Held because another feed's post is shown under the same link in other words: there's no doubt about its own feed."""
FILTERED = Q(is_filtered=True)
TURNED_DOWN = (Q(is_hidden=True) | FILTERED) & KEPT
"""Nobody has to decide on these any more, and readers don't see them; few rows are, so they have an index."""
SET_ASIDE = Q(is_held=True) | FILTERED
"""Held or dropped; few rows are, so they have an index."""


def through(relation: str, condition: Q) -> Q:
    """The same condition, of rows to which a relation leads: `through("entry", LISTED)`."""
    said = [
        through(relation, one) if isinstance(one, Q) else (f"{relation}__{one[0]}", one[1])
        for one in cast("Sequence[Q | tuple[str, Any]]", condition.children)
    ]
    return Q(*said, _connector=condition.connector, _negated=condition.negated)
