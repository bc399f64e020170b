"""Which hosts are push services, who runs them, and their names and origins in rows and logs.

An endpoint is written by a stranger, and we POST to it. So its text is matched as a whole before anything parses it:
no two parsers can disagree on what its host is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

MAX_ENDPOINT_CHARACTERS = 1000
"""Endpoints have a few hundred; what is far longer is none."""
MAX_HOST_CHARACTERS = 253
"""Names that can be looked up are no longer (RFC 1035)."""
MAX_SERVICE_CHARACTERS = 255
"""The column `Delivery.service` has no room for more."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
# No user name, no IPv6 literal, no trailing dot, no backslash, no fragment; ASCII, as browsers write addresses.
_ENDPOINT = re.compile(
    rf"https://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?/[!-\"$-\[\]-~]*", re.ASCII | re.IGNORECASE
)
_EXTRA_HOST = re.compile(rf"(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?", re.ASCII | re.IGNORECASE)
_DEFAULT_PORT = 443


class EndpointRefused(ValueError):
    """The address is not one of a push service. Its text is the reason, and never contains the address."""


class Service(StrEnum):
    """Who runs a push service; they differ in what they answer."""

    GOOGLE = "Google (Chrome)"
    MOZILLA = "Mozilla (Firefox)"
    APPLE = "Apple (Safari)"
    MICROSOFT = "Microsoft (Edge)"
    OTHER = "another push service"


_HOSTS = {
    "fcm.googleapis.com": Service.GOOGLE,
    # Chromium that was built without Google's keys, or told of another server, subscribes here.
    "jmt17.google.com": Service.GOOGLE,
    # Where Firefox's debug builds subscribe, and whoever tries its push server out.
    "updates-autopush.stage.mozaws.net": Service.MOZILLA,
    "updates-autopush.dev.mozaws.net": Service.MOZILLA,
}
"""By their whole names: beside them, the same domains have hosts that are no push service. Not android.googleapis.com:
the browsers that subscribed there were too old to read our messages (RFC 8291)."""
_SUFFIXES = {
    ".push.services.mozilla.com": Service.MOZILLA,
    ".push.apple.com": Service.APPLE,
    ".notify.windows.com": Service.MICROSOFT,
}


def check_endpoint(url: str, extra_hosts: Sequence[str]) -> str:
    """The endpoint's origin, lower-case and without the default port: `https://fcm.googleapis.com`.

    `extra_hosts` are push services that are allowed besides the well-known ones, as `host` or `host:port`.
    Raises EndpointRefused for every address that is not one of a push service.
    """
    if len(url) > MAX_ENDPOINT_CHARACTERS:
        raise EndpointRefused(f"the address is longer than {MAX_ENDPOINT_CHARACTERS} characters")
    match = _ENDPOINT.fullmatch(url)
    if match is None:
        raise EndpointRefused("it is not a plain https address")
    host, port = match["host"].lower(), int(match["port"] or _DEFAULT_PORT)
    if len(host) > MAX_HOST_CHARACTERS:
        raise EndpointRefused("its host is longer than names can be")
    is_well_known = port == _DEFAULT_PORT and operator_of_host(host) is not Service.OTHER
    if not is_well_known and (host, port) not in {read_extra_host(text) for text in extra_hosts}:
        raise EndpointRefused("it is not the address of a push service that we know")
    return f"https://{host}" if port == _DEFAULT_PORT else f"https://{host}:{port}"


def read_extra_host(text: str) -> tuple[str, int] | None:
    """The host and the port of an entry of PUSH_EXTRA_HOSTS, or None if it is not of the form host or host:port."""
    match = _EXTRA_HOST.fullmatch(text)
    return (match["host"].lower(), int(match["port"] or _DEFAULT_PORT)) if match else None


def operator_of(origin: str) -> Service:
    """Who runs the push service of this origin (as `check_endpoint` gives it)."""
    host, _, port = origin.removeprefix("https://").partition(":")
    return Service.OTHER if port else operator_of_host(host)


def operator_of_host(host: str) -> Service:
    by_suffix = (service for suffix, service in _SUFFIXES.items() if host.endswith(suffix))
    return _HOSTS.get(host) or next(by_suffix, Service.OTHER)


def name_of(host: str) -> str:
    """Who runs the push service at this host (with a port, if it has an unusual one); else the host itself."""
    service = operator_of_host(host)
    return host if service is Service.OTHER else str(service)


def service_of(endpoint: str) -> str:
    """What rows and logs keep of an endpoint: its host, with its port unless that is 443; empty if it has none."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORT
    except ValueError:
        return ""
    name = host if port == _DEFAULT_PORT else f"{host}:{port}"
    return name if len(name) <= MAX_SERVICE_CHARACTERS else ""


def origin_of(service: str) -> str:
    """The origin (RFC 6454) of a push service: they are all reached by https."""
    return f"https://{service}"
