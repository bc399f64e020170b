"""Asks a push service over an open session, and makes an Answer of whatever comes, or doesn't. `reaction` judges it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.ingest.guard import is_public

from .request import Request
from .types import Answer, Problem

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


class PublicResolver(AbstractResolver):
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


async def exchange(session: aiohttp.ClientSession, request: Request) -> Answer:
    """What came back, or why nothing did. Raises nothing on account of one request."""
    started = time.perf_counter()
    try:
        async with session.post(
            request.url, data=request.body, headers=request.headers, allow_redirects=False
        ) as response:
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
