"""The fetching thread: when it may be asked, and how it ends."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from aggregator.ingest.errors import IngestError, OurFault
from aggregator.ingest.spool import LARGE_BYTES
from aggregator.ingest.types import FetchPolicy, Request, Response
from aggregator.polling.fetching import Fetcher
from tests.ingest.asking import LOOPBACK
from tests.patience import PATIENCE_SECONDS
from tests.servers import Answer, FeedServer

Answers = SimpleQueue[tuple[int, Response | IngestError]]


def make_fetcher(answers: Answers, *, concurrency: int = 2, policy: FetchPolicy = LOOPBACK) -> Fetcher:
    return Fetcher(
        policy,
        concurrency=concurrency,
        spacing_seconds=0,
        on_done=lambda key, answer: answers.put((key, answer)),
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


def test_large_bodies_come_without_one_waiting_for_another_to_be_read(answers: Answers) -> None:
    hosts = [FeedServer(f"127.0.0.{number}") for number in range(10, 18)]
    with contextlib.ExitStack() as stack:
        fetcher = make_fetcher(answers, concurrency=len(hosts))
        for key, host in enumerate(hosts):
            fetcher.submit(key, Request(url=stack.enter_context(host).add("/large", Answer(b" " * 4 * LARGE_BYTES))))
        stack.enter_context(fetcher)
        came = [answers.get(timeout=PATIENCE_SECONDS)[1] for _ in hosts]
    sizes = [(len(answer.body), answer.large and answer.large.size) for answer in came if isinstance(answer, Response)]
    assert sizes == [(0, 4 * LARGE_BYTES)] * len(hosts)


def test_a_large_body_for_which_the_disk_has_no_room_is_our_fault(
    feed_server: FeedServer, answers: Answers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with make_fetcher(answers, policy=replace(LOOPBACK, spool_folder=tmp_path / "missing")) as fetcher:
        fetcher.submit(1, Request(url=feed_server.add("/large", Answer(b" " * 2 * LARGE_BYTES))))
        assert isinstance(answers.get(timeout=PATIENCE_SECONDS)[1], OurFault)
    assert "fetching failed" in caplog.text
