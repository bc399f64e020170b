"""When a source is looked at next, and how often, in words. Pure: of its row alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.diagnosis.for_everybody import next_look_at
from aggregator.models import Feed

from .timeline import WEEKDAYS


@dataclass(frozen=True, slots=True)
class NextLook:
    """Words, with the moment that they are about, if there is one; `before` and `after` stand around it."""

    before: str
    at: datetime | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a source is asked, and how."""

    seconds: int | None
    """From one look to the next; None while that depends on other things."""
    skipped: str
    """When the feed doesn't want to be asked, in words; empty if any time will do."""
    is_conditional: bool
    """Whether its server is asked for no more than what is new since last time."""


def next_look(feed: Feed, now: datetime) -> NextLook:
    at = next_look_at(feed)
    if at is None:
        return NextLook("None, as long as it is paused." if feed.has_address else "None: there is no feed.")
    if feed.lease is not None and feed.next_poll_at > now:
        return NextLook("Just now.")
    if at <= now:
        return NextLook("As soon as it is this feed’s turn: it is due.")
    if at == feed.rests_until:
        return NextLook("Its server asked to be left alone; not before", at, ".")
    after = ", as it is gone: about once a month." if feed.state == Feed.State.GONE else "."
    return NextLook("", at, after)


def rhythm(feed: Feed) -> Rhythm | None:
    """None for a source that isn't asked, or next to never."""
    if not feed.is_polled or feed.state == Feed.State.GONE:
        return None
    is_usual = not feed.failure_count and not feed.double_of_id
    return Rhythm(
        seconds=feed.interval_seconds if is_usual else None,
        skipped=_skipped(feed.skip_hours, feed.skip_days),
        is_conditional=bool(feed.etag or feed.last_modified),
    )


def _skipped(hours: Sequence[int], days: Sequence[int]) -> str:
    """Who skips all hours, or all days, has made a mistake, and is asked at any time (`schedule.outside_of`)."""
    told = []
    if 0 < len({*hours}) < 24:
        told.append(f"in the hours {', '.join(_spans(sorted({*hours})))} (UTC)")
    if 0 < len({*days}) < 7:
        told.append(f"on {', '.join(WEEKDAYS[day] for day in sorted({*days}))}")
    return " and ".join(told) if len({*hours}) < 24 and len({*days}) < 7 else ""


def _spans(hours: Sequence[int]) -> list[str]:
    """Such as "1 to 5"; of neighbors the first and the last."""
    spans: list[list[int]] = []
    for hour in hours:
        if spans and hour == spans[-1][1] + 1:
            spans[-1][1] = hour
        else:
            spans.append([hour, hour])
    return [str(first) if first == last else f"{first} to {last}" for first, last in spans]
