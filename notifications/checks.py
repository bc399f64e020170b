"""System checks: what keeps push messages from arriving, said before anybody waits for one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from notifications.push_services import read_extra_host
from notifications.sending.contact import contact, contact_problem, is_this_machine
from notifications.vapid.key_files import readable_by_others
from notifications.vapid.keys import keyring


def check_all(**_: Any) -> list[CheckMessage]:
    """All of them; Django calls it as it calls its own."""
    return [*check_keys(), *check_extra_hosts(), *check_site()]


def check_keys() -> list[CheckMessage]:
    """Keys that can't be used stop the start: a new one in their place would cut off every device."""
    errors = [
        Error(f"{problem.what}.", hint=problem.way_out, id="notifications.E001") for problem in keyring().problems
    ]
    warnings = [
        Caution(f"{path} holds a secret and can be read by others.", hint=f"chmod 600 {path}", id="notifications.W001")
        for path in readable_by_others()
    ]
    return [*errors, *warnings]


def check_extra_hosts() -> list[CheckMessage]:
    return [
        Error(
            f"PUSH_EXTRA_HOSTS has an entry that can't be used: {text!r}.",
            hint="Each entry is a host or host:port, without https:// and without a path.",
            id="notifications.E002",
        )
        for text in settings.PUSH_EXTRA_HOSTS
        if read_extra_host(text) is None
    ]


def check_site() -> list[CheckMessage]:
    """A site on this machine is being tried out: browsers offer push there, and nobody needs to write to us."""
    site = urlsplit(settings.WEBSITE_URL)
    if is_this_machine(site.hostname or ""):
        return []
    return [*_secure_context(site.scheme), *_contact()]


def _secure_context(scheme: str) -> list[CheckMessage]:
    if scheme == "https":
        return []
    return [
        Caution(
            f"Browsers offer no notifications on {settings.WEBSITE_URL}: it is not https.",
            hint="Serve the site over https and set WEBSITE_URL to that address.",
            id="notifications.W002",
        )
    ]


def _contact() -> list[CheckMessage]:
    problem = contact_problem(contact())
    if not problem:
        return []
    return [
        Caution(
            f"Push services may refuse our messages; their contact is {contact()!r}: {problem}.",
            hint="Set CONTACT, or VAPID_ADMIN_EMAIL, to a mail address that people outside can write to.",
            id="notifications.W003",
        )
    ]
