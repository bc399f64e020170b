"""How requests come in, at a server of the test's own with a tiny site behind it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from config import receiving
from tests.patience import PATIENCE_SECONDS

LOGIN = b"POST /admin/login/ HTTP/1.1\r\nHost: a\r\nCookie: csrftoken=x\r\n"
PUBLIC = b"POST / HTTP/1.1\r\nHost: a\r\n"


class Running:
    """The server, and what its site was asked."""

    def __init__(self, requests: int = 1000) -> None:
        self.asked: list[str] = []
        self.answer = b"hello"
        self.status = "200 OK"
        line = socket.create_server(("127.0.0.1", 0))
        self.address = line.getsockname()
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(2)
        self.server = receiving.Server(
            self._site,
            {},
            True,
            line,
            dispatcher=threads,
            adj=Adjustments(
                sockets=[line], channel_timeout=PATIENCE_SECONDS, cleanup_interval=0, connection_limit=1000
            ),
            sockinfo=(line.family, line.type, line.proto, self.address),
            bind_socket=False,
            requests=requests,
        )
        self.thread = threading.Thread(target=self.server.serve, args=(PATIENCE_SECONDS,))
        self.thread.start()

    def stop(self) -> None:
        self.server.stop()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()

    def connect(self, first: bytes = b"") -> socket.socket:
        line = socket.create_connection(self.address, timeout=PATIENCE_SECONDS)
        line.sendall(first)
        return line

    def _site(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']}{environ['PATH_INFO']} {len(body)}")
        start_response(self.status, [("Content-Length", str(len(self.answer)))] if self.answer else [])
        return [self.answer]


@pytest.fixture
def running() -> Iterator[Running]:
    server = Running()
    yield server
    server.stop()


def answer_to(line: socket.socket) -> bytes:
    """All that comes until the server has nothing more to say."""
    found = b""
    while data := line.recv(65536):
        found += data
    return found


def status_of(line: socket.socket) -> int:
    return int(answer_to(line).split()[1])


def test_while_many_heads_and_bodies_drip_others_are_answered(running: Running) -> None:
    begun = [b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b", LOGIN + b"Content-Length: 9\r\n\r\nabc", b"G", b""]
    with ExitStack() as slow:
        lines = [slow.enter_context(running.connect(begun[number % 4])) for number in range(200)]
        with running.connect(b"GET / HTTP/1.0\r\n\r\n") as line:
            assert answer_to(line).endswith(b"hello")
        for each in lines:
            each.setblocking(False)
            with pytest.raises(BlockingIOError):  # neither answered nor closed: they were all there meanwhile
                each.recv(1)


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nHost", LOGIN + b"Content-Length: 9\r\n\r\nabc"])
def test_what_is_too_slow_is_told_so(running: Running, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(receiving, "BODY_SECONDS", 0.1)
    with running.connect(begun) as line:
        assert status_of(line) == 408
    assert running.asked == []


def test_who_never_asks_is_hung_up_on(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "HEAD_SECONDS", 0.1)
    with running.connect() as line:
        assert answer_to(line) == b""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (PUBLIC + b"Content-Length: 9\r\n", 405),
        (PUBLIC + b"Transfer-Encoding: chunked\r\n", 405),
        (PUBLIC + b"Content-Length: 9\r\nExpect: 100-continue\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n", 413),
        (b"POST /admin/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n", 403),
        (LOGIN + b"Content-Length: 99999999\r\n", 413),
        (LOGIN + b"Content-Length: 99999999999999999999999999\r\n", 413),
        (LOGIN + b"Content-Length: -1\r\n", 400),
        (LOGIN + b"Content-Length: 5\r\nContent-Length: 6\r\n", 400),
    ],
)
def test_a_body_that_does_not_belong_is_refused_before_it_comes(running: Running, head: bytes, status: int) -> None:
    with running.connect(head + b"\r\n") as line:
        answer = answer_to(line)
    assert int(answer.split()[1]) == status
    assert b"100 Continue" not in answer
    assert running.asked == []


def test_who_sends_megabytes_all_the_same_still_hears_why(running: Running) -> None:
    with running.connect(PUBLIC + b"Content-Length: 3000000\r\n\r\n") as line:
        for _ in range(30):
            line.sendall(b"x" * 100_000)
        assert status_of(line) == 405


def test_chunks_are_counted_as_they_come(running: Running) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with running.connect(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n") as line:
        for _ in range(50):
            line.sendall(chunk)
        assert status_of(line) == 413
    assert running.asked == []


def test_a_body_that_belongs_reaches_the_site(running: Running) -> None:
    with running.connect(LOGIN + b"Connection: close\r\nContent-Length: 9\r\n\r\nuser=") as line:
        line.sendall(b"name")
        assert status_of(line) == 200
    assert running.asked == ["POST /admin/login/ 9"]


@pytest.mark.parametrize("status", ["304 Not Modified", "204 No Content"])
def test_after_an_answer_without_a_body_the_connection_stays_open(running: Running, status: str) -> None:
    running.answer, running.status = b"", status
    with running.connect(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as line:
        first = line.recv(65536)
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        last = answer_to(line)
    assert [head.split(b"\r\n")[0].decode() for head in (first, last)] == [f"HTTP/1.1 {status}"] * 2
    assert (b"Connection: close" in first, b"Connection: close" in last) == (False, True)


def test_an_older_client_is_hung_up_on_after_an_answer_without_a_body(running: Running) -> None:
    running.answer, running.status = b"", "304 Not Modified"
    with running.connect(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") as line:
        assert answer_to(line).startswith(b"HTTP/1.0 304")


def test_no_header_moves_the_site_to_another_address(running: Running) -> None:
    head = b"GET /a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nScript-Name: /x\r\nSCRIPT_NAME: /x\r\n\r\n"
    with running.connect(head) as line:
        assert status_of(line) == 200
    assert running.asked == ["GET /a/ 0"]


def test_what_is_under_way_ends_before_the_server_does(running: Running) -> None:
    with running.connect(LOGIN + b"Content-Length: 9\r\n\r\n") as line:
        with running.connect(b"GET / HTTP/1.0\r\n\r\n") as other:
            answer_to(other)  # so the loop has read what the first one sent
        running.server.stop()
        line.sendall(b"user=name")
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        line.shutdown(socket.SHUT_RDWR)
        running.thread.join(PATIENCE_SECONDS)
    assert not running.thread.is_alive()


def test_after_its_share_of_requests_it_ends() -> None:
    running = Running(requests=3)
    for _ in range(3):
        with running.connect(b"GET / HTTP/1.0\r\n\r\n") as line:
            assert status_of(line) == 200
    running.thread.join(PATIENCE_SECONDS)
    assert not running.thread.is_alive()
