"""How the site sends mail, as Django wants to know it; nothing, where EMAIL_URL is not set."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

from config.environment import env, read_contact, read_number, refuse

PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "consolemail": None}
"""By the schemes that are taken. Not smtps, which says to some that TLS begins later, to others that it is there at
once: each waits in vain for a server of the other kind."""
_EXPECTED = (
    "an address such as smtp+tls://user:password@host:587 (TLS begins after the greeting), "
    "smtp+ssl://user:password@host:465 (TLS from the start), smtp://localhost:25, or consolemail:// to see mails in "
    "the worker's output; signs such as @ in a password are written as %40"
)


BACKENDS = "django.core.mail.backends."
NO_MAIL: dict[str, Any] = (
    {"MAILERS": {}} if django.VERSION >= (6, 1) else {"EMAIL_BACKEND": f"{BACKENDS}dummy.EmailBackend"}
)
"""Django's settings where EMAIL_URL is not set: else it would take a server on this machine for granted."""


def mail_settings(contact: str) -> dict[str, Any]:
    """Django's settings for mail; none, if there is no mail. `contact` stands in for an EMAIL_FROM."""
    timeout = read_number("EMAIL_TIMEOUT_SECONDS", default=10, minimum=1, maximum=60)
    sender, url = _sender(contact), env.str("EMAIL_URL", default="").strip()
    if not url:
        return {}
    backend, options = _server(url)
    if not sender:
        raise refuse("EMAIL_FROM", "the mail address that the site's mails come from, as EMAIL_URL is set")
    options |= {"timeout": timeout} if options else {}
    return in_djangos_words(backend, **options) | {"DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender}


def in_djangos_words(backend: str, **options: Any) -> dict[str, Any]:
    """The settings that name this one of Django's backends, with these of its options. Their names changed in 6.1."""
    if django.VERSION >= (6, 1):
        return {"MAILERS": {"default": {"BACKEND": BACKENDS + backend, "OPTIONS": options}}}
    names = {"username": "HOST_USER", "password": "HOST_PASSWORD"}
    found = {f"EMAIL_{names.get(name, name.upper())}": value for name, value in options.items()}
    return {"EMAIL_BACKEND": BACKENDS + backend} | found


def _server(url: str) -> tuple[str, dict[str, Any]]:
    """The backend, and its options."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in PORTS and parts.port != 0
        is_whole = bool(parts.hostname) or parts.scheme == "consolemail"
        if not (is_usable and is_whole) or parts.query or parts.path.strip("/"):
            raise refuse("EMAIL_URL", _EXPECTED)
        config: dict[str, Any] = env.email_url_config(url)
    except (ValueError, ImproperlyConfigured) as error:
        raise refuse("EMAIL_URL", _EXPECTED) from error
    if parts.scheme == "consolemail":
        return "console.EmailBackend", {}
    return "smtp.EmailBackend", {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"] or PORTS[parts.scheme],
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtp+ssl",
    }


def _sender(contact: str) -> str:
    """The address that mails come from; empty if there is none."""
    sender = read_contact("EMAIL_FROM")
    if sender.startswith("https:"):
        raise refuse("EMAIL_FROM", "a mail address such as planet@planet.example.org")
    return sender or ("" if contact.startswith("https:") else contact)
