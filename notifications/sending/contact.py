"""Whom a push service can write to about our messages: the `sub` of a VAPID token (RFC 8292 section 2.1)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,253})", re.ASCII)
_HTTPS = re.compile(r"https://(?P<host>[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?(?:[/?][!#-;=?-~]*)?", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?P<top>[a-z]{2,63}|xn--[a-z0-9-]+)", re.ASCII)
_PRIVATE_TOPS = {"local", "localhost", "localdomain", "internal", "lan", "home", "corp", "invalid", "test", "example"}


def contact() -> str:
    """A mail address or a web address of the site's own, as a URI: VAPID_ADMIN_EMAIL, or else the readers' CONTACT."""
    chosen = str(settings.VAPID_ADMIN_EMAIL or settings.CONTACT).strip()
    if chosen:
        return chosen if chosen.startswith(("mailto:", "https:")) else f"mailto:{chosen}"
    site = urlsplit(settings.WEBSITE_URL)
    return str(settings.WEBSITE_URL) if site.scheme == "https" else f"mailto:webmaster@{site.hostname}"


def contact_problem(uri: str) -> str:
    """Why push services may refuse this contact, in words; empty if none should.

    Apple is the strictest: it answers 403 BadJwtToken to spaces, brackets and names that nobody outside can look up.
    """
    match = _MAILBOX.fullmatch(uri.removeprefix("mailto:")) if uri.startswith("mailto:") else _HTTPS.fullmatch(uri)
    if match is None:
        return "it is neither a plain mail address nor an https address"
    domain = _DOMAIN.fullmatch(match["host"].lower())
    if domain is None or domain["top"] in _PRIVATE_TOPS:
        return f"nobody outside can reach {match['host']}"
    return ""


def is_this_machine(host: str) -> bool:
    """Whether browsers take the host for secure without https (W3C Secure Contexts): localhost, loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
