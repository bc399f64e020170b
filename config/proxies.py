"""What a proxy says of the request that it passes on is believed, and what anybody else says is not."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

THIS_MACHINE = "127.0.0.1"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def believing(application: Application, proxies: Collection[Network]) -> Application:
    """The WSGI application, where a request of one of the proxies has the scheme and the client that it names.

    The scheme is that of X-Forwarded-Proto, the client's address (REMOTE_ADDR) the last one of X-Forwarded-For: what
    stands before it, the client may have written. Of other senders these headers are dropped. A sender without an
    address came through a unix socket: it's on this machine, and believed if this machine is.
    """

    def believe(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = {name: environ.pop(name, "") for name in FORWARDED}
        if _is_one_of(environ.get("REMOTE_ADDR", ""), proxies):
            scheme = _last(said["HTTP_X_FORWARDED_PROTO"]).lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
            if _address(client := _last(said["HTTP_X_FORWARDED_FOR"])):
                environ["REMOTE_ADDR"] = client
        return application(environ, start_response)

    return believe


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _is_one_of(peer: str, proxies: Collection[Network]) -> bool:
    address = _address(peer or THIS_MACHINE)
    return address is not None and any(address in network for network in proxies)


@lru_cache(maxsize=256)  # nearly all requests come from the same few, and to read an address takes long
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
