"""Addresses as public pages may show them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_NAME_AND_PASSWORD = re.compile(r"(^|//)[^/?#]*@")


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


def without_password(text: str) -> str:
    """What somebody wrote as an address, for a report: all before the @ sign of its host becomes an ellipsis."""
    return _NAME_AND_PASSWORD.sub(r"\1…@", text)
