"""The transport that refuses addresses outside the public internet, when it connects and on every hop.

A feed's address is written by a stranger, and so is every redirect. The name is looked up here, all answers are
checked, and the connection goes to one of the checked addresses: a second look-up, with another answer, never happens.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import h11
import httpx

from .errors import AddressRefused, ConnectionFailed, NameNotFound, ProtocolBroken, TlsFailed
from .http11 import Exchange
from .types import FetchPolicy

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to its addresses as text; raises socket.gaierror as getaddrinfo does."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_HOST_CHARACTERS = 254
"""253 of a host's name, and the dot at its end."""

_HOST_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?", re.ASCII | re.IGNORECASE)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# ipaddress calls these global, all of them or in some versions of Python, and no blog is there.
_NO_SITES = tuple(
    ip_network(text)
    for text in (
        "2002::/16",  # 6to4: a second address inside, and it leads wherever that one leads
        "192.88.99.0/24",  # 6to4's relays
        "2001::/23",  # protocols, among them Teredo, which carries a second address, too
        "3fff::/20",  # examples in documents
        "192.0.0.0/24",  # protocols; a large cloud answers its machines' questions about themselves there
        "168.63.129.16/32",  # another cloud's host agent: registered as public, answered inside of each machine's host
    )
)
_MAX_ADDRESSES_TRIED = 4
"""Of one name. They share the seconds that a request may take, so with more of them none would get enough."""

_LOOK_UP_THREADS = 32
"""As many as there are requests at a time by default."""

# The numbers are OpenSSL's (X509_V_ERR_…).
_CERTIFICATE_REASONS = {
    9: "it is not valid yet",
    10: "it has expired",
    **dict.fromkeys((18, 19, 20, 21), "it is signed by nobody we know"),
    23: "it was revoked",
    62: "it is for another name",
    64: "it is for another address",
}


def is_public(address: Address) -> bool:
    """True for an address that belongs to one place on the public internet and hides no other address inside.

    IPv6 is public within 2000::/3 only (IANA's registry of global unicast space); that leaves out the IPv4-mapped,
    IPv4-compatible, NAT64 and site-local forms, some of which `is_global` lets through.
    """
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _GLOBAL_UNICAST):
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NO_SITES)


