"""A body as it comes: small ones in memory, large ones in a file that nobody else sees."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.ingest.fingerprint import fingerprint
from aggregator.ingest.spool import LARGE_BYTES, Spool
from aggregator.ingest.types import Response
from tests.ingest.asking import LOOPBACK, ask
from tests.servers import Answer, FeedServer

LARGE = bytes(range(256)) * (LARGE_BYTES // 256) + b"and one more"


def spooled(body: bytes, folder: Path, *, part_bytes: int = 1000) -> Spool:
    spool = Spool(folder)
    for start in range(0, len(body), part_bytes):
        spool.add(body[start : start + part_bytes])
    return spool


def open_files_in(folder: Path) -> int:
    return sum(os.path.realpath(entry).startswith(f"{folder}/") for entry in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("body", [b"", b"small", LARGE[:LARGE_BYTES], LARGE])
def test_what_was_added_is_read_and_taken_as_it_was(body: bytes, tmp_path: Path) -> None:
    spool = spooled(body, tmp_path)
    assert (spool.size, spool.is_large) == (len(body), len(body) > LARGE_BYTES)
    # By their hashes: to show how two large bodies differ takes minutes.
    assert [hash(spool.read(300)), hash(spool.read()), hash(spool.take())] == [hash(body[:300]), hash(body), hash(body)]


def test_more_can_be_added_after_a_look_at_the_beginning(tmp_path: Path) -> None:
    spool = spooled(LARGE, tmp_path)
    spool.read(10)
    spool.add(b"!")
    assert hash(spool.take()) == hash(LARGE + b"!")


def test_a_large_body_takes_next_to_no_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        spool = Spool(tmp_path)
        for _ in range(20):
            spool.add(b" " * LARGE_BYTES)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spool.size == 20 * LARGE_BYTES
    assert held < LARGE_BYTES


def test_a_large_body_is_a_file_without_a_name_that_is_gone_with_its_spool(tmp_path: Path) -> None:
    dropped, taken = spooled(LARGE, tmp_path), spooled(LARGE, tmp_path)
    assert (open_files_in(tmp_path), [*tmp_path.iterdir()]) == (2, [])
    taken.take()
    assert open_files_in(tmp_path) == 1
    del dropped
    assert open_files_in(tmp_path) == 0


def test_the_answer_has_a_large_body_as_a_spool_and_a_small_one_as_bytes(tmp_path: Path) -> None:
    def answer(body: bytes) -> Response:
        return ask(server.add("/feed", Answer(body)), policy, with_spool=True)

    policy = replace(LOOPBACK, spool_folder=tmp_path)
    with FeedServer() as server:
        small, large = answer(b"<rss/>"), answer(LARGE)
    assert (small.body, small.large) == (b"<rss/>", None)
    assert large.large is not None
    assert (large.body, open_files_in(tmp_path)) == (b"", 1)
    assert hash(large.large.take()) == hash(LARGE)


def test_a_large_body_has_the_hash_that_its_bytes_have(tmp_path: Path) -> None:
    with FeedServer() as server:
        assert ask(server.add("/feed", Answer(LARGE))).body_hash == fingerprint(LARGE)
