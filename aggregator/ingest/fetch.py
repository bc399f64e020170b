"""A feed's address to its bytes: one conditional GET, capped in bytes, in seconds and in redirects.

Redirects are followed by hand, each through the guard; a web page that sends its readers on is one, too. The body is
unpacked by hand, as well: httpx unpacks without limit, and takes a gzip stream that is cut short for a complete one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

import httpx

from .address import absolute_link
from .challenges import MAX_CHALLENGE_BYTES, is_challenge
from .errors import BadEncoding, BadRedirect, FetchError, HttpStatus, TimedOut, TooLarge
from .fingerprint import fingerprint
from .guard import GuardedTransport, check_url
from .refresh import MAX_HEAD_BYTES, refresh_target
from .spool import Spool
from .types import FetchPolicy, Request, Response
from .unpacking import Unpacker

Turn = Callable[[str], AbstractAsyncContextManager[None]]
"""Given a host, waits until it may be asked, and keeps others from asking it: one request at a time, well spaced."""

_ACCEPT = (
    b"application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    b"application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_GOOD = frozenset({200, 203})
"""The second is the first by way of a proxy that changed something."""
_OF_CHALLENGES = frozenset({403, 503})
_SENDABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]+")
_MAX_RETRY_AFTER_CHARACTERS = 100
"""Of the header Retry-After. What it may say, a number or a date, is far shorter."""


async def fetch(transport: GuardedTransport, request: Request, policy: FetchPolicy, turn: Turn) -> Response:
    """The answer to one conditional GET: 200 (or 203) with its body unpacked, or 304 with the validators to keep.

    Each hop runs within `turn(host)`; waiting for that doesn't count against `policy.timeout_seconds`, all else does.
    Raises FetchError, what `turn` raises, and OSError if there is no room for a large body. Share one transport among
    all feeds of a poll, and close it; without httpx's client around it nothing is read from the environment, no cookie
    is kept, no redirect followed, and a request costs less.
    """
    url = request.url
    permanent_url = ""
    is_moving_for_good = True
    is_from_page = False
    visited: set[str] = set()
    deadline = _Deadline(policy.timeout_seconds)
    while True:
        target = check_url(url, policy)
        visited.add(url)
        host = target.raw_host.decode("ascii")
        async with turn(host), deadline.running(host):
            answer = await _ask(transport, target, request, policy)
        if isinstance(answer, _Answer):
            onward = refresh_target(answer.body.read(MAX_HEAD_BYTES), url, answer.headers.get("refresh", ""))
            if not onward:
                response = answer.as_response(url, permanent_url, request)
                return _without_validators(response) if is_from_page else response
            answer, is_from_page = _Moved(onward, is_permanent=False), True
        if answer.url in visited:
            raise BadRedirect(reason="it leads in a circle")
        if len(visited) > policy.max_redirects:
            raise BadRedirect(reason=f"it takes more than {policy.max_redirects} steps")
        url = answer.url
        is_moving_for_good = is_moving_for_good and answer.is_permanent
        if is_moving_for_good:
            permanent_url = url


@dataclass(frozen=True, slots=True)
class _Moved:
    url: str
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: Spool

    def as_response(self, url: str, permanent_url: str, request: Request) -> Response:
        is_unchanged = self.status == httpx.codes.NOT_MODIFIED
        etag, last_modified = _raw_header(self.headers, b"etag"), _raw_header(self.headers, b"last-modified")
        body = self.body.read()
        return Response(
            url=url,
            status=self.status,
            body=b"" if self.body.is_large else body,
            large=self.body if self.body.is_large else None,
            body_hash="" if is_unchanged else fingerprint(body),
            headers=dict(self.headers.items()),
            etag=etag or (request.etag if is_unchanged else ""),
            last_modified=last_modified or (request.last_modified if is_unchanged else ""),
            permanent_url=permanent_url,
        )


def _without_validators(response: Response) -> Response:
    """For an answer that a page has led to: the page is asked first next time, and would take them for its own."""
    return replace(response, etag="", last_modified="")


class _Deadline:
    """Seconds that several stretches of work share."""

    def __init__(self, seconds: float) -> None:
        self._limit_seconds = seconds
        self._left_seconds = seconds

    @asynccontextmanager
    async def running(self, host: str) -> AsyncIterator[None]:
        """Raises TimedOut when the stretches together have used the seconds up."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout(self._left_seconds):
                yield
        except TimeoutError as error:
            raise TimedOut(host=host, limit_seconds=self._limit_seconds) from error
        finally:
            self._left_seconds -= loop.time() - started


