"""The fetching thread: when it may be asked, and how it ends."""

from __future__ import annotations

import contextlib
from queue import SimpleQueue

import pytest

from aggregator.ingest.errors import IngestError
from aggregator.ingest.fetch import LARGE_BYTES
from aggregator.ingest.types import Request, Response
from aggregator.polling.fetching import MAX_LARGE_BODIES, MAX_ROOM_SECONDS, Fetcher
from tests.ingest.asking import LOOPBACK
from tests.patience import PATIENCE_SECONDS
from tests.servers import Answer, FeedServer

Answers = SimpleQueue[tuple[int, Response | IngestError]]


def make_fetcher(answers: Answers, *, concurrency: int = 2, room_seconds: float = MAX_ROOM_SECONDS) -> Fetcher:
    return Fetcher(
        LOOPBACK,
        concurrency=concurrency,
        spacing_seconds=0,
        on_done=lambda key, answer: answers.put((key, answer)),
        room_seconds=room_seconds,
    )


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


def test_of_large_bodies_few_are_in_memory_and_they_keep_no_small_one_waiting(
    elsewhere: FeedServer, answers: Answers
) -> None:
    hosts = [FeedServer(f"127.0.0.{number}") for number in range(10, 10 + MAX_LARGE_BODIES + 1)]
    with contextlib.ExitStack() as stack:
        fetcher = make_fetcher(answers, concurrency=len(hosts) + 1, room_seconds=PATIENCE_SECONDS)
        for key, host in enumerate(hosts):
            fetcher.submit(key, Request(url=stack.enter_context(host).add("/large", Answer(b" " * 4 * LARGE_BYTES))))
        stack.enter_context(fetcher)
        came = {answers.get(timeout=PATIENCE_SECONDS)[0] for _ in range(MAX_LARGE_BODIES)}
        fetcher.submit(100, Request(url=elsewhere.add("/small", Answer(b"<rss/>"))))
        assert answers.get(timeout=PATIENCE_SECONDS)[0] == 100
        assert answers.empty()
        fetcher.let_go(next(iter(came)))
        key, answer = answers.get(timeout=PATIENCE_SECONDS)
        assert (came | {key}, isinstance(answer, Response)) == (set(range(len(hosts))), True)


def test_a_large_body_that_fails_makes_room(answers: Answers) -> None:
    torn = Answer(b" " * 2 * LARGE_BYTES, headers={"Content-Length": str(9 * LARGE_BYTES)})
    with FeedServer("127.0.0.9") as server, make_fetcher(answers) as fetcher:
        for key in range(MAX_LARGE_BODIES + 1):
            fetcher.submit(key, Request(url=server.add(f"/{key}", torn)))
        failed = [answers.get(timeout=PATIENCE_SECONDS)[1] for _ in range(MAX_LARGE_BODIES + 1)]
    assert all(isinstance(answer, IngestError) for answer in failed)


def test_no_large_body_waits_so_long_that_its_server_gives_up(answers: Answers) -> None:
    hosts = [FeedServer(f"127.0.0.{number}") for number in range(10, 10 + MAX_LARGE_BODIES + 1)]
    with contextlib.ExitStack() as stack:
        fetcher = stack.enter_context(make_fetcher(answers, concurrency=len(hosts), room_seconds=0.1))
        for key, host in enumerate(hosts):
            fetcher.submit(key, Request(url=stack.enter_context(host).add("/large", Answer(b" " * 4 * LARGE_BYTES))))
        came = [answers.get(timeout=PATIENCE_SECONDS)[1] for _ in hosts]
    assert all(isinstance(answer, Response) for answer in came)
