from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import h11
import httpx
import pytest

from aggregator.ingest.http11 import Exchange
from tests.certificates import Authority
from tests.servers import Answer, FeedServer, Raw

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = OK + b"Content-Length: 5\r\n\r\n<rss>"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MORE_THAN_A_HEAD = b"x" * 200_000


async def connected(url: httpx.URL, trusted: ssl.SSLContext | None = None) -> Exchange:
    return Exchange(*await asyncio.open_connection(url.host, url.port, ssl=trusted))


def answer_to(
    server: FeedServer, answer: Raw | Answer, trusted: ssl.SSLContext | None = None
) -> tuple[h11.Response, bytes]:
    """The head and the body of one exchange."""

    async def once() -> tuple[h11.Response, bytes]:
        url = httpx.URL(server.add("/a", answer))
        exchange = await connected(url, trusted)
        try:
            head = await exchange.ask(httpx.Request("GET", url))
            return head, b"".join([part async for part in exchange.body()])
        finally:
            exchange.end()

    return asyncio.run(once())


def body_of(server: FeedServer, *pieces: bytes) -> bytes:
    """The body of an answer whose connection is left open, so that it ends where it says so."""
    return answer_to(server, Raw(pieces, ending="hold"))[1]


def test_a_request_is_sent_as_it_is_written_and_has_no_body() -> None:
    async def sent() -> bytes:
        seen = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(SHORT)
            seen.set_result(await reader.read(-1))  # all that comes until the client is gone
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = httpx.URL(f"http://127.0.0.1:{port}/a%20b?q=%C3%A4#there")
            exchange = await connected(url)
            headers = [(b"Host", b"blog.example"), (b"If-None-Match", b'"\xe4"'), (b"X-Case", b"Kept")]
            await exchange.ask(httpx.Request("GET", url, headers=headers))
            exchange.end()
            return bytes(await seen)

    lines = [
        b"GET /a%20b?q=%C3%A4 HTTP/1.1",
        b"Host: blog.example",
        b'If-None-Match: "\xe4"',
        b"X-Case: Kept",
        b"",
        b"",
    ]
    assert asyncio.run(sent()) == b"\r\n".join(lines)


def test_answers_before_the_answer_are_passed_over(feed_server: FeedServer) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    head, body = answer_to(feed_server, Raw([early * 200 + SHORT]))
    assert (head.status_code, head.headers.raw_items(), body) == (200, [(b"Content-Length", b"5")], b"<rss>")


def test_another_protocol_that_nobody_asked_for_is_an_error(feed_server: FeedServer) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with pytest.raises(h11.ProtocolError):
        body_of(feed_server, switch + SHORT)


def test_a_head_that_comes_byte_by_byte_is_read(feed_server: FeedServer) -> None:
    assert body_of(feed_server, *(bytes([byte]) for byte in SHORT)) == b"<rss>"


def test_header_names_come_in_lower_case_and_values_byte_for_byte(feed_server: FeedServer) -> None:
    head, _ = answer_to(
        feed_server, Raw([OK + b'ETAG: "\xff\xe4"\r\nX-Long: one\r\n  two\r\nContent-Length: 0\r\n\r\n'])
    )
    assert list(head.headers) == [(b"etag", b'"\xff\xe4"'), (b"x-long", b"one two"), (b"content-length", b"0")]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_has_none_whatever_follows(feed_server: FeedServer, status: int) -> None:
    assert body_of(feed_server, b"HTTP/1.1 %d Test\r\nContent-Length: 5\r\n\r\n<rss>" % status) == b""


def test_what_follows_a_body_is_not_part_of_it(feed_server: FeedServer) -> None:
    assert body_of(feed_server, SHORT + b"\0garbage\r\n" + SHORT) == b"<rss>"


