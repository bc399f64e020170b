"""The way to the push services: encrypt (RFC 8291), have it signed, send (RFC 8030). `reaction` knows what comes back.

pywebpush encrypts. The request is our own: pywebpush's follows redirects, keeps no limit on time, drops messages for
browsers that are off unless told otherwise, and changes the claims that it is given.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from ssl import SSLContext
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from pywebpush import NoData, WebPusher, WebPushException
from yarl import URL

from aggregator.ingest.guard import is_public
from notifications.push_services import EndpointRefused, Service, check_endpoint, operator_of, read_extra_host
from notifications.vapid.keys import KeyRing, check_subscription_keys
from notifications.vapid.signing import TOKENS, Tokens

from .types import Answer, Message, Problem

MAX_PLAINTEXT_BYTES = 3993
"""RFC 8291 section 4: 4,096 bytes in one record, less 86 of header, 1 of delimiter and 16 of tag."""

_MAX_ENCRYPTED_BYTES = 4096
"""Every push service takes this much (RFC 8030 section 7.2); more may be refused."""
_MIN_TTL_SECONDS = 60
"""With 0, a message for a browser that is off is dropped."""
_MAX_TTL_SECONDS = 28 * 86400
"""More is refused."""
_URGENCIES = {"very-low", "low", "normal", "high"}
_TOPIC = re.compile(r"[A-Za-z0-9_-]{0,32}", re.ASCII)
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
_MAX_ANSWER_BYTES = 1024
"""Push services answer with a short code or sentence; the rest is not read."""
_MAX_ANSWER_CHARACTERS = 1000
"""What `Answer.body` promises."""
_MAX_HEADER_CHARACTERS = 200
"""The headers that we keep are numbers, dates and short words."""
# Location is not kept: anybody who knows it can take the message back (RFC 8030 section 8.3).
_HEADERS_KEPT = re.compile(r"retry-after|ttl|date|apns-id|x-wns-[a-z-]+", re.ASCII)

_PROBLEMS: tuple[tuple[type[BaseException], Problem], ...] = (
    # The first that fits: the narrow ones are cases of the wide ones.
    (TimeoutError, Problem.NO_ANSWER),
    (aiohttp.ClientConnectorDNSError, Problem.NAME_NOT_FOUND),
    (aiohttp.ClientConnectorCertificateError, Problem.UNTRUSTED),
    (aiohttp.ClientConnectionError, Problem.NO_CONNECTION),
    (aiohttp.InvalidURL, Problem.ENDPOINT_REFUSED),
    (aiohttp.ClientError, Problem.NOT_HTTP),
    (OSError, Problem.NO_CONNECTION),
    (ValueError, Problem.NOT_HTTP),
)


class NotPublic(OSError):
    """A push service's name leads to an address outside the public internet."""


