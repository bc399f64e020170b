"""The worker's ticks: a batch each, shared by who is there, and never a pile of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from huey.contrib.djhuey import HUEY

from aggregator.ingest.types import Request, Response
from aggregator.models import Feed, Tick
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import BATCH_SECONDS, poll
from aggregator.tasks import poll_due_feeds
from tests.factories import NOW, make_feed
from tests.simulation import Day, Reply

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
FETCH_SECONDS = 0.5


def unchanged(request: Request, now: datetime) -> Reply:
    return Reply(Response(url=request.url, status=304), seconds=FETCH_SECONDS)


@pytest.fixture
def day() -> Iterator[Day]:
    """Feeds of one host, two seconds apart: more than a tick can ask."""
    for number in range(60):
        make_feed(url=f"https://crowded.example/{number}")
    day = Day(NOW)
    with override_settings(FETCH_HOST_SPACING_SECONDS=2), day.driving(polling, unchanged):
        yield day


def test_a_tick_begins_no_feed_after_its_time(day: Day) -> None:
    poll(clock=day.clock)
    last = max(asked.start for asked in day.requests)
    assert 0 < (last - NOW).total_seconds() <= BATCH_SECONDS


def test_what_a_tick_leaves_the_next_ticks_take(day: Day) -> None:
    day.tick_until(NOW + timedelta(minutes=5), lambda: poll(clock=day.clock))
    assert sorted(asked.url for asked in day.requests) == sorted(Feed.objects.values_list("url", flat=True))


def test_a_tick_that_comes_too_late_is_dropped() -> None:
    make_feed(url="https://blog.example/feed", next_poll_at=NOW + timedelta(days=9999))
    task = poll_due_feeds.s()
    task.resolve_expires(utc=True)
    a_minute_later = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    HUEY.execute(task, timestamp=a_minute_later)
    assert not Tick.objects.exists()
