from __future__ import annotations

import asyncio
import dataclasses
import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import cast

import httpx
import pytest

from aggregator.ingest.errors import BadEncoding, TooLarge
from aggregator.ingest.fetch import _head
from tests.ingest.asking import LOOPBACK, ask
from tests.servers import Answer, FeedServer, Raw

FEED = b"<rss><channel><title>A feed</title></channel></rss>" * 20
SMALL = dataclasses.replace(LOOPBACK, max_bytes=1000)
KIB = 2**10
MIB = 2**20


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(FEED))
        yield server


def packed(body: bytes, coding: str) -> Answer:
    return Answer(body, headers={"Content-Encoding": coding})


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(FEED), "gzip"),
        (gzip.compress(FEED), "X-GZIP"),
        (gzip.compress(FEED), "identity, gzip"),
        (gzip.compress(FEED), "UTF-8, gzip"),
        (gzip.compress(FEED[:100]) + gzip.compress(FEED[100:]), "gzip"),
        (gzip.compress(FEED) + b"\0" * 50, "gzip"),
        (gzip.compress(FEED) + b"\x1f", "gzip"),
        (zlib.compress(FEED), "deflate"),
        (bare_deflate(FEED), "deflate"),
        (FEED, "identity"),
        (FEED, ""),
    ],
    ids=[
        *(
            "gzip",
            "X-GZIP",
            "identity, gzip",
            "UTF-8, gzip",
            "two of gzip",
            "gzip and zeros",
            "gzip and the start of another",
        ),
        *("deflate", "bare deflate", "identity", "no coding"),
    ],
)
@pytest.mark.parametrize("drip_seconds", [0, 0.0001])
def test_a_packed_body_is_unpacked(server: FeedServer, body: bytes, coding: str, drip_seconds: float) -> None:
    answer = Answer(body, headers={"Content-Encoding": coding}, drip_seconds=drip_seconds)
    assert ask(server.add("/a", answer)).body == FEED


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(FEED)[:-1], "gzip"),
        (gzip.compress(FEED)[:-20], "gzip"),
        (gzip.compress(FEED)[:1], "gzip"),
        (gzip.compress(FEED) + gzip.compress(FEED)[:-9], "gzip"),
        (zlib.compress(FEED)[:-1], "deflate"),
        (bare_deflate(FEED)[:-1], "deflate"),
    ],
    ids=["gzip", "gzip and more", "all of gzip but a byte", "the second of gzip", "deflate", "bare deflate"],
)
def test_a_packed_body_that_is_cut_short_is_an_error(server: FeedServer, body: bytes, coding: str) -> None:
    with pytest.raises(BadEncoding, match="cut short"):
        ask(server.add("/a", packed(body, coding)))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        *((FEED, coding) for coding in ("gzip", "deflate", "br", "zstd", "x")),
        # Without the time: the test is named by what is packed, and must be named alike in each process.
        *((gzip.compress(FEED, mtime=0), coding) for coding in ("", "identity", "deflate", "br", "utf-8")),
        (zlib.compress(FEED), "gzip"),
        (b'\xef\xbb\xbf \n{"version": ""}', "gzip"),
        (b"<a/>", "gzip"),
    ],
)
@pytest.mark.parametrize("drip_seconds", [0, 0.0001])
def test_what_is_packed_otherwise_than_its_header_says_is_read(
    server: FeedServer, body: bytes, coding: str, drip_seconds: float
) -> None:
    answer = Answer(body, headers={"Content-Encoding": coding}, drip_seconds=drip_seconds)
    unpacked = ask(server.add("/a", answer)).body
    assert unpacked == (body if body[:1] in {b"<", b"\xef"} else FEED)


@pytest.mark.parametrize(("body", "coding"), [(b"\x89PNG and more", "gzip"), (b"\xffPNG and more", "deflate")])
def test_what_is_packed_in_no_known_way_is_an_error(server: FeedServer, body: bytes, coding: str) -> None:
    with pytest.raises(BadEncoding, match="header says"):
        ask(server.add("/a", packed(body, coding)))


def test_a_wrong_checksum_is_an_error(server: FeedServer) -> None:
    body = bytearray(gzip.compress(FEED))
    body[-5] ^= 1
    with pytest.raises(BadEncoding):
        ask(server.add("/a", packed(bytes(body), "gzip")))


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "x"])
def test_a_coding_that_was_not_asked_for_is_an_error(server: FeedServer, coding: str) -> None:
    with pytest.raises(BadEncoding):
        ask(server.add("/a", packed(b"\x1b\xe7\x03\x00 not to be unpacked", coding)))


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_an_empty_body_is_empty_whatever_its_coding(server: FeedServer, coding: str) -> None:
    assert ask(server.add("/a", packed(b"", coding))).body == b""


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate, bytes])
def test_a_body_of_exactly_the_cap_passes(server: FeedServer, pack: Callable[[bytes], bytes]) -> None:
    coding = {gzip.compress: "gzip", bytes: ""}.get(pack, "deflate")
    assert len(ask(server.add("/a", packed(pack(b"x" * 1000), coding)), SMALL).body) == 1000


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate, bytes])
def test_one_byte_more_than_the_cap_is_too_large(server: FeedServer, pack: Callable[[bytes], bytes]) -> None:
    coding = {gzip.compress: "gzip", bytes: ""}.get(pack, "deflate")
    with pytest.raises(TooLarge):
        ask(server.add("/a", packed(pack(b"x" * 1001), coding)), SMALL)


def test_an_endless_body_is_too_large(server: FeedServer) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with pytest.raises(TooLarge):
        ask(server.add("/a", Raw(itertools.chain([head], itertools.repeat(b"x" * KIB)))), SMALL)


def test_a_declared_length_over_the_cap_is_refused_before_the_body(server: FeedServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    with pytest.raises(TooLarge):
        ask(server.add("/a", Raw([head], ending="hold")), SMALL)


def test_packed_bytes_that_unpack_to_nothing_count_too(server: FeedServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    with pytest.raises(TooLarge):
        ask(server.add("/a", Raw(itertools.chain([head], itertools.repeat(gzip.compress(b"") * 50)))), SMALL)


@pytest.mark.parametrize(("pack", "coding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_a_bomb_is_stopped_without_filling_the_memory(
    server: FeedServer, pack: Callable[[bytes], bytes], coding: str
) -> None:
    url = server.add("/a", packed(pack(bytes(64 * MIB)), coding))
    policy = dataclasses.replace(LOOPBACK, max_bytes=MIB)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            ask(url, policy)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_many_members_of_gzip_share_one_cap(server: FeedServer) -> None:
    with pytest.raises(TooLarge):
        ask(server.add("/a", packed(gzip.compress(b"x" * 600) * 2, "gzip")), SMALL)


def test_a_refusal_that_unpacks_to_nothing_is_not_read_for_ever() -> None:
    class Endless:
        headers = httpx.Headers({"content-encoding": "gzip"})
        chunks = 0

        async def aiter_raw(self) -> AsyncIterator[bytes]:
            yield gzip.compress(b"")[:10]
            while self.chunks < 1000:
                self.chunks += 1
                yield b"\0\0\0\xff\xff" * 1000  # blocks that are stored, and empty

    endless = Endless()
    assert asyncio.run(_head(cast(httpx.Response, endless))) == ""
    assert endless.chunks < 10
