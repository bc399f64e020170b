"""What can go wrong between a feed's address and its items: other people's problems, told in plain words.

    IngestError
    ├── FetchError                no usable answer came back
    │   ├── AddressRefused        we will not go there: scheme, port or a private address
    │   ├── NameNotFound          the host has no address
    │   ├── ConnectionFailed      nobody answers, or the connection broke
    │   ├── TlsFailed             the certificate can't be trusted
    │   ├── TimedOut              the total deadline passed
    │   ├── TooLarge              more bytes than we read
    │   ├── BadEncoding           the compressed body is cut short, or not in a coding we asked for
    │   ├── BadRedirect           a loop, too many hops, or nowhere
    │   ├── ProtocolBroken        not HTTP
    │   └── HttpStatus            an answer other than 200 and 304
    ├── ReadError                 an answer, but not a feed that can be read
    │   ├── EmptyBody
    │   ├── NotAFeed              a web page, an image …; carries the feeds that a page names
    │   ├── AlreadyListed         a web page whose feed we have, or another address of it
    │   ├── SourceRemoved         read from a place that curators removed
    │   ├── Unreadable            broken beyond what can be mended
    │   └── ReaderStopped         reading took too long or too much memory
    └── OurFault                  none of the above: a defect of Orrery's, logged with its trace

Each class has a `kind` (a short stable word for the row) and carries facts; `str()` is one sentence for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .types import FeedLink


def _revive(cls: type[IngestError], facts: dict[str, Any]) -> IngestError:
    return cls(**facts)


class IngestError(Exception):
    """Root of the tree. `str()` gives one plain sentence, at most 300 characters, without the server's own words."""

    kind: ClassVar[str] = "error"

    @property
    def for_everybody(self) -> str:
        """The sentence, without what our own network alone knows: the addresses of inside names."""
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), dict(self.__dict__))


class FetchError(IngestError):
    """No usable answer came back."""


@dataclass(eq=False)
class AddressRefused(FetchError):
    """`reason` finishes the sentence, e.g. "it is outside the public internet"; `is_looked_up` if a resolver told."""

    kind: ClassVar[str] = "refused"
    host: str
    reason: str
    is_looked_up: bool = False

    def __str__(self) -> str:
        return f"{self.host or 'The address'} is not asked: {self.reason}."

    @property
    def for_everybody(self) -> str:
        return NameNotFound(host=self.host).for_everybody if self.is_looked_up else str(self)


@dataclass(eq=False)
class NameNotFound(FetchError):
    kind: ClassVar[str] = "dns"
    host: str

    def __str__(self) -> str:
        return f"The host {self.host} is not known (no address for that name)."

    @property
    def for_everybody(self) -> str:
        return f"No server that this site can ask is known by the name {self.host}."


@dataclass(eq=False)
class ConnectionFailed(FetchError):
    kind: ClassVar[str] = "connection"
    host: str
    reason: str

    def __str__(self) -> str:
        return f"No connection to {self.host}: {self.reason}."


@dataclass(eq=False)
class TlsFailed(FetchError):
    kind: ClassVar[str] = "tls"
    host: str
    reason: str

    def __str__(self) -> str:
        return f"The certificate of {self.host} can't be trusted: {self.reason}."


@dataclass(eq=False)
class TimedOut(FetchError):
    kind: ClassVar[str] = "timeout"
    host: str
    limit_seconds: float

    def __str__(self) -> str:
        return f"{self.host} did not finish its answer within {self.limit_seconds:g} seconds."


@dataclass(eq=False)
class TooLarge(FetchError):
    kind: ClassVar[str] = "too_large"
    limit_bytes: int

    def __str__(self) -> str:
        return f"The answer is larger than {self.limit_bytes / 2**20:.3g} MiB, the most that is read of a feed."


@dataclass(eq=False)
class BadEncoding(FetchError):
    kind: ClassVar[str] = "encoding"
    reason: str

    def __str__(self) -> str:
        return f"The compressed answer can't be unpacked: {self.reason}."


