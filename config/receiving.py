"""How requests come in, whoever sends them: waitress's own way, with limits of time, and bodies only where they belong.

One loop takes in heads and bodies of all connections, so that a slow one keeps no thread; a thread hears of a request
once it is whole. What is too slow is told so and closed, as each connection takes a place among a limited number.
"""

from __future__ import annotations

import contextlib
import copy
import os
import secrets
import socket
import time
from http import HTTPStatus
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.utilities import Error

from config.bodies import Refusal, place_of, refusal_of

HEAD_SECONDS = 10
"""From the first byte of a request until its headers are there."""
BODY_SECONDS = 60
"""From the first byte of a request until all of its body is there."""
LINGER_SECONDS = 2
"""After a refusal. What the client still sends is thrown away; if the line were cut at once, some clients would lose
the answer (RFC 9112, section 9.6)."""
LOOK_SECONDS = 1
"""Between two looks at all connections."""

TOO_SLOW = Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.")


class RefusedRequest(Error):  # type: ignore[misc]
    """What waitress sends in the application's place."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.code, self.reason = refusal.status.value, refusal.status.phrase
        self._headers = refusal.headers

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body."""
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            *self._headers.items(),
        ]
        return f"{self.code} {self.reason}", headers, f"{self.body}\n".encode()


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way in. Whether its body is read is decided as soon as its head is there."""

    adj: Adjustments

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.began_at = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; of a body that doesn't belong here, nothing will be read."""
        super().parse_header(header_plus)
        if refusal := self._refusal():
            self.refuse(refusal)
        elif self.chunked:
            self.adj = copy.copy(self.adj)
            place = place_of(self.path)
            self.adj.max_request_body_size = place.max_bytes + 1 if place else 1

    def refuse(self, refusal: Refusal) -> None:
        """Answer this, whatever else comes."""
        self.close()
        self.error = RefusedRequest(refusal)
        self.body_rcv, self.content_length, self.chunked, self.expect_continue = None, 0, False, False
        self.completed = True

    def is_late(self, now: float) -> bool:
        limit = BODY_SECONDS if self.headers_finished else HEAD_SECONDS
        return now - self.began_at > limit

    def _refusal(self) -> Refusal | None:
        length = None if self.chunked else self.content_length
        return refusal_of(self.command, self.path, length, self.headers.get("COOKIE", ""))


class Task(WSGITask):  # type: ignore[misc]
    """A request on its way to an answer."""

    def set_close_on_finish(self) -> None:
        """End the connection after the answer. Waitress wants that where no length is said, so after each 304, too.

        But an answer that never has a body ends with its head (RFC 9112, section 6.3), and a new connection costs more
        than the answer.
        """
        is_asked_to = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or self.version != "1.1" or is_asked_to:
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. Waitress calls all of this in the loop, but for `service`."""

    parser_class = Request
    task_class = Task
    request: Request | None
    _began_at: float
    _is_refused = False
    _lingers_until = 0.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._began_at = time.monotonic()
        super().__init__(*arguments, **options)

    def service(self) -> None:
        self._is_refused = bool(self.requests and self.requests[0].error)
        super().service()

    def look(self, now: float) -> None:
        """Refuse what is late, and close what has been refused for long enough, or has never asked."""
        has_never_asked = self.last_activity == self.creation_time
        if (self._lingers_until and now > self._lingers_until) or (
            has_never_asked and now > self._began_at + HEAD_SECONDS
        ):
            self.handle_close()
            return
        with self.requests_lock:
            late = self.request
            if late is None or self.requests or not late.is_late(now):
                return
            self.request = None
            if not late.headers_finished:
                late.version = "1.1"
            late.refuse(TOO_SLOW)
            self.requests.append(late)
        self.server.add_task(self)

    def readable(self) -> bool:
        return bool(self._lingers_until) or super().readable()

    def writable(self) -> bool:
        return not self._lingers_until and bool(super().writable())

    def handle_read(self) -> None:
        if not self._lingers_until:
            super().handle_read()
            return
        try:
            is_over = not self.recv(self.adj.recv_bytes)
        except OSError:
            is_over = True
        if is_over and self.connected:
            self.handle_close()

    def handle_close(self) -> None:
        if self._is_refused and not self._lingers_until and self._has_closed_our_half():
            self._lingers_until = time.monotonic() + LINGER_SECONDS
            return
        super().handle_close()

    def _has_closed_our_half(self) -> bool:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Listens at one socket, until it is told to stop or has had its share of requests."""

    channel_class = Channel

    def __init__(self, *arguments: Any, requests: int, **options: Any) -> None:
        self._requests_left = requests + secrets.randbelow(requests // 10 + 1)  # so that not all end at once
        self.is_stopping = False
        self.parent = os.getppid()
        super().__init__(*arguments, **options)

    def add_task(self, task: Channel) -> None:
        super().add_task(task)
        self._requests_left -= 1
        if self._requests_left <= 0:
            self.is_stopping = True

    def maintenance(self, now: float) -> None:
        """Look at all connections, and whether who started this process is still there to end it."""
        self.is_stopping |= os.getppid() != self.parent
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            channel.look(time.monotonic())

    def stop(self) -> None:
        """End soon. May be called from a signal's handler, and from other threads."""
        self.is_stopping = True
        with contextlib.suppress(OSError):  # it has ended already
            self.pull_trigger()

    def serve(self, stop_seconds: float) -> None:
        """Answer until `is_stopping`; then take no new connections, and let those that are under way end."""
        while not self.is_stopping:
            self._turn()
        self.accepting = False
        self.del_channel()
        self.socket.close()
        gives_up_at = time.monotonic() + stop_seconds
        while any(map(_is_busy, list(self.active_channels.values()))) and time.monotonic() < gives_up_at:
            self.maintenance(time.time())
            self._turn()
        self.task_dispatcher.shutdown()
        self.asyncore.close_all(self._map)

    def _turn(self) -> None:
        self.asyncore.loop(timeout=LOOK_SECONDS, map=self._map, use_poll=True, count=1)


def _is_busy(channel: Channel) -> bool:
    return bool(channel.requests or channel.request or channel.total_outbufs_len) and not channel.will_close
