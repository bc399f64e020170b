"""What must hold of a planet: what its rows say beside what the blogs know."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import psycopg

from tests.benchmarks.planet.blogs import Asked, Post

EXAMPLES = 5
LEASE_SECONDS = 180
TICK_SECONDS = 60
SLACK_SECONDS = 30
"""A tick begins some seconds late where the machine is busy."""

_ROWS = """
    SELECT feed.url, entry.guid, entry.url,
        entry.duplicate_of_id IS NULL AND NOT (entry.is_hidden OR entry.is_held OR entry.is_filtered)
    FROM aggregator_entry entry JOIN aggregator_feed feed ON feed.id = entry.feed_id
"""
_STUCK = """
    SELECT url, state, lease IS NOT NULL, extract(epoch FROM next_poll_at - now()), failure_count, last_error
    FROM aggregator_feed
    WHERE state <> 'active' OR next_poll_at < now() - %(late)s * interval '1 second'
        OR next_poll_at > now() + CASE WHEN lease IS NULL THEN %(wait)s ELSE %(lease)s END * interval '1 second'
    ORDER BY id
"""
_MISCOUNTED = """
    SELECT feed.url, feed.entry_count, count(entry.id), feed.newest_at, max(entry.timeline_at)
    FROM aggregator_feed feed LEFT JOIN aggregator_entry entry ON entry.feed_id = feed.id
        AND entry.duplicate_of_id IS NULL AND NOT (entry.is_hidden OR entry.is_held OR entry.is_filtered)
    GROUP BY feed.id
    HAVING feed.entry_count <> count(entry.id) OR feed.newest_at IS DISTINCT FROM max(entry.timeline_at)
    ORDER BY feed.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, how many speak against it, and some of those."""

    words: str
    against: int
    examples: Sequence[object] = ()

    @property
    def holds(self) -> bool:
        return not self.against

    def __str__(self) -> str:
        said = f"{'holds' if self.holds else 'FAILS':<6} {self.words}"
        return "\n".join([f"{said}: {self.against} against" if self.against else said, *self._lines()])

    def _lines(self) -> Iterator[str]:
        return (f"         {example}" for example in islice(self.examples, EXAMPLES))


def claim(words: str, against: Iterable[object]) -> Claim:
    found = list(against)
    return Claim(words, len(found), found[:EXAMPLES])


Connection = psycopg.Connection[Any]


def missing(connection: Connection, published: Iterable[Post]) -> list[Post]:
    """What was published and is in no row."""
    rows = connection.execute(_ROWS).fetchall()
    known = {(feed_url, guid) for feed_url, guid, *_ in rows}
    return [post for post in published if (post.feed_url, post.guid) not in known]


def stuck(connection: Connection, longest_wait_seconds: float) -> list[tuple[Any, ...]]:
    """Feeds that nobody asks when it is time, or that wait for longer than a healthy feed may."""
    seconds = {
        "late": TICK_SECONDS + SLACK_SECONDS,
        "wait": longest_wait_seconds + SLACK_SECONDS,
        "lease": LEASE_SECONDS + SLACK_SECONDS,
    }
    return connection.execute(_STUCK, seconds).fetchall()


def rows_hold(connection: Connection, published: Sequence[Post]) -> Iterator[Claim]:
    """What the rows of entries must say, once all is quiet."""
    rows = connection.execute(_ROWS).fetchall()
    expected = {(post.feed_url, post.guid) for post in published}
    found = Counter((feed_url, guid) for feed_url, guid, *_ in rows)
    by_link = Counter((feed_url, link) for feed_url, _, link, _ in rows)
    shown: Counter[str] = Counter({link: 0 for _, _, link, _ in rows})
    shown.update(link for _, _, link, is_shown in rows if is_shown)
    yield claim(f"each of {len(expected)} published posts is in a row", expected - found.keys())
    twice = [one for counts in (found, by_link) for one, times in counts.items() if times > 1]
    yield claim("none is in two rows of a feed", twice)
    yield claim("no row is of a post that nobody published", found.keys() - expected)
    twins = len(expected) - len(shown)
    not_once = [f"{link} shown {times} times" for link, times in shown.items() if times != 1]
    yield claim(f"each of {len(shown)} links is shown exactly once ({twins} copies are folded)", not_once)
    miscounted = connection.execute(_MISCOUNTED).fetchall()
    yield claim("entry_count and newest_at of every feed are those of its rows", miscounted)
    left = connection.execute("SELECT url FROM aggregator_feed WHERE lease IS NOT NULL").fetchall()
    yield claim("no lease is left when the workers have ended", left)


@dataclass(frozen=True, slots=True)
class Hurry:
    """Two requests to one host within its spacing, by the host's own clock."""

    at: float
    gap_seconds: float
    host: str
    paths: tuple[str, str]


def hurries(requests: Iterable[Asked], spacing_seconds: float) -> list[Hurry]:
    """In the order of time."""
    by_host: defaultdict[str, list[Asked]] = defaultdict(list)
    for asked in requests:
        by_host[asked.host].append(asked)
    found = (
        Hurry(second.at, second.at - first.at, second.host, (first.path, second.path))
        for of_host in by_host.values()
        for first, second in pairwise(sorted(of_host, key=lambda asked: asked.at))
        if second.at - first.at < spacing_seconds
    )
    return sorted(found, key=lambda hurry: hurry.at)
