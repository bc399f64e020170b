"""The way to the push services (RFC 8030): each message in its turn, many over connections that are kept.

`request` makes what is sent, `exchange` sends one and takes the answer, and `reaction` knows what the answer means.
The session is our own: pywebpush's follows redirects, keeps no limit on time, and drops messages for browsers that
are off unless told otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from ssl import SSLContext
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from notifications.push_services import read_extra_host
from notifications.vapid.keys import KeyRing
from notifications.vapid.signing import TOKENS, Tokens

from .exchange import PublicResolver, exchange
from .request import RequestMaker, Unsendable
from .types import Answer, Message

_MAX_REQUESTS_PER_ORIGIN = 32
"""One push service that hangs takes a third of all requests at most."""
_MAX_REQUESTS = 100
"""Connections are open files, of which a process may have few."""
_TIMEOUT_SECONDS = 15
"""For one request, from its turn to the end of the answer; a lease is longer."""
_CONNECT_SECONDS = 3
"""A push service that can be reached is reached sooner."""
_CLOSING_SECONDS = 0.1
"""The time that the loop gets to close connections that were aborted: each takes several turns of the loop."""


@dataclass(frozen=True, slots=True)
class _OpenSession:
    """What is open while a sender is."""

    session: aiohttp.ClientSession
    resolver: PublicResolver
    all: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MAX_REQUESTS))
    by_origin: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    def of(self, origin: str) -> asyncio.Semaphore:
        return self.by_origin.setdefault(origin, asyncio.Semaphore(_MAX_REQUESTS_PER_ORIGIN))


class Sender:
    """Sends messages, many at a time over connections that are kept; open it with `async with`.

        async with Sender(keyring(), contact=contact(), extra_hosts=settings.PUSH_EXTRA_HOSTS) as sender:
            answer = await sender.send(message)

    `contact` is a mailto: or https: address for the people who run the push service. Only push services are asked
    (`push_services`), at public addresses, unless they are named in `extra_hosts`. Redirects are not followed, and the
    environment's proxies and .netrc are not used. Give `resolver` and `ssl_context` for a push service of your own.
    """

    def __init__(
        self,
        ring: KeyRing,
        *,
        contact: str,
        extra_hosts: Sequence[str] = (),
        resolver: AbstractResolver | None = None,
        ssl_context: SSLContext | None = None,
        tokens: Tokens | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._extra_hosts = tuple(extra_hosts)
        self._maker = RequestMaker(ring, TOKENS if tokens is None else tokens, contact, self._extra_hosts)
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._timeout = aiohttp.ClientTimeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))
        self._open: _OpenSession | None = None

    async def __aenter__(self) -> Self:
        extra = {entry[0] for entry in map(read_extra_host, self._extra_hosts) if entry}
        resolver = PublicResolver(self._resolver or aiohttp.ThreadedResolver(), extra)
        connector = aiohttp.TCPConnector(
            limit=_MAX_REQUESTS,
            limit_per_host=_MAX_REQUESTS_PER_ORIGIN,
            resolver=resolver,
            ssl=self._ssl_context or True,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": "Orrery", "Accept-Encoding": "identity"},
        )
        self._open = _OpenSession(session, resolver)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            if self._open.session.connector is not None:
                # A polite end of TLS waits for the other side, longer perhaps than this loop lives.
                await self._open.session.connector.close(abort_ssl=True)
            await self._open.session.close()
            await self._open.resolver.close()
            await asyncio.sleep(_CLOSING_SECONDS)
            self._open = None

    async def send(self, message: Message) -> Answer:
        """What the push service answered, or why it didn't. Raises nothing on account of one message.

        Waits for its turn (32 requests at a time to one origin, 100 in all), then `timeout_seconds` at most.
        """
        try:
            request = self._maker.request_for(message)
        except Unsendable as error:
            return Answer(None, problem=error.problem, is_our_fault=True)
        assert self._open is not None, "send inside of `async with`"
        # Waiting here and not for a connection, so that the time limit begins with the message's turn.
        async with self._open.of(request.origin), self._open.all:
            return await exchange(self._open.session, request)