def check_url(url: str | httpx.URL, policy: FetchPolicy) -> httpx.URL:
    """An address that may be asked, as far as can be told without looking its name up.

    Raises AddressRefused for another scheme than http and https, a name or password in it, a port outside the policy,
    or a literal address, in any spelling that the system's resolver reads, that isn't public.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii")  # the zone of an IPv6 address can be any text
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(host="", reason="it is not a valid address") from error
    if parsed.scheme not in _DEFAULT_PORTS:
        raise AddressRefused(host="", reason="only http and https are spoken here")
    if len(host) > _MAX_HOST_CHARACTERS:  # before the cache of `_read_literal` keeps it
        raise AddressRefused(host="", reason="it has no valid host name")
    literal = _read_literal(host)
    if literal is None and not _HOST_NAME.fullmatch(host):
        raise AddressRefused(host="", reason="it has no valid host name")
    if parsed.userinfo:
        raise AddressRefused(host=host, reason="the address carries a name or a password")
    port = _port(parsed)
    if literal is not None:
        _check_addresses([literal], host, port, policy)
    elif not policy.allowed_networks:
        _check_port(host, port, policy)
    return parsed


class GuardedTransport(httpx.AsyncBaseTransport):
    """One connection for one request, to an address that was checked; SNI, Host and response.url keep the name.

    Raises AddressRefused, NameNotFound, ConnectionFailed, TlsFailed and ProtocolBroken, also while the body is read;
    never an exception of httpx, h11, ssl or socket. It sets no time limit: the caller's deadline covers it all.
    Cookies are taken out of the answers, so that none is ever kept. Needs asyncio.
    """

    def __init__(
        self, policy: FetchPolicy, resolver: Resolver | None = None, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        # Threads of our own: look-ups that hang would otherwise delay whatever else the loop's executor does.
        self._threads = ThreadPoolExecutor(_LOOK_UP_THREADS, thread_name_prefix="look-up")
        self._resolver = resolver or functools.partial(_look_up, self._threads)
        self._ssl_context = ssl_context

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        check_url(request.url, self._policy)
        host = request.url.raw_host.decode("ascii")
        addresses = await self._resolve(host, _port(request.url))
        _check_addresses(addresses, host, _port(request.url), self._policy)
        with _plain_errors(host):
            exchange = await self._connect(addresses, request.url)
        with _plain_errors(host, exchange):
            try:
                answer = await exchange.ask(request)
            except BaseException:
                exchange.end()
                raise
        return httpx.Response(
            status_code=answer.status_code,
            headers=[(name, value) for name, value in answer.headers if name != b"set-cookie"],
            stream=_Body(exchange, host),
        )

    async def aclose(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _resolve(self, host: str, port: int) -> list[Address]:
        """At least one address, unchecked. Raises NameNotFound and ConnectionFailed."""
        literal = _read_literal(host)
        if literal is not None:
            return [literal]
        try:
            texts = await self._resolver(host, port)
        except (socket.gaierror, UnicodeError) as error:
            # A name server that is down says nothing about the name; NameNotFound would count towards "gone".
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise ConnectionFailed(host=host, reason="its name can't be looked up just now") from error
            raise NameNotFound(host=host) from error
        if not texts:
            raise NameNotFound(host=host)
        return [ip_address(text) for text in texts]

    async def _connect(self, addresses: Sequence[Address], url: httpx.URL) -> Exchange:
        """A connection to the first address that takes it, TLS included. Raises OSError and ssl.SSLError."""
        candidates = _alternate_families(addresses)[:_MAX_ADDRESSES_TRIED]
        # Shared out, so that an IPv6 address that swallows packets leaves time for the IPv4 address after it.
        share_seconds = self._policy.timeout_seconds / len(candidates)
        failure = OSError()
        for address in candidates:
            try:
                async with asyncio.timeout(share_seconds):
                    return await _connected(address, url, self._ssl_context)
            except ssl.SSLError:
                raise  # somebody answered, so no other address is tried
            except OSError as error:
                failure = error
        raise failure


class _Body(httpx.AsyncByteStream):
    """The body of one answer; closing it ends the connection."""

    def __init__(self, exchange: Exchange, host: str) -> None:
        self._exchange = exchange
        self._host = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _plain_errors(self._host, self._exchange):
            async for part in self._exchange.body():
                yield part

    async def aclose(self) -> None:
        self._exchange.end()


def _port(url: httpx.URL) -> int:
    return url.port or _DEFAULT_PORTS[url.scheme]


@functools.lru_cache(maxsize=1024)  # one request asks for it three times
def _read_literal(host: str) -> Address | None:
    """The address that a host spells out, or None for a name. Reads 127.1, 0x7f.1 and 2130706433, as resolvers do."""
    bare = host.removesuffix(".")
    with suppress(ValueError):
        return ip_address(bare)
    try:
        return IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def _check_addresses(addresses: Sequence[Address], host: str, port: int, policy: FetchPolicy) -> None:
    """Raises AddressRefused if one of them may not be asked: a name with a public and a private one is an attack."""
    for address in addresses:
        if any(address in network for network in policy.allowed_networks):
            continue
        if not is_public(address):
            place = "it is" if host == str(address) else f"it leads to {address},"
            reason = f"{place} outside the public internet"
            raise AddressRefused(host=host, reason=reason, is_looked_up=_read_literal(host) is None)
        _check_port(host, port, policy)


def _check_port(host: str, port: int, policy: FetchPolicy) -> None:
    if port not in policy.allowed_ports:
        raise AddressRefused(host=host, reason=f"port {port} is not one of those that feeds are read from")


async def _look_up(threads: ThreadPoolExecutor, host: str, port: int) -> Sequence[str]:
    ask = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    answers = await asyncio.get_running_loop().run_in_executor(threads, ask)
    return [str(answer[4][0]) for answer in answers]


def _alternate_families(addresses: Sequence[Address]) -> list[Address]:
    """The system's order, but IPv6 and IPv4 in turn (RFC 8305 section 4), each address once."""
    distinct = list(dict.fromkeys(addresses))
    first = [address for address in distinct if address.version == distinct[0].version]
    other = [address for address in distinct if address.version != distinct[0].version]
    return [address for pair in itertools.zip_longest(first, other) for address in pair if address is not None]


async def _connected(address: Address, url: httpx.URL, ssl_context: ssl.SSLContext | None) -> Exchange:
    if url.scheme == "http":
        return Exchange(*await asyncio.open_connection(str(address), _port(url)))
    name = url.raw_host.decode("ascii").removesuffix(".")
    context = ssl_context or _default_ssl_context()
    return Exchange(*await asyncio.open_connection(str(address), _port(url), ssl=context, server_hostname=name))


@functools.cache
def _default_ssl_context() -> ssl.SSLContext:
    """Made once: loading the certificate authorities takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _plain_errors(host: str, exchange: Exchange | None = None) -> Iterator[None]:
    """Turns what sockets, TLS and HTTP/1.1 raise into our own errors."""
    try:
        yield
    except h11.ProtocolError as error:
        if exchange is not None and exchange.is_read_to_its_end:
            raise ConnectionFailed(host=host, reason="the connection was closed early") from error
        raise ProtocolBroken(host=host) from error
    except ssl.SSLCertVerificationError as error:
        reason = _CERTIFICATE_REASONS.get(error.verify_code, "it breaks the rules for certificates")
        raise TlsFailed(host=host, reason=reason) from error
    except ssl.SSLError as error:
        raise ConnectionFailed(host=host, reason="no encrypted connection could be agreed on") from error
    except ConnectionRefusedError as error:
        raise ConnectionFailed(host=host, reason="nobody answers at that port") from error
    except TimeoutError as error:
        raise ConnectionFailed(host=host, reason="nobody answers in time") from error
    except ConnectionError as error:
        raise ConnectionFailed(host=host, reason="the connection was closed early") from error
    except OSError as error:
        raise ConnectionFailed(host=host, reason="there is no way to its network") from error
