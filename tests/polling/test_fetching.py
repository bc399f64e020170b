"""The fetching thread: when it may be asked, and how it ends."""

from __future__ import annotations

from queue import SimpleQueue

import pytest

from aggregator.ingest.errors import IngestError
from aggregator.ingest.types import Request, Response
from aggregator.polling.fetching import Fetcher
from tests.ingest.asking import LOOPBACK
from tests.patience import PATIENCE_SECONDS
from tests.servers import Answer, FeedServer

Answers = SimpleQueue[tuple[int, Response | IngestError]]


def make_fetcher(answers: Answers) -> Fetcher:
    return Fetcher(LOOPBACK, concurrency=2, spacing_seconds=0, on_done=lambda key, answer: answers.put((key, answer)))


@pytest.fixture
def answers() -> Answers:
    return SimpleQueue()


def test_a_request_from_before_the_thread_has_started_is_answered(feed_server: FeedServer, answers: Answers) -> None:
    fetcher = make_fetcher(answers)
    fetcher.submit(7, Request(url=feed_server.add("/feed", Answer(b"<rss/>"))))
    with fetcher:
        key, answer = answers.get(timeout=PATIENCE_SECONDS)
    assert (key, isinstance(answer, Response)) == (7, True)


def test_leaving_gives_up_what_is_under_way(feed_server: FeedServer, answers: Answers) -> None:
    with make_fetcher(answers) as fetcher:
        fetcher.submit(1, Request(url=feed_server.add("/slow", Answer(b"<rss/>", delay_seconds=60))))
    assert answers.empty()
