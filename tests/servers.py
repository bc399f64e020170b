"""A feed server on a loopback address for tests: real sockets, real bytes, and as much misbehaviour as a test wants.

    with FeedServer() as server:
        url = server.add("/feed", Answer(FEED, headers={"ETag": '"1"'}))       # 304 to who sends the validator back
        server.add("/old", Answer.redirect("/feed", status=301))
        server.add("/slow", Answer(FEED, delay_seconds=0.3))
        server.add("/drip", Answer(FEED, drip_seconds=0.1))                    # a byte at a time
        server.add("/live", lambda seen: Answer(next_version(seen.path)))      # decided for each request
        server.add("/broken", Raw([b"not HTTP at all"]))                       # these bytes, nothing more
        ...
        assert server.requests[0].headers["user-agent"] == "..."

Any path that was not added is a 404. Each connection takes one request. Give `host="127.0.0.2"` (Linux) for a second
host and `ssl_context` for https. Leaving the `with` ends every connection at once.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import pytest

_MAX_HEAD_BYTES = 2**16
_SOCKET_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in."""

    method: str
    path: str
    """With the query."""
    headers: Mapping[str, str]
    """Lower-case names, values decoded as Latin-1; a header sent twice counts with its last value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A well-formed answer. Text in headers is sent as Latin-1; a Content-Length is added unless one is given."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    """Silence before the first byte."""
    drip_seconds: float = 0
    """Pause after every byte of the body; 0 sends it at once."""

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> Self:
        return cls(status=status, headers={"Location": location})

    def for_request(self, seen: Seen) -> Answer:
        """Itself, or a 304 if the request names the ETag or the Last-Modified that it would send."""
        named = {"ETag": seen.headers.get("if-none-match"), "Last-Modified": seen.headers.get("if-modified-since")}
        is_known = any(value is not None and value == self.headers.get(name) for name, value in named.items())
        if self.status != 200 or not is_known:
            return self
        return Answer(status=304, headers=self.headers, delay_seconds=self.delay_seconds)

    def head(self) -> bytes:
        headers = {"Content-Length": str(len(self.body)), "Connection": "close"} | dict(self.headers)
        if self.status == 304:
            headers.pop("Content-Length")
        lines = [f"HTTP/1.1 {self.status} Test", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes, HTTP or not. `pieces` may be endless; a generator is used up by the first request."""

    pieces: Iterable[bytes]
    pause_seconds: float = 0
    """After each piece."""
    ending: Literal["close", "reset", "hold"] = "close"
    """What happens after the last piece: a normal end, a TCP reset, or silence for as long as the client waits."""


Handler = Callable[[Seen], Answer | Raw]


class FeedServer:
    """See the module's docstring. `requests` holds every request so far; use it after the client is done."""

    def __init__(self, host: str = "127.0.0.1", ssl_context: ssl.SSLContext | None = None) -> None:
        self.host = host
        self.requests: list[Seen] = []
        self._ssl_context = ssl_context
        self._routes: dict[str, Handler] = {}
        self._listener = socket.create_server((host, 0))
        self._is_stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def url(self, path: str = "/", host: str | None = None) -> str:
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def add(self, path: str, answer: Answer | Raw | Handler) -> str:
        """Answers `path` (exact, with its query) from now on, and gives its URL. Added again, it is replaced."""
        self._routes[path] = answer if callable(answer) else lambda _: answer
        return self.url(path)

    def paths(self) -> list[str]:
        """The paths asked for so far, in order."""
        return [seen.path for seen in self.requests]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_stopping.set()
        # A socket that is only closed would leave accept() and recv() in the other threads waiting.
        for connection in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(_SOCKET_TIMEOUT_SECONDS)
        self._listener.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_SOCKET_TIMEOUT_SECONDS)
        # Whatever a client does to the connection (leave, refuse the certificate) is the test's own doing.
        with contextlib.suppress(OSError), connection:
            self._connections.add(connection)
            with self._secured(connection) as line:
                if seen := _read_request(line):
                    self.requests.append(seen)
                    self._answer(line, seen)
                else:
                    line.sendall(b"HTTP/1.1 400 Test\r\n\r\n")
        self._connections.discard(connection)

    @contextlib.contextmanager
    def _secured(self, connection: socket.socket) -> Iterator[socket.socket]:
        if self._ssl_context is None:
            yield connection
            return
        with self._ssl_context.wrap_socket(connection, server_side=True) as line:
            self._connections.add(line)
            try:
                yield line
            finally:
                self._connections.discard(line)

    def _answer(self, line: socket.socket, seen: Seen) -> None:
        handler = self._routes.get(seen.path, lambda _: Answer(b"nothing here", status=404))
        answer = handler(seen)
        if isinstance(answer, Raw):
            self._send_raw(line, answer)
        else:
            self._send(line, answer.for_request(seen))

    def _send(self, line: socket.socket, answer: Answer) -> None:
        self._is_stopping.wait(answer.delay_seconds)
        if not answer.drip_seconds:
            line.sendall(answer.head() + answer.body)
            return
        pieces = (bytes([byte]) for byte in answer.body)
        self._send_raw(line, Raw(itertools.chain([answer.head()], pieces), pause_seconds=answer.drip_seconds))

    def _send_raw(self, line: socket.socket, raw: Raw) -> None:
        for piece in raw.pieces:
            line.sendall(piece)
            if self._is_stopping.wait(raw.pause_seconds):
                return
        if raw.ending == "hold":
            # Ends when the client leaves or the server stops; nothing more is expected from the client.
            line.recv(1)
        elif raw.ending == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read_request(line: socket.socket) -> Seen | None:
    """The head of one request, or None if the client leaves before its end or speaks something else (TLS)."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _MAX_HEAD_BYTES:
        part = line.recv(_MAX_HEAD_BYTES)
        data += part
        if not part or not data[:1].isalpha():
            return None
    first, *rest = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (text.partition(":") for text in rest)
    return Seen(method, path, {name.lower(): value.strip() for name, _, value in pairs})


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    """A server on 127.0.0.1 for one test; put it into a conftest to have it everywhere."""
    with FeedServer() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FeedServer]:
    """Another host, for feeds that move there and for strangers (Linux)."""
    with FeedServer("127.0.0.2") as server:
        yield server
