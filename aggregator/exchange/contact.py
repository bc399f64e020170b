"""Whom readers can write to: a mail address or an https address, and how a page links to it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

MAX_CHARACTERS = 320
"""As many as the longest mail address has: 64 before the @ sign and 255 behind it (RFC 5321 section 4.5.3.1)."""

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_MAILBOX = re.compile(rf"[^\s@<>()\[\]\\,:;\"\x00-\x1f\x7f]{{1,64}}@(?:{_LABEL}\.)*{_LABEL}")
_NO_LINK = re.compile(r"[\s<>\"\\^`{|}\x00-\x20\x7f]")


class BadContact(ValueError):
    """A text that is neither a mail address nor an https address."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a link to it leads, and what the link says."""

    href: str
    text: str


@lru_cache(maxsize=8)  # a page asks each time for the same
def contact_of(text: str) -> Contact:
    """The contact that a text names: "curators@planet.example", also behind "mailto:", or an https address.

    Raises BadContact.
    """
    text = text.strip()
    mailbox = text[7:] if text.lower().startswith("mailto:") else text
    if len(text) <= MAX_CHARACTERS and _MAILBOX.fullmatch(mailbox):
        return Contact(href=f"mailto:{quote(mailbox, safe='@')}", text=mailbox)
    if text[:8].lower() == "https://":
        text = f"https://{text[8:]}"
    if not _is_https(text):
        raise BadContact(text)
    return Contact(href=text, text=text[len("https://") :].rstrip("/"))


def _is_https(text: str) -> bool:
    if len(text) > MAX_CHARACTERS or _NO_LINK.search(text):
        return False
    try:
        parts = urlsplit(text)
        return text.startswith("https://") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