@dataclass(eq=False)
class BadRedirect(FetchError):
    kind: ClassVar[str] = "redirect"
    reason: str

    def __str__(self) -> str:
        return f"The address redirects in a way that can't be followed: {self.reason}."


@dataclass(eq=False)
class ProtocolBroken(FetchError):
    kind: ClassVar[str] = "protocol"
    host: str

    def __str__(self) -> str:
        return f"The answer of {self.host} is not valid HTTP."


_STATUS_WORDS = {
    401: "The feed asks for a password (401).",
    402: "The server asks for payment (402).",
    403: "The server forbids reading the feed (403).",
    404: "There is nothing at this address (404).",
    410: "The feed is gone for good, says its server (410).",
    429: "The server asks us to come less often (429).",
    451: "The feed is withheld for legal reasons (451).",
    503: "The server is not available just now (503).",
}


@dataclass(eq=False)
class HttpStatus(FetchError):
    """`retry_after` is the header as sent; `is_challenge` tells a browser check (Cloudflare's cf-mitigated).

    `host` is who answered: behind a redirect, not the host of the feed's address.
    """

    kind: ClassVar[str] = "http"
    status: int
    retry_after: str = ""
    is_challenge: bool = False
    host: str = ""

    def __str__(self) -> str:
        if self.is_challenge:
            stopped = f"The site's bot protection stops feed readers ({self.status})"
            return f"{stopped}; its owner can exempt the feed's address."
        if self.status in _STATUS_WORDS:
            return _STATUS_WORDS[self.status]
        if self.status >= 500:
            return f"The server reports a fault of its own ({self.status})."
        return f"The server answers with status {self.status} instead of a feed."


class ReadError(IngestError):
    """An answer came, but not a feed that can be read."""


class EmptyBody(ReadError):
    kind: ClassVar[str] = "empty"

    def __str__(self) -> str:
        return "The answer is empty."


@dataclass(eq=False)
class NotAFeed(ReadError):
    """`what` is a noun phrase; `links` are the feeds that a web page names, best first.

    `trouble` is the sentence of the error that kept the first of them from being read, if that was tried.
    """

    kind: ClassVar[str] = "not_a_feed"
    what: str = "something else"
    links: tuple[FeedLink, ...] = ()
    trouble: str = ""

    def __str__(self) -> str:
        if not self.links:
            return f"This is {self.what}, not a feed, and it names no feed."
        if self.trouble:
            return f"This is {self.what}, not a feed; what it names can't be read, {self.links[0].url}: {self.trouble}"
        return f"This is {self.what}, not a feed; it names {self.links[0].url}"


@dataclass(eq=False)
class AlreadyListed(ReadError):
    """`is_page` tells a web page that names the feed from the feed at another address."""

    kind: ClassVar[str] = "already_listed"
    url: str
    is_page: bool = True

    def __str__(self) -> str:
        if not self.is_page:
            return f"This is the same feed as one that is on the list already: {self.url}"
        return f"This is a web page; its feed is on the list already: {self.url}"


@dataclass(eq=False)
class SourceRemoved(ReadError):
    """`why` is a sentence without its last full stop: which place, since when, and for which reason."""

    kind: ClassVar[str] = "removed"
    url: str
    why: str

    def __str__(self) -> str:
        return f"{self.why}."


@dataclass(eq=False)
class Unreadable(ReadError):
    """`reason` finishes the sentence; ours, never the document's own words."""

    kind: ClassVar[str] = "unreadable"
    reason: str

    def __str__(self) -> str:
        return f"The feed is too broken to read: {self.reason}."


@dataclass(eq=False)
class ReaderStopped(ReadError):
    kind: ClassVar[str] = "reader_stopped"
    reason: str

    def __str__(self) -> str:
        return f"Reading the feed was stopped: {self.reason}."


class OurFault(IngestError):
    kind: ClassVar[str] = "internal"

    def __str__(self) -> str:
        return "Orrery itself failed on this feed; the worker's log says how. It will be tried again."
