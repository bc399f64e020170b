"""What a worker writes into its log in a day of 300 feeds, all as busy as may be; and what web processes add."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.http import HttpRequest

from aggregator.ingest.errors import HttpStatus
from aggregator.ingest.fingerprint import fingerprint
from aggregator.ingest.types import Request, Response
from aggregator.models import Feed
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import poll
from config.requests import MISTAKE_CHARACTERS, MISTAKES_A_MINUTE, StrangersMistakes
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.simulation import Day, Reply

pytestmark = pytest.mark.django_db

FEEDS, HOURS = 10, 2
SCALE = 300 / FEEDS * 24 / HOURS
MOST_BYTES = 1_000_000
"""Of the two million that a day may have: the other half is for what web processes say."""
MINUTES_OF_A_DAY = 24 * 60
WEB_PROCESSES = 2


@dataclass(frozen=True)
class Blog:
    """It posts every hour, so it is asked as often as any feed is; or it is broken, or moved for good."""

    number: int

    @property
    def url(self) -> str:
        return f"https://blog{self.number}.example/{self.number}"

    def answer(self, request: Request, now: datetime) -> Reply:
        if self.number == 0:
            return Reply(HttpStatus(status=500), seconds=0.1)
        hours = [now.replace(minute=0) - timedelta(hours=back) for back in range(4)]
        body = rss(f"Blog {self.number}", [(f"Post of {hour:%d %H}", hour) for hour in hours])
        answer = Response(url=request.url, status=200, body=body, body_hash=fingerprint(body))
        moved = f"https://moved{self.number}.example/{self.number}"
        return Reply(replace(answer, permanent_url=moved, url=moved) if self.number == 1 else answer, seconds=0.1)


def answer(request: Request, now: datetime) -> Reply:
    return Blog(int(request.url.rpartition("/")[2])).answer(request, now)


def test_a_day_of_300_busy_feeds_is_a_million_bytes_at_most(caplog: pytest.LogCaptureFixture) -> None:
    for blog in map(Blog, range(FEEDS)):
        make_feed(url=blog.url, state="pending", last_ok_at=None)
    day = Day(NOW)

    def tick() -> None:
        if Feed.objects.due(day.clock()).exists():
            poll(clock=day.clock)

    with caplog.at_level(logging.INFO), day.driving(polling, answer):
        day.tick_until(NOW + timedelta(minutes=1), tick)
        caplog.clear()  # the first poll of each is there once, and not every two hours
        day.tick_until(NOW + timedelta(hours=HOURS, minutes=1), tick)
    assert len(day.requests) > 5 * FEEDS
    lines = [f"{record.levelname} {record.name} {record.getMessage()}\n" for record in caplog.records]
    of_runs = [line for line in lines if "run ended" in line]
    assert of_runs
    of_feeds = sum(len(line.encode()) for line in lines) - sum(map(len, of_runs))
    assert of_feeds * SCALE + MINUTES_OF_A_DAY * max(map(len, of_runs)) < MOST_BYTES


def test_what_brought_nothing_is_counted_and_what_failed_is_named(caplog: pytest.LogCaptureFixture) -> None:
    for blog in map(Blog, range(3)):
        make_feed(url=blog.url, state="pending", last_ok_at=None)
    day = Day(NOW)
    with caplog.at_level(logging.INFO), day.driving(polling, answer):
        poll(clock=day.clock)
        caplog.clear()
        Feed.objects.update(next_poll_at=NOW)
        poll(clock=day.clock)
    [failed, run] = [record.getMessage() for record in caplog.records]
    assert "outcome=failed" in failed
    assert run == "run ended feeds=3 new=0 held=0 failed=1 busy=0"


def mistake(path: str) -> logging.LogRecord:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    record.status_code = 404
    record.request = HttpRequest()
    return record


def test_a_day_of_scans_for_old_software_is_less_than_a_million_bytes() -> None:
    seconds = range(0, 6000, 2)  # a hundred minutes
    told = StrangersMistakes(clock=iter(seconds).__next__)
    written = 0
    for _ in seconds:
        record = mistake(f"/{'x%20' * 2000}")
        if told.filter(record):
            written += len(f"WARNING django.request {record.getMessage()}\n")
    assert written * WEB_PROCESSES * MINUTES_OF_A_DAY / 100 < MOST_BYTES


def test_of_strangers_mistakes_a_few_a_minute_are_told_and_then_how_many_more() -> None:
    now = 0.0
    told = StrangersMistakes(clock=lambda: now)
    passed = [told.filter(mistake("/wp-login.php")) for _ in range(10)]
    assert passed == [True] * MISTAKES_A_MINUTE + [False] * (10 - MISTAKES_A_MINUTE)
    now = 61.0
    record = mistake(f"/{'y' * 500}%s")
    assert told.filter(record)
    assert record.getMessage().endswith("y… (8 more since the last line)")
    assert len(record.getMessage()) < MISTAKE_CHARACTERS + 60
