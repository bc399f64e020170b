"""What a source's own page says of its feed in one line, if something is amiss. Pure, and independent of the clock.

That page is kept as long as nothing changes that it shows. So the line depends on the feed's row alone, and names days,
not how long ago they were; whoever changes the row looks whether the line is another now, and says so by `note_shown`
and `touch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from .feed import Feed

MIN_FAILURES = 3
"""Those for which our own network is to blame aren't counted, so that an outage of ours isn't told of as theirs."""
MIN_FAILING = timedelta(days=1)
"""Servers are started anew, moved and repaired; that is nobody's business."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` is "failing" (it can't be read, and since which day, in UTC), "changed" (is it still the same blog?) or
    "doubled" (it leads to where another feed, with this id, is read: nothing is taken from there)."""

    kind: str
    since: date | None = None
    double_of: int | None = None


def public_trouble(feed: Feed) -> Trouble | None:
    """What readers of its page are told; None if all is well, or if the page says that the feed is paused or gone."""
    if feed.state != Feed.State.ACTIVE:
        return None
    if is_failing_for_long(feed) and feed.failing_since:
        return Trouble("failing", feed.failing_since.astimezone(UTC).date())
    if feed.is_drifting:
        return Trouble("changed")
    return Trouble("doubled", double_of=feed.double_of_id) if feed.double_of_id else None


def is_failing_for_long(feed: Feed) -> bool:
    """Whether it couldn't be read for a day, at several looks."""
    if feed.failing_since is None or feed.last_polled_at is None:
        return False
    return feed.failure_count >= MIN_FAILURES and feed.last_polled_at - feed.failing_since >= MIN_FAILING
