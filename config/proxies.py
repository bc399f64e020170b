"""What a proxy says of the request that it passes on is believed, and what anybody else says is not; and what nobody is
believed: in which encoding a request is."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

logger = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

THIS_MACHINE = "127.0.0.1"
_CHARSET = re.compile(r""";\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")

NOT_REDIRECTED = ("/healthz", "/readyz")
MAX_PEERS = 10
"""That are named in the log: whoever reaches the web server can look like a proxy."""


def believing(application: Application, proxies: Collection[Network], https_host: str = "") -> Application:
    """The WSGI application, where a request of one of the proxies has the scheme and the client that it names.

    The scheme is that of X-Forwarded-Proto, the client's address (REMOTE_ADDR) the last one of X-Forwarded-For: what
    stands before it, the client may have written. Of other senders these headers are dropped. A sender without an
    address came through a unix socket: it's on this machine, and believed if this machine is.

    `https_host` is where the application sends who comes by http, if it does. Who comes there by https through a proxy
    that isn't believed, or says nothing of it, is sent to where it is already: the log is told, once for each proxy.
    """
    named: set[str] = set()

    def name(peer: str, sentence: str) -> None:
        if peer not in named and len(named) < MAX_PEERS:
            named.add(peer)
            logger.warning(sentence, peer or "a unix socket")

    def believe(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = {name: environ.pop(name, "") for name in FORWARDED}
        peer = environ.get("REMOTE_ADDR", "")
        is_believed = _is_one_of(peer, proxies)
        if is_believed:
            scheme = _last(said["HTTP_X_FORWARDED_PROTO"]).lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
            if _address(client := _last(said["HTTP_X_FORWARDED_FOR"])):
                environ["REMOTE_ADDR"] = client
        if https_host and environ.get("wsgi.url_scheme") == "http" and _is_asked_already(environ, said, https_host):
            name(peer, SILENT_PROXY if is_believed else UNKNOWN_PROXY + unread_variable())
        return application(environ, start_response)

    return believe


def in_utf8(application: Application) -> Application:
    """The WSGI application, where no request says in which encoding it is: forms and addresses are in UTF-8.

    Python knows encodings that have lone surrogates, which no database takes, and some that are none of text, at which
    Django fails before any of our code is asked.
    """

    def ask(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if content_type := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
        return application(environ, start_response)

    return ask


UNKNOWN_PROXY = (
    "a proxy isn't believed peer=%s: it passes on what was asked by https, and the answer leads to the same address, "
    "again and again. If it is yours, add its address to TRUSTED_PROXIES and start anew."
)
SILENT_PROXY = (
    "a proxy doesn't say by what scheme it was asked peer=%s: the answer leads to the same https address, again and "
    "again. Let it set X-Forwarded-Proto, as the samples in config/deploy do."
)


def unread_variable() -> str:
    """A sentence on the variable of other web servers, if it is set where ours isn't; else empty."""
    if not os.environ.get("FORWARDED_ALLOW_IPS") or os.environ.get("TRUSTED_PROXIES"):
        return ""
    return " FORWARDED_ALLOW_IPS is set, and isn't read here: TRUSTED_PROXIES is."


def _is_asked_already(environ: Mapping[str, Any], said: Mapping[str, str], https_host: str) -> bool:
    """Whether the client has asked for the very https address that a redirect would name.

    Of proxies that say nothing a browser tells: it sends Sec-Fetch-Mode to https addresses, and to this machine's own.
    """
    if environ.get("HTTP_HOST", "").lower() != https_host.lower() or environ.get("PATH_INFO") in NOT_REDIRECTED:
        return False
    scheme, told = _last(said["HTTP_X_FORWARDED_PROTO"]).lower(), said["HTTP_FORWARDED"].lower()
    return scheme == "https" or "proto=https" in told or "HTTP_SEC_FETCH_MODE" in environ


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
