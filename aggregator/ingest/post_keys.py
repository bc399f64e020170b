"""What a post is known by, whichever feed brought it: its address or a permanent id, each as a short key."""

from __future__ import annotations

import hashlib
import re

from .address import absolute_link, link_identity

# Ids that their makers own for good: tags (RFC 4151) and URNs (RFC 8141). Any feed may use a number or a word.
_PERMANENT_ID = re.compile(r"(?:tag:[^,\s]+,\d{4}[\d-]*:|urn:[a-z0-9][a-z0-9-]+:)\S+", re.IGNORECASE)


def link_key(url: str) -> str:
    """The same for every spelling of a post's address; empty for none, and for a site's own address."""
    identity = link_identity(url)
    return digest(identity) if re.search("[/?#]", identity) else ""


def id_key(guid: str) -> str:
    """The same for equal permanent ids; an id that is an address has the key of a link. Empty for other ids."""
    if _PERMANENT_ID.fullmatch(guid):
        return digest(guid)
    return link_key(absolute_link(guid, "")) if is_address(guid) else ""


def is_address(guid: str) -> bool:
    """Whether an id is the address of a web page."""
    return guid.lower().startswith(("http://", "https://"))


def digest(text: str) -> str:
    """A key of 32 letters, the same for equal texts."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
