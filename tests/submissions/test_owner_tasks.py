"""A look that is asked for is a row; the task is a hint, and may be lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from huey.contrib import djhuey
from huey.contrib.djhuey import HUEY

from aggregator.models import Ownership
from aggregator.tasks import look_for_owners
from tests.factories import make_feed
from tests.servers import Answer, FeedServer

from .owners import make_owner, send

pytestmark = [pytest.mark.django_db, pytest.mark.queue]


@pytest.fixture(autouse=True)
def empty_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(djhuey, "close_old_connections", lambda: None)
    HUEY.flush()
    yield
    HUEY.flush()


@pytest.fixture
def owner(feed_server: FeedServer) -> Ownership:
    feed = make_feed(url=feed_server.url("/feed"), site_url=feed_server.url("/"))
    owner = make_owner(feed, proven_at=None, looked_at=None)
    feed_server.add("/.well-known/orrery.txt", Answer(owner.code.encode()))
    return owner


def test_who_asks_for_a_look_needs_not_wait_for_the_minute(owner: Ownership) -> None:
    send(owner, "look")
    assert HUEY.pending_count() == 1
    HUEY.execute(HUEY.dequeue())
    owner.refresh_from_db()
    assert owner.is_proven


def test_without_the_queue_the_minute_brings_it(owner: Ownership, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: object, **options: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(HUEY, "enqueue", away)
    assert "We look within a minute" in send(owner, "look").content.decode()
    look_for_owners.call_local()
    owner.refresh_from_db()
    assert owner.is_proven