def test_a_length_that_is_said_twice_is_one_length(feed_server: FeedServer) -> None:
    assert body_of(feed_server, OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n<rss>more") == b"<rss>"


def test_chunks_count_where_a_length_is_said_too(feed_server: FeedServer) -> None:
    both = OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert body_of(feed_server, both + b"5\r\n<rss>\r\n0\r\n\r\n") == b"<rss>"


def test_what_is_said_beside_the_chunks_is_not_part_of_the_body(feed_server: FeedServer) -> None:
    assert body_of(feed_server, CHUNKED + b'3;a=b\r\n<rs\r\n2;c="d"\r\ns>\r\n0\r\nX-Sum: 1\r\n\r\n') == b"<rss>"


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"X-Filler: ", MORE_THAN_A_HEAD],
        [OK, b"X: y\r\n" * 50_000],
        [CHUNKED + b"5;filler=", MORE_THAN_A_HEAD],
        [CHUNKED + b"5\r\n<rss>\r\n0\r\nX-Filler: ", MORE_THAN_A_HEAD],
        [MORE_THAN_A_HEAD],
    ],
    ids=["header", "headers", "chunk", "trailer", "status"],
)
def test_what_is_no_body_is_not_gathered_for_ever(feed_server: FeedServer, pieces: Sequence[bytes]) -> None:
    with pytest.raises(h11.ProtocolError, match="too long"):
        body_of(feed_server, *pieces)


def test_a_body_without_a_length_that_is_reset_is_not_taken_for_whole(feed_server: FeedServer) -> None:
    with pytest.raises(ConnectionResetError):
        answer_to(feed_server, Raw([OK + b"\r\n<rss>"], ending="reset", pause_seconds=0.05))


def test_chunks_that_tls_cuts_off_are_not_taken_for_whole(tmp_path: Path) -> None:
    """A socket that is closed without TLS's goodbye looks like the end of the data."""
    authority = Authority(tmp_path)
    with (
        FeedServer(ssl_context=authority.server_context("127.0.0.1")) as server,
        pytest.raises(h11.ProtocolError),
    ):
        answer_to(server, Raw([CHUNKED + b"5\r\n<rss>\r\n"]), authority.trusted())


async def exchange_with_one_that_hung_up(authority: Authority, data: bytes) -> Exchange:
    """With a server that sent this and was gone before it was asked for anything."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        writer.close()

    context = authority.server_context("127.0.0.1")
    async with asyncio.timeout(10), await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=authority.trusted())
        while not writer.is_closing():
            await asyncio.sleep(0.01)
    return Exchange(reader, writer)


def test_an_answer_counts_though_the_request_could_not_be_sent(tmp_path: Path) -> None:
    async def status() -> int:
        exchange = await exchange_with_one_that_hung_up(Authority(tmp_path), SHORT)
        answer = await exchange.ask(httpx.Request("GET", "https://127.0.0.1/"))
        exchange.end()
        return answer.status_code

    assert asyncio.run(status()) == 200


@pytest.mark.parametrize(
    ("data", "is_at_its_end"), [(b"HTTP/1.1 nonsense\r\n\r\n", False), (OK + b"X: y\r\n", True), (b"", True)]
)
def test_an_answer_that_is_broken_is_told_from_one_that_is_not_all_there(
    tmp_path: Path, data: bytes, is_at_its_end: bool
) -> None:
    """Also where the server is gone already: that says nothing about what it sent."""

    async def is_read_to_its_end() -> bool:
        exchange = await exchange_with_one_that_hung_up(Authority(tmp_path), data)
        with pytest.raises(h11.ProtocolError):
            await exchange.ask(httpx.Request("GET", "https://127.0.0.1/"))
        exchange.end()
        return exchange.is_read_to_its_end

    assert asyncio.run(is_read_to_its_end()) is is_at_its_end


def test_others_have_their_turn_while_a_read_brings_thousands_of_parts(feed_server: FeedServer) -> None:
    async def most_in_a_row() -> int:
        url = httpx.URL(feed_server.add("/a", Raw([CHUNKED, b"1\r\nx\r\n" * 20_000, b"0\r\n\r\n"])))
        in_a_row = most = 0

        async def take_turns() -> None:
            nonlocal in_a_row
            while True:
                in_a_row = 0
                await asyncio.sleep(0)

        others = asyncio.create_task(take_turns())
        exchange = await connected(url)
        await exchange.ask(httpx.Request("GET", url))
        async for _ in exchange.body():
            in_a_row += 1
            most = max(most, in_a_row)
        exchange.end()
        others.cancel()
        return most

    assert asyncio.run(most_in_a_row()) <= 100
