"""Feeds that were last read by other rules than those of today, as after an upgrade: their posts are read anew.

Such a feed is asked when it is due, as always, but without validators, so that its server sends the document even if
that is unchanged. So all feeds have been read anew after the longest pause between two polls, and no server is asked
more often than before. What is no longer in its feed stays as it was stored.
"""

from __future__ import annotations

from aggregator.ingest.types import CONTENT_VERSION
from aggregator.models import Feed


def is_to_read_anew(feed: Feed) -> bool:
    """Whether the feed must be asked without validators, and its document read even if it is known."""
    return feed.content_version != CONTENT_VERSION


def note_reading(feed: Feed) -> None:
    """Note on the row (unsaved) that its document was read by the rules of today."""
    feed.content_version = CONTENT_VERSION