async def _ask(transport: GuardedTransport, url: httpx.URL, request: Request, policy: FetchPolicy) -> _Answer | _Moved:
    """What one hop brought."""
    validators = _validators(request)
    # Host is given, as httpx would decode the name for it, and some that exist (xn--ls8h.la) can't be decoded.
    message = httpx.Request("GET", url, headers=[(b"Host", url.netloc), *_headers(policy), *validators])
    answer = await transport.handle_async_request(message)
    answer.request = message
    try:
        if answer.status_code in _REDIRECTS or (answer.status_code == 300 and "location" in answer.headers):
            return _Moved(_redirect_target(answer), answer.status_code in _PERMANENT_REDIRECTS)
        if answer.status_code == httpx.codes.NOT_MODIFIED and validators:
            return _Answer(answer.status_code, answer.headers, Spool())
        if answer.status_code not in _GOOD:
            raise await _status_error(answer)
        return _Answer(answer.status_code, answer.headers, await _read_body(answer, policy))
    finally:
        await answer.aclose()


def _headers(policy: FetchPolicy) -> list[tuple[bytes, bytes]]:
    return [
        (b"User-Agent", policy.user_agent.encode("latin-1", "replace")),
        (b"Accept", _ACCEPT),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"Connection", b"close"),
    ]


def _validators(request: Request) -> list[tuple[bytes, bytes]]:
    """The conditional headers, byte for byte as they came; a text that no server can have sent is left out."""
    pairs = ((b"If-None-Match", request.etag), (b"If-Modified-Since", request.last_modified))
    return [(name, value.strip().encode("latin-1")) for name, value in pairs if _SENDABLE.fullmatch(value.strip())]


def _raw_header(headers: httpx.Headers, name: bytes) -> str:
    """The first header of that name. Latin-1, as that keeps every byte: some servers send UTF-8 in an ETag."""
    return next((value.decode("latin-1") for key, value in headers.raw if key.lower() == name), "")


def _redirect_target(answer: httpx.Response) -> str:
    location = answer.headers.get("location", "")
    if not location:
        raise BadRedirect(reason="it names no target")
    if "\\" in location and "://" not in location:  # what that means, no two programs agree on
        raise BadRedirect(reason="its target is not a web address")
    try:
        return str(answer.url.join(location).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        # httpx knows fewer names than browsers do (`address` says which).
        if target := absolute_link(location, str(answer.url)):
            return target.partition("#")[0]
        raise BadRedirect(reason="its target is not a web address") from error


async def _status_error(answer: httpx.Response) -> HttpStatus:
    retry_after = answer.headers.get("retry-after", "")[:_MAX_RETRY_AFTER_CHARACTERS]
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    may_be_challenge = answer.status_code in _OF_CHALLENGES and is_page and not retry_after
    return HttpStatus(
        status=answer.status_code,
        retry_after=retry_after,
        is_challenge="cf-mitigated" in answer.headers or (may_be_challenge and is_challenge(await _head(answer))),
        host=answer.url.raw_host.decode("ascii"),
    )


async def _head(answer: httpx.Response) -> str:
    """The beginning of a page; less of it, or nothing, if it can't be read."""
    head = b""
    wire_bytes = 0
    try:
        unpacker = Unpacker(answer.headers.get("content-encoding", ""))
        async for chunk in answer.aiter_raw():
            head += unpacker.unpack(chunk, MAX_CHALLENGE_BYTES)
            wire_bytes += len(chunk)
            if max(wire_bytes, len(head)) >= MAX_CHALLENGE_BYTES:
                break
    except FetchError:
        pass
    return head.decode("utf-8", "replace")


async def _read_body(answer: httpx.Response, policy: FetchPolicy) -> Spool:
    """The body, unpacked as it comes. Raises BadEncoding, and TooLarge as soon as that is certain."""
    max_bytes = policy.max_bytes
    declared = answer.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise TooLarge(limit_bytes=max_bytes)
    unpacker = Unpacker(answer.headers.get("content-encoding", ""))
    body = Spool(policy.spool_folder)
    wire_bytes = 0
    async for chunk in answer.aiter_raw():
        wire_bytes += len(chunk)
        body.add(unpacker.unpack(chunk, max_bytes - body.size + 1))
        if max(wire_bytes, body.size) > max_bytes:
            raise TooLarge(limit_bytes=max_bytes)
    body.add(unpacker.end(max_bytes - body.size + 1))
    # It is common that a header promises gzip and no body follows; the reader says better what is wrong then.
    if wire_bytes and not unpacker.is_complete:
        raise BadEncoding(reason="it is cut short")
    return body
