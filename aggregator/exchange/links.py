"""Addresses as public pages may show them."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit, urlunsplit

MAX_LISTED_BYTES = 1000
"""Of an address as HTML or XML, in a list of many sources: else a hundred addresses of 2,000 letters would be a page
that no reader can load."""

_NAME_AND_PASSWORD = re.compile(r"(^|//)[^/?#]*@")
_UNSAFE_AFTER_HOST = re.compile(r"[^A-Za-z0-9._~/?:@!$&'()*+,;=%-]+")
"""What may not stand in a path, a query or a fragment (RFC 3986 section 3.3 to 3.5)."""
_ESCAPED_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)


def public_url(url: str, fallback: str = "") -> str:
    """The address without a user's name and password, or `fallback` for what is no web address with a host.

    Rows were checked when they were stored; curators, imports and old versions can still have written others.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return fallback
    if parts.scheme not in {"http", "https"} or not host:
        return fallback
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def public_uri(url: str) -> str:
    """`public_url` as RFC 3986 has it, for readers that hold to that: what may not stand after the host is encoded.

    Ingest leaves "[" and "]" as they were written, as browsers do: an address is what a post is known by.
    """
    scheme, netloc, *rest = urlsplit(public_url(url))
    return urlunsplit((scheme, netloc, *(_UNSAFE_AFTER_HOST.sub(_encoded, part) for part in rest)))


def _encoded(unsafe: re.Match[str]) -> str:
    """As `urllib.parse.quote` does it, in one step: a feed can hold a thousand addresses without a safe letter."""
    return "%" + unsafe[0].encode().hex("%").upper()


def listed_url(url: str, fallback: str = "") -> str:
    """As `public_url`, but `fallback` also for what would take more than MAX_LISTED_BYTES."""
    shown = public_url(url)
    return shown if shown and len(escape(shown).encode()) <= MAX_LISTED_BYTES else fallback


def with_ampersands(address: str) -> str:
    """An address that somebody copied out of HTML, where "&" is written "&amp;" or "&#038;", as it is asked for."""
    return _ESCAPED_AMPERSAND.sub("&", address)


def without_password(text: str) -> str:
    """What somebody wrote as an address, for a report: all before the @ sign of its host becomes an ellipsis."""
    return _NAME_AND_PASSWORD.sub(r"\1…@", text)