class Unsendable(Exception):
    """Nothing can be sent, and trying again changes nothing."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Post:
    """A request, ready to go."""

    url: URL
    origin: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _OpenSession:
    """What is open while a sender is."""

    session: aiohttp.ClientSession
    resolver: _PublicResolver
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
        self._ring = ring
        self._contact = contact
        self._extra_hosts = tuple(extra_hosts)
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._tokens = TOKENS if tokens is None else tokens
        self._timeout = aiohttp.ClientTimeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))
        self._open: _OpenSession | None = None

    async def __aenter__(self) -> Self:
        extra = {entry[0] for entry in map(read_extra_host, self._extra_hosts) if entry}
        resolver = _PublicResolver(self._resolver or aiohttp.ThreadedResolver(), extra)
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
            post = self._prepare(message)
        except Unsendable as error:
            return Answer(None, problem=error.problem, is_our_fault=True)
        assert self._open is not None, "send inside of `async with`"
        # Waiting here and not for a connection, so that the time limit begins with the message's turn.
        async with self._open.of(post.origin), self._open.all:
            return await _exchange(self._open.session, post)

    def _prepare(self, message: Message) -> _Post:
        """The request for a message. Raises Unsendable."""
        try:
            origin = check_endpoint(message.endpoint, self._extra_hosts)
        except EndpointRefused as error:
            raise Unsendable(Problem.ENDPOINT_REFUSED) from error
        if message.urgency not in _URGENCIES or not _TOPIC.fullmatch(message.topic):
            raise Unsendable(Problem.NOT_A_MESSAGE)
        headers = _headers(message, operator_of(origin)) | {
            "Authorization": self._authorization(origin, message.key_id)
        }
        # Taken as it is: the path is the push service's, and another spelling of it is another address.
        return _Post(URL(message.endpoint, encoded=True), origin, headers, encrypt(message))

    def _authorization(self, origin: str, key_id: str) -> str:
        key = self._ring.get(key_id)
        if key is None:
            raise Unsendable(Problem.KEY_IS_GONE)
        return self._tokens.authorization(origin, key, self._contact)


class _PublicResolver(AbstractResolver):
    """Looks names up, and raises NotPublic for one that leads outside the public internet.

    aiohttp connects to the addresses given here, so no second look-up can give other ones.
    """

    def __init__(self, resolver: AbstractResolver, exempt_hosts: set[str]) -> None:
        self._resolver = resolver
        self._exempt_hosts = exempt_hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host not in self._exempt_hosts and not all(is_public(ip_address(entry["host"])) for entry in found):
            raise NotPublic
        return found

    async def close(self) -> None:
        await self._resolver.close()


def encrypt(message: Message) -> bytes:
    """The body: one record of aes128gcm, with a key and a salt of its own. Raises Unsendable."""
    if not 0 < len(message.payload) <= MAX_PLAINTEXT_BYTES:
        raise Unsendable(Problem.TOO_LARGE if message.payload else Problem.NOT_A_MESSAGE)
    keys = {"p256dh": message.p256dh, "auth": message.auth}
    try:
        check_subscription_keys(**keys)
        pusher = WebPusher({"endpoint": message.endpoint, "keys": keys})
        body = bytes(pusher.encode(message.payload, "aes128gcm")["body"])
    except (WebPushException, NoData, LookupError, TypeError, ValueError) as error:
        raise Unsendable(Problem.KEYS_UNUSABLE) from error
    if len(body) > _MAX_ENCRYPTED_BYTES:
        raise Unsendable(Problem.TOO_LARGE)
    return body


def _headers(message: Message, service: Service) -> dict[str, str]:
    ttl_seconds = min(max(message.ttl_seconds, _MIN_TTL_SECONDS), _MAX_TTL_SECONDS)
    is_apple = service is Service.APPLE
    headers = {
        "TTL": str(ttl_seconds),
        "Urgency": message.urgency,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/notification+json" if is_apple else "application/octet-stream",
    }
    if message.topic:
        headers["Topic"] = message.topic
    if service is Service.MICROSOFT:
        headers["X-WNS-Cache-Policy"] = "cache"  # without it a TTL contradicts the default, and is refused
    return headers


async def _exchange(session: aiohttp.ClientSession, post: _Post) -> Answer:
    started = time.perf_counter()
    try:
        async with session.post(post.url, data=post.body, headers=post.headers, allow_redirects=False) as response:
            body = await _read_body(response)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Answer(None, problem=_problem(error), latency_ms=_milliseconds_since(started))
    return Answer(response.status, _kept_headers(response.headers), body, latency_ms=_milliseconds_since(started))


async def _read_body(response: aiohttp.ClientResponse) -> str:
    """The beginning of the body; aiohttp closes a connection that has more to come."""
    data = b""
    # An answer whose head came is an answer, also if the rest is broken or late: asking again would send twice.
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        while len(data) < _MAX_ANSWER_BYTES and (part := await response.content.read(_MAX_ANSWER_BYTES)):
            data += part
    return data.decode(errors="replace")[:_MAX_ANSWER_CHARACTERS]


def _kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that tell something, with lower-case names. A header sent twice counts with its last value."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return {
        name: value[:_MAX_HEADER_CHARACTERS].encode("ascii", "replace").decode()
        for name, value in lowered.items()
        if _HEADERS_KEPT.fullmatch(name)
    }


def _problem(error: BaseException) -> Problem:
    if isinstance(error.__cause__, NotPublic):
        return Problem.NOT_PUBLIC
    return next(problem for kind, problem in _PROBLEMS if isinstance(error, kind))


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
