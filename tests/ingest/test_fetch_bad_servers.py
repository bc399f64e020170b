from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from aggregator.ingest.errors import ConnectionFailed, ProtocolBroken, TimedOut
from aggregator.ingest.fetch import fetch
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.types import Request
from tests.ingest.asking import LOOPBACK, ask, at_once
from tests.servers import Answer, FeedServer, Raw

FEED = b"<rss><channel><title>A feed</title></channel></rss>" * 20
HURRIED = dataclasses.replace(LOOPBACK, timeout_seconds=0.5)
MIB = 2**20


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(FEED))
        yield server


@pytest.mark.parametrize(
    "answer",
    [
        Raw([], ending="hold"),
        Answer(FEED, delay_seconds=20),
        Answer(FEED, drip_seconds=0.1),
        Raw([b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 200], pause_seconds=0.1),
        Raw(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n"), pause_seconds=0.05),
        Raw(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>"], ending="hold"),
        Raw(itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"x")), pause_seconds=0.05),
    ],
    ids=["silence", "late", "drip", "slow headers", "slow 103", "fast 100", "stall", "endless drip"],
)
def test_a_server_that_takes_its_time_is_left_at_the_deadline(server: FeedServer, answer: Answer | Raw) -> None:
    with pytest.raises(TimedOut):
        ask(server.add("/a", answer), HURRIED)


def test_a_slow_look_up_is_left_at_the_deadline() -> None:
    async def sleep(host: str, port: int) -> list[str]:
        await asyncio.sleep(20)
        return ["127.0.0.1"]

    with pytest.raises(TimedOut):
        ask("http://blog.example/", HURRIED, resolver=sleep)


def test_redirects_share_one_deadline(server: FeedServer) -> None:
    for number in range(5):
        redirect = dataclasses.replace(Answer.redirect(f"/{number + 1}"), delay_seconds=0.3)
        server.add(f"/{number}", redirect)
    server.add("/5", Answer(FEED))
    with pytest.raises(TimedOut):
        ask(server.url("/0"), HURRIED)
    assert len(server.requests) < 4


def test_waiting_for_a_turn_does_not_count(server: FeedServer) -> None:
    @asynccontextmanager
    async def after_a_while(host: str) -> AsyncIterator[None]:
        await asyncio.sleep(3.2)
        yield

    assert ask(server.url("/feed"), dataclasses.replace(LOOPBACK, timeout_seconds=3), turn=after_a_while).body == FEED


def test_the_caller_can_cancel(server: FeedServer) -> None:
    async def cancel() -> None:
        async with GuardedTransport(LOOPBACK) as transport, asyncio.timeout(0.2):
            await fetch(transport, Request(server.add("/a", Raw([], ending="hold"))), LOOPBACK, at_once)

    with pytest.raises(TimeoutError):
        asyncio.run(cancel())


@pytest.mark.parametrize("ending", ["hold", "close"])
@pytest.mark.parametrize(
    "data",
    [
        b"<rss>HTTP/0.9 had no headers</rss>\r\n\r\n",
        b"\0\1\2\3\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 4 * MIB + b"\r\n\r\n",
    ],
    ids=["0.9", "binary", "status", "header", "lengths", "negative", "chunk", "transfer", "4 MB of headers"],
)
def test_what_is_not_http_is_an_error_of_ours(
    server: FeedServer, data: bytes, ending: Literal["close", "reset", "hold"]
) -> None:
    with pytest.raises(ProtocolBroken):
        ask(server.add("/a", Raw([data], ending=ending)))


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<rss>",
    ],
    ids=["nothing", "head", "body", "chunk"],
)
def test_a_connection_that_ends_early_is_said_plainly(
    server: FeedServer, data: bytes, ending: Literal["close", "reset", "hold"]
) -> None:
    with pytest.raises(ConnectionFailed, match="closed early"):
        ask(server.add("/a", Raw([data], ending=ending)))


def test_a_body_without_a_length_ends_with_the_connection(server: FeedServer) -> None:
    assert ask(server.add("/a", Raw([b"HTTP/1.0 200 OK\r\n\r\n", FEED]))).body == FEED
