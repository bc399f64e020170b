"""The values that the stages hand to each other. All are frozen, and all but large bodies can go to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .spool import Spool

CONTENT_VERSION = "6"
"""Part of every content hash. Count it up when the rules for reading or cleaning change: then each feed is asked once
without validators, and what it has published is read anew by the new rules, without counting as an edit."""

MADE_OF_TEXT = "sha256:"
"""What a guid begins with that is a digest: of an item's text, where it has neither id nor link, or of a long id."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What a request may cost and where it may go."""

    user_agent: str
    timeout_seconds: float = 30.0
    """Total, for one feed: look-up, connection, headers, body and every redirect together."""
    max_bytes: int = 10 * 2**20
    """Size of the body after decompression."""
    max_redirects: int = 5
    allowed_ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks exempt from the address and port rules; the demo and the tests list 127.0.0.0/8."""
    spool_folder: Path | None = None
    """On whose disk large bodies lie until they are read; None for where the machine has its temporary files."""


@dataclass(frozen=True, slots=True)
class Request:
    """One feed to ask for, with the validators that it gave us last time (replayed byte for byte)."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A good answer: 200 with a body, or 304 without one."""

    url: str
    """Where the body came from, after all redirects."""
    status: int
    body: bytes = b""
    """Decompressed; empty if it is large."""
    large: Spool | None = None
    """The body if it is large, in a file."""
    body_hash: str = ""
    """What `fingerprint` says of the body; empty for a 304."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names."""
    etag: str = ""
    last_modified: str = ""
    permanent_url: str = ""
    """Where the leading run of 301 and 308 answers ends; empty if the first answer wasn't one."""


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that an HTML page names in its head."""

    url: str
    title: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class RawSource:
    """Where an item of a planet came from first (atom:source, RSS source)."""

    title: str = ""
    url: str = ""
    feed_id: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote an item."""

    name: str
    url: str = ""
    """The person's address on the web, as the feed gives it. It is a claim of the feed."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A picture, a recording or a file that stands beside an item's text."""

    url: str
    media_type: str = ""
    """Lower-case, without parameters; empty if nothing tells it."""
    byte_count: int | None = None
    seconds: int | None = None
    title: str = ""
    """Of a picture, what can be seen in it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Items of a document that are not there as posts, and why: how many for each reason."""

    empty: int = 0
    """With neither text nor link nor file."""
    unreadable: int = 0
    """Whose markup stops the parser."""
    torn: int = 0
    """Cut off, as the document ends within them."""
    repeated: int = 0
    """Copies of others that stand in the same document."""
    too_old: int = 0
    """Beyond the newest, of which so many are taken."""
    files: int = 0
    """No items, but what stands beside them beyond the first, of which so many are taken."""

    @property
    def total(self) -> int:
        """Of items."""
        return self.empty + self.unreadable + self.torn + self.repeated + self.too_old

    def __add__(self, other: Skipped) -> Skipped:
        return Skipped(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item as its feed wrote it: nothing resolved, nothing cleaned, nothing invented."""

    guid: str = ""
    url: str = ""
    title: str = ""
    title_is_html: bool = True
    content_html: str = ""
    """The fullest of content and summary."""
    content_digest: str = ""
    """Stands for a content that was left out because it is known."""
    base_url: str = ""
    """What relative links in the item resolve against (xml:base, else the feed's)."""
    authors: tuple[str, ...] = ()
    persons: tuple[Person, ...] = ()
    """Those of the authors for whom the feed gives an address."""
    published: str = ""
    updated: str = ""
    published_guess: datetime | None = None
    """The parser's own reading of `published`, aware UTC; known to lie, so it comes second."""
    updated_guess: datetime | None = None
    source: RawSource | None = None
    language: str = ""
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    """Their addresses may be relative."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A feed as it was written."""

    title: str = ""
    title_is_html: bool = True
    description: str = ""
    rights: str = ""
    site_url: str = ""
    feed_id: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    persons: tuple[Person, ...] = ()
    """Those of its authors for whom it gives an address."""
    dates: tuple[str, ...] = ()
    """Of the feed itself: when it was published, then when it was built or changed."""
    ttl_seconds: int | None = None
    """The longest of what the feed asks for: ttl, sy:updatePeriod / sy:updateFrequency."""
    skip_hours: tuple[int, ...] = ()
    """In UTC, from 0 to 23, in which the feed doesn't want to be read."""
    skip_days: tuple[int, ...] = ()
    """From Monday, which is 0, to Sunday."""
    items: tuple[RawItem, ...] = ()
    skipped: Skipped = Skipped()
    """Items that could not be read; the others were."""
    is_sound: bool = False
    """Its XML is well-formed, so nothing in it can change what something else means; its JSON needed no mending."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item ready for the database. Texts are plain, addresses absolute http(s) or empty, times aware UTC."""

    guid: str
    """Unique within its document."""
    url: str
    title: str
    author: str
    """The names of all who wrote it."""
    content_html: str | None
    """Between normalize and sanitize: as written. After it: safe. None: known already, not cleaned again."""
    content_hash: str
    """Of the content as written (and of what it resolves against)."""
    base_url: str = ""
    excerpt: str = ""
    """Plain text, at most 300 characters; filled by sanitize."""
    is_cut: bool = False
    """Whether sanitize cut it off, as it was too long."""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    source_title: str = ""
    source_url: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    persons: tuple[Person, ...] = ()
    """The first of its authors, one by one."""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed ready for the database."""

    title: str
    description: str
    site_url: str
    feed_id: str
    language: str
    ttl_seconds: int | None
    items: tuple[Item, ...]
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    dated_at: datetime | None = None
    """What the feed says of its own age; None if it says nothing, or no more than that it was built just now."""
    skipped: Skipped = Skipped()
    memory: str = ""
    """What the next reading of this feed may know of this one; empty if nothing."""
    counting_items: int = 0
    """How many of the items have what counts their readers; only if that was asked for."""
    is_mended: bool = False
    """Whether it was broken, and read all the same."""
    charset_flaw: str = ""
    """What is wrong with how it says in which encoding it is (`decode.charset_flaw`); empty if nothing is."""
    byte_count: int = 0
    """Of the body that it was read from."""
