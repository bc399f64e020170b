"""What tells that two entries are one post: an address, a permanent id, or nearly the same words. Pure."""

from __future__ import annotations

import hashlib
import re
from itertools import islice

from aggregator.ingest.address import absolute_link, link_identity
from aggregator.ingest.text import resolve_entities

SHORTEST_TEXT_WORDS = 48
"""Shorter texts say too little to be told apart."""
LONGEST_TEXT_WORDS = 3000
"""Of longer texts the beginning is compared."""
LEAST_LIKENESS = 0.9
"""Of two texts' runs of words, the share that both have."""
SHINGLE_WORDS = 3

# Only what its maker owns for good: a tag (RFC 4151) or a URN (RFC 8141). A number or a word is nobody's.
_PERMANENT_ID = re.compile(r"(?:tag:[^,\s]+,\d{4}[\d-]*:|urn:[a-z0-9][a-z0-9-]+:)\S+", re.IGNORECASE)
_TAG_AUTHORITY = re.compile(r"tag:(?:[^@,\s]*@)?([^,\s]+),", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")


def link_key(url: str) -> str:
    """The same for every spelling of a post's address; empty for none, and for a site's own address."""
    identity = link_identity(url)
    return _digest(identity) if re.search("[/?#]", identity) else ""


def id_key(guid: str) -> str:
    """The same for equal permanent ids; that of an address is the key of the link. Empty for ids of one feed only."""
    if _PERMANENT_ID.fullmatch(guid):
        return _digest(guid)
    return link_key(absolute_link(guid, "")) if _is_address(guid) else ""


def id_authority(guid: str) -> str:
    """The host, without "www.", in whose name a permanent id was made; empty for ids that name none."""
    tag = _TAG_AUTHORITY.match(guid)
    if tag:
        return tag[1].lower().removeprefix("www.")
    return authority(link_identity(absolute_link(guid, ""))) if _is_address(guid) else ""


def authority(identity: str) -> str:
    """The host, and the port if there is one, of what `link_identity` made."""
    return re.split("[/?#]", identity, maxsplit=1)[0]


def title_key(title: str, content_html: str) -> str:
    """The same for posts whose texts are worth comparing; empty for one with few words or without a title."""
    words = " ".join(_WORD.findall(title.casefold()))
    return _digest(words) if words and len(_words(content_html, SHORTEST_TEXT_WORDS)) == SHORTEST_TEXT_WORDS else ""


def shingles(content_html: str) -> frozenset[int]:
    """The runs of three words of a text, as numbers that compare within one process."""
    words = _words(content_html, LONGEST_TEXT_WORDS)
    return frozenset(hash(tuple(words[at : at + SHINGLE_WORDS])) for at in range(len(words) - SHINGLE_WORDS + 1))


def are_alike(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two texts, by their shingles, are nearly the same (Jaccard index)."""
    return bool(one) and len(one & other) >= LEAST_LIKENESS * len(one | other)


def _words(content_html: str, most: int) -> list[str]:
    text = resolve_entities(_MARKUP.sub(" ", content_html)).casefold()
    return [match[0] for match in islice(_WORD.finditer(text), most)]


def _is_address(guid: str) -> bool:
    return guid.lower().startswith(("http://", "https://"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
