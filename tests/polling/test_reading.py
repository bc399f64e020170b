"""What the reading processes are given, and what ends them."""

from __future__ import annotations

import time
from queue import SimpleQueue

import pytest

from aggregator.ingest.errors import IngestError, ReaderStopped
from aggregator.ingest.types import Document
from aggregator.polling.read_job import ReadJob
from aggregator.polling.reading import Readers, ReadLimits
from tests.documents import rss
from tests.factories import NOW
from tests.patience import PATIENCE_SECONDS

ITEMS = 6_000
"""Read in seconds: long enough for a clock to jump meanwhile."""


def job(items: int) -> ReadJob:
    body = rss("A blog", [(f"Post {number}", NOW) for number in range(items)])
    return ReadJob(body=body, url="https://blog.example/feed", content_type="application/rss+xml", now=NOW)


@pytest.mark.slow
@pytest.mark.parametrize("jump_seconds", [3600, -3600])
def test_a_clock_that_jumps_while_a_document_is_read_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, jump_seconds: int
) -> None:
    read: SimpleQueue[Document | IngestError] = SimpleQueue()
    right = time.time
    with Readers(ReadLimits(seconds=PATIENCE_SECONDS, processes=1)) as readers:
        readers.submit(job(1), read.put)
        assert isinstance(read.get(), Document)  # the process is there
        readers.submit(job(ITEMS), read.put)
        time.sleep(0.5)
        monkeypatch.setattr(time, "time", lambda: right() + jump_seconds)
        assert isinstance(read.get(), Document)


def test_what_takes_too_long_is_stopped_and_named() -> None:
    read: SimpleQueue[Document | IngestError] = SimpleQueue()
    with Readers(ReadLimits(seconds=0.01, processes=1)) as readers:
        readers.submit(job(ITEMS), read.put)
        found = read.get()
    assert isinstance(found, ReaderStopped)
    assert str(found)
