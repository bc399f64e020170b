"""A day of a hundred and sixty feeds on seventy hosts: who is asked how often, and what is there at its end."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from aggregator.ingest.errors import HttpStatus, IngestError, NameNotFound, TimedOut
from aggregator.ingest.fingerprint import fingerprint
from aggregator.ingest.types import Request, Response
from aggregator.models import Feed
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import poll
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.simulation import Asked, Day, Reply

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.no_cover,
    pytest.mark.skipif(
        connection.vendor != "sqlite",
        reason="the day is one transaction, behind which PostgreSQL can't clean up: minutes; see test_claiming",
    ),
]
FEEDS = 160
END = NOW + timedelta(hours=24)
SPACING_SECONDS = 2.0
HOUR = 3600.0
REST_SECONDS = 2 * HOUR
"""What the host that is tired asks for, with every answer."""
IN_DOCUMENT = 4
"""Posts that a feed shows."""
RHYTHMS = [timedelta(hours=1), *[timedelta(days=1)] * 9, *[timedelta(days=7)] * 10, *[timedelta(days=30)] * 20]
FAULTS: dict[str, IngestError] = {
    "missing": HttpStatus(status=404),
    "broken": HttpStatus(status=500),
    "silent": TimedOut(host="silent.example", limit_seconds=30),
    "unknown": NameNotFound(host="unknown.example"),
    "tired": HttpStatus(status=429, retry_after=f"{REST_SECONDS:.0f}"),
}


@dataclass(frozen=True)
class Blog:
    """A feed of the simulated web, sound or with one of the faults."""

    number: int

    @property
    def fault(self) -> str:
        return "" if self.number < 120 else [*FAULTS][self.number % len(FAULTS)]

    @property
    def host(self) -> str:
        if self.fault == "tired":
            return "tired.example"
        if self.number < 35:
            return "crowded.example"
        return f"shared{self.number % 5}.example" if self.number < 90 else f"blog{self.number}.example"

    @property
    def url(self) -> str:
        return f"https://{self.host}/{self.number}"

    @property
    def rhythm(self) -> timedelta:
        """Between its posts."""
        return RHYTHMS[self.number % len(RHYTHMS)]

    @property
    def ttl_seconds(self) -> float:
        """What its document asks for: also that of a blog which posts every hour, and would be asked sooner."""
        return 3 * HOUR if self.number % 25 == 15 else 0

    @property
    def max_age_seconds(self) -> float:
        """What its server asks for: two hours, or two days."""
        return {5: 2 * HOUR, 17: 48 * HOUR}.get(self.number % 25, 0)

    @property
    def knows_validators(self) -> bool:
        return self.number % 3 > 0

    @property
    def _founded_at(self) -> datetime:
        """One rhythm before its first post; a full document before the day begins."""
        return NOW - (IN_DOCUMENT + self.number % 97 / 97) * self.rhythm

    def posts_by(self, now: datetime) -> int:
        return (now - self._founded_at) // self.rhythm

    def _document(self, now: datetime) -> bytes:
        count = self.posts_by(now)
        newest_first = range(count, max(count - IN_DOCUMENT, 0), -1)
        posts = [(f"Post {post} of {self.number}", self._founded_at + post * self.rhythm) for post in newest_first]
        body = rss(f"Blog {self.number}", posts, site_url=f"https://{self.host}/{self.number}/")
        ttl = f"<description/><ttl>{self.ttl_seconds / 60:.0f}</ttl>".encode()
        return body.replace(b"<description/>", ttl) if self.ttl_seconds else body

    def answer(self, request: Request, now: datetime) -> Reply:
        if self.fault:
            return Reply(FAULTS[self.fault], seconds=30 if self.fault == "silent" else 0.3)
        headers = {"cache-control": f"max-age={self.max_age_seconds:.0f}"} if self.max_age_seconds else {}
        etag = f'"{self.posts_by(now)}"' if self.knows_validators else ""
        if etag and request.etag == etag:
            return Reply(Response(url=self.url, status=304, headers=headers, etag=etag), seconds=0.2)
        body = self._document(now)
        found = Response(url=self.url, status=200, body=body, body_hash=fingerprint(body), headers=headers, etag=etag)
        return Reply(found, seconds=0.5)

    def waits(self) -> tuple[float, float]:
        """The shortest and the longest time between two good polls, in seconds, as the schedule promises.

        A quarter of the rhythm within twenty minutes and twelve hours, ten percent more or less; a wish of up to a day
        is kept, and kept by up to ten percent more.
        """
        rhythm = min(max(self.rhythm.total_seconds() / 4, HOUR / 3), 12 * HOUR)
        fresh = min(self.max_age_seconds, 24 * HOUR)
        return max(0.9 * rhythm, self.ttl_seconds, fresh), 1.1 * max(rhythm, self.ttl_seconds / 0.9, fresh)

    def waits_after(self, failures: int) -> tuple[float, float]:
        """The same after so many failures in a row: an hour, then two, then four."""
        wait = HOUR * 2 ** (failures - 1)
        return 0.9 * wait, 1.1 * wait


BLOGS = {blog.url: blog for blog in map(Blog, range(FEEDS))}
SOUND = [blog for blog in BLOGS.values() if not blog.fault]
ON_HOST = {host: sum(blog.host == host for blog in BLOGS.values()) for host in {b.host for b in BLOGS.values()}}


def longest_delay(blog: Blog) -> float:
    """Seconds from a due date to the request: ticks that are still at work, and all others of the host before it."""
    return 180 + ON_HOST[blog.host] * 2 * SPACING_SECONDS


def asked_between(blog: Blog) -> tuple[float, float]:
    """The fewest and the most requests of a day, as the schedule promises."""
    if blog.fault == "tired":
        return 1, 24 * HOUR / REST_SECONDS / ON_HOST[blog.host] * 2
    if blog.fault:
        return 4, 6  # after 0, 1, 3, 7 and 15 hours; jitter and delays move the last
    shortest, longest = blog.waits()
    return 24 * HOUR // (longest + longest_delay(blog)), 24 * HOUR // shortest + 1


@dataclass(frozen=True)
class Evening:
    """What there is to see at the end of the day."""

    requests: list[Asked]
    entries: dict[str, int]
    """By feed."""
    states: dict[str, str]

    @cached_property
    def by_url(self) -> dict[str, list[Asked]]:
        found = defaultdict(list)
        for asked in self.requests:
            found[asked.url].append(asked)
        return found

    @cached_property
    def by_host(self) -> dict[str, list[Asked]]:
        found = defaultdict(list)
        for asked in self.requests:
            found[asked.host].append(asked)
        return found


def tick(day: Day) -> None:
    """The poll of a minute; of those minutes at which nothing is due, only one in ten has any, as all are alike."""
    if day.clock().minute % 10 == 0 or Feed.objects.due(day.clock()).exists():
        poll(clock=day.clock)


@pytest.fixture(scope="module")
def evening(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Evening:
    """The day goes by once for all tests; of its database, only what they ask for is left."""
    day = Day(NOW)
    logger = logging.getLogger("aggregator.polling")
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(FETCH_HOST_SPACING_SECONDS=SPACING_SECONDS),
    ):
        for blog in BLOGS.values():
            make_feed(url=blog.url, state="pending", last_ok_at=None)
        logger.setLevel(logging.WARNING)
        with day.driving(polling, lambda request, now: BLOGS[request.url].answer(request, now)):
            day.tick_until(END, lambda: tick(day))
        logger.setLevel(logging.NOTSET)
        feeds = Feed.objects.annotate(found=Count("entries"))
        evening = Evening(
            requests=day.requests,
            entries={feed.url: feed.found for feed in feeds},
            states={feed.url: feed.state for feed in feeds},
        )
        transaction.set_rollback(True)
    return evening


def pauses(asked: list[Asked]) -> list[float]:
    """Seconds from the end of each request to the start of the next."""
    in_order = sorted(asked, key=lambda one: one.start)
    return [(later.start - earlier.end).total_seconds() for earlier, later in pairwise(in_order)]


def test_no_host_is_asked_twice_at_once_or_within_two_seconds(evening: Evening) -> None:
    hasty = {host: min(pauses(asked)) for host, asked in evening.by_host.items() if len(asked) > 1}
    assert {host: pause for host, pause in hasty.items() if pause < SPACING_SECONDS} == {}


def test_every_sound_feed_is_read(evening: Evening) -> None:
    assert {blog.url for blog in SOUND if evening.states[blog.url] != "active"} == set()


def test_a_sound_feed_is_asked_in_its_rhythm_and_never_sooner_than_it_wishes(evening: Evening) -> None:
    wrong = []
    for blog in SOUND:
        shortest, longest = blog.waits()
        found = pauses(evening.by_url[blog.url])
        wrong += [(blog, pause) for pause in found if not shortest <= pause + 1 <= longest + longest_delay(blog) + 1]
    assert wrong == []


def test_a_feed_that_fails_is_asked_after_one_hour_then_two_then_four(evening: Evening) -> None:
    wrong = []
    for blog in BLOGS.values():
        if blog.fault in {"", "tired"}:
            continue
        for failures, pause in enumerate(pauses(evening.by_url[blog.url]), 1):
            shortest, longest = blog.waits_after(failures)
            if not shortest <= pause + 1 <= longest + longest_delay(blog) + 1:
                wrong.append((blog, failures, pause))
    assert wrong == []


def test_a_host_that_asks_for_rest_gets_it_for_all_its_feeds(evening: Evening) -> None:
    assert min(pauses(evening.by_host["tired.example"])) >= REST_SECONDS


def test_feeds_that_fail_alike_do_not_come_back_in_step(evening: Evening) -> None:
    minutes = [
        evening.by_url[blog.url][2].start.replace(second=0) for blog in BLOGS.values() if blog.fault == "missing"
    ]
    assert len(set(minutes)) > len(minutes) / 3


def test_the_day_takes_as_many_requests_as_the_schedule_says(evening: Evening) -> None:
    fewest, most = (sum(bounds) for bounds in zip(*map(asked_between, BLOGS.values()), strict=True))
    assert fewest <= len(evening.requests) <= most


def test_every_post_that_could_be_seen_is_there_once(evening: Evening) -> None:
    expected = {blog.url: seen_posts(blog, evening.by_url[blog.url]) for blog in SOUND}
    assert {url: evening.entries[url] for url in expected} == expected


def seen_posts(blog: Blog, asked: list[Asked]) -> int:
    """Posts of the first document, and those that came until the last request."""
    return IN_DOCUMENT + blog.posts_by(asked[-1].start) - blog.posts_by(asked[0].start)
