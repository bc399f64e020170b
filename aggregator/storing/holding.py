"""Whether a feed has published its archive once more. Pure: a decision about dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aggregator.ingest.types import Item

MOST_BACKDATED = 5
"""New posts that may be older than the newest known one: drafts that came out late, a planet's new member."""


def republished(items: Sequence[Item], newest_at: datetime | None) -> frozenset[str]:
    """Of a feed's new items, the guids of those that look like its archive come back under new ids; mostly none.

    `newest_at` is the date of the newest post known of the feed; None for a feed that had no post.
    """
    if newest_at is None:
        return frozenset()
    backdated = [item.guid for item in items if item.published_at and item.published_at < newest_at]
    return frozenset(backdated) if len(backdated) > MOST_BACKDATED else frozenset()
