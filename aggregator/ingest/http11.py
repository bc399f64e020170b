"""One HTTP/1.1 exchange (RFC 9112) over an open connection: a request without a body, and its answer.

h11 says what the bytes mean; here they are only sent and read. The connection serves no second request, so there is
nothing to lock, to pool or to keep alive, which is most of the work that a whole HTTP client does for each request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import h11
import httpx

_MAX_HEAD_BYTES = 100 * 1024
"""Of an answer's head. httpx's own engine takes as many."""

_MAX_READ_BYTES = 2**16
"""Taken from the connection at a time."""

_MAX_EVENTS_IN_A_ROW = 64
"""Then other requests get their turn: a single read can bring ten thousand events."""


class Exchange:
    """A request over asyncio's streams, and the answer to it; call `ask`, then `body` if that is wanted, then `end`.

    Raises OSError, ssl.SSLError, and h11.ProtocolError for what is not HTTP/1.1. It sets no time limit.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._events = 0
        self.is_read_to_its_end = False
        """Whether the server hung up and all that it had sent was read: what is missing then never comes."""

    async def ask(self, request: httpx.Request) -> h11.Response:
        """The head of the answer, whose header names are in lower case; 1xx answers before it are passed over."""
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        for event in (head, h11.EndOfMessage()):
            self._writer.write(self._protocol.send(event) or b"")
        with suppress(OSError):  # some servers answer, and hang up before they have read all
            await self._writer.drain()
        while not isinstance(answer := await self._next_event(), h11.Response):
            pass
        return answer

    async def body(self) -> AsyncIterator[bytes]:
        """The body as it is sent, part by part."""
        while isinstance(part := await self._next_event(), h11.Data):
            yield bytes(part.data)

    def end(self) -> None:
        # Nothing is left to say, and a polite TLS goodbye could be kept waiting by the peer.
        self._writer.transport.abort()

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        self._events += 1
        if self._events % _MAX_EVENTS_IN_A_ROW == 0:
            await asyncio.sleep(0)
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            data = await self._reader.read(_MAX_READ_BYTES)
            self.is_read_to_its_end = not data
            self._protocol.receive_data(data)
        return event
