"""Push services by name: all that rows and logs keep of an endpoint."""

from __future__ import annotations

from urllib.parse import urlsplit

_LONGEST = 255


def service_of(endpoint: str) -> str:
    """The endpoint's host, with its port unless that is 443; empty for an endpoint that is none."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return ""
    name = host if port == 443 else f"{host}:{port}"
    return name if len(name) <= _LONGEST else ""


def origin_of(service: str) -> str:
    """The origin (RFC 6454) of a push service: they are all reached by https."""
    return f"https://{service}"
