"""The links that a planet's footer has beside ours, such as to its imprint. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.exchange.contact import BadContact, contact_of

MAX_LINKS = 10
MAX_NAME_CHARACTERS = 60
MAX_ADDRESS_CHARACTERS = 2000
_NO_ADDRESS = re.compile(r"[\s<>\"\\^`{|}\x00-\x20\x7f]")


class BadLinks(ValueError):
    """`str()` says what they must be."""


@dataclass(frozen=True, slots=True)
class FooterLink:
    name: str
    href: str

    def __str__(self) -> str:
        return f"{self.name}={self.href}"


def links_of(text: str) -> tuple[FooterLink, ...]:
    """The links of such as "Imprint=https://example.org/imprint, Privacy=/privacy/". Raises BadLinks."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MAX_LINKS:
        raise BadLinks(f"at most {MAX_LINKS} links, and these are {len(parts)}")
    return tuple(map(_link_of, parts))


def _link_of(part: str) -> FooterLink:
    name, equals, address = (piece.strip() for piece in part.partition("="))
    name = " ".join(name.split())
    if not equals or not name or not address:
        raise BadLinks(
            "links such as Imprint=https://example.org/imprint, with commas between them; "
            f"{part!r} is none (a comma within an address is written as %2C)"
        )
    if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise BadLinks(f"links whose names are words of at most {MAX_NAME_CHARACTERS} characters; {name!r} is not")
    href = _href_of(address)
    if not href:
        raise BadLinks(
            f"links to an https or http address, a mail address such as mailto:planet@example.org, or a path of this "
            f"site such as /about/; that of {name!r} is {address!r}"
        )
    return FooterLink(name, href)


def _href_of(address: str) -> str:
    """Where the link leads; empty if no browser should go there."""
    if address.lower().startswith("mailto:"):
        try:
            return contact_of(address).href
        except BadContact:
            return ""
    if len(address) > MAX_ADDRESS_CHARACTERS or _NO_ADDRESS.search(address):
        return ""
    if address.startswith("/"):
        return "" if address.startswith("//") else address
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return address if is_web else ""
