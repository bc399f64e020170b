"""The web page of one post to what it says of itself: title, author, date, how it begins, and where it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .address import absolute_link, host_of
from .markup import Tag, plain_text, tokens
from .text import one_line, resolve_entities

MAX_PAGE_CHARACTERS = 512 * 2**10
"""Read of a page, from its beginning."""
MAX_TITLE_CHARACTERS = 300
MAX_EXCERPT_CHARACTERS = 300
MAX_AUTHOR_CHARACTERS = 300
MIN_PARAGRAPH_CHARACTERS = 60
"""Of a text that may be how the post begins: a shorter one is a caption, a date or a button."""
_MAX_TOKENS = 200_000

_TITLE = re.compile(r"<title(?=[\s>])[^<>]*+>([^<]*+)", re.IGNORECASE)
_TITLES = ("og:title", "twitter:title", "dc.title")
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
_DATES = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date"),
    *("dcterms.created", "dcterms.date", "dc.date.issued", "dc.date", "date", "pubdate"),
)
_EXCERPTS = ("og:description", "description", "twitter:description", "dc.description")
"""Names of <meta> elements, in lower case; of several that a page has the first here counts."""


@dataclass(frozen=True, slots=True)
class PostPage:
    """What a page says of the post on it. Texts are plain and on one line; "" for what it doesn't say."""

    url: str
    """Where it belongs by its own word, if that is on the host that it was read from; else where it was read."""
    title: str
    author: str
    published: str
    """As it is written there."""
    excerpt: str
    site_name: str


def read_post_page(text: str, url: str) -> PostPage:
    """What the page that was read at `url` says. Never raises, and takes time that grows with its length alone."""
    source = text[:MAX_PAGE_CHARACTERS]
    said = _Said()
    for token in islice(tokens(source), _MAX_TOKENS):
        said.hear(token)
    titled = _TITLE.search(source)
    return PostPage(
        url=_own_address(said.address or said.first(("og:url",)), url),
        title=one_line(
            said.first(_TITLES) or plain_text(said.heading, 2 * MAX_TITLE_CHARACTERS) or _resolved(titled),
            MAX_TITLE_CHARACTERS,
        ),
        author=one_line(next(said.names(_AUTHORS), ""), MAX_AUTHOR_CHARACTERS),
        published=said.first(_DATES) or said.time,
        excerpt=one_line(said.first(_EXCERPTS) or said.paragraph, MAX_EXCERPT_CHARACTERS),
        site_name=one_line(said.first(("og:site_name", "application-name")), MAX_TITLE_CHARACTERS),
    )


class _Said:
    """What was heard of a page so far."""

    def __init__(self) -> None:
        self.meta: dict[str, str] = {}
        self.address = self.heading = self.time = self.paragraph = ""
        self._inside = ""
        self._heard: list[str] = []

    def first(self, names: tuple[str, ...]) -> str:
        return next((self.meta[name] for name in names if self.meta.get(name)), "")

    def names(self, names: tuple[str, ...]) -> Iterator[str]:
        """Those that are names of people: Facebook wants the address of a profile there."""
        return (self.meta[name] for name in names if self.meta.get(name) and "://" not in self.meta[name])

    def hear(self, token: str | Tag) -> None:
        if isinstance(token, str):
            if self._inside:
                self._heard.append(token)
        elif token.name in {"h1", "p"}:
            self._hear_text(token)
        elif not token.is_end and token.name in {"meta", "link", "time"}:
            self._hear_tag(token.name, token.attributes)

    def _hear_text(self, tag: Tag) -> None:
        """The end of a heading or of a paragraph, or the beginning of one, which ends the one before."""
        words = " ".join("".join(self._heard).split())
        if self._inside == "h1":
            self.heading = self.heading or words
        elif self._inside == "p" and len(words) >= MIN_PARAGRAPH_CHARACTERS:
            self.paragraph = self.paragraph or words
        self._heard = []
        self._inside = "" if tag.is_end else tag.name

    def _hear_tag(self, name: str, said: dict[str, str]) -> None:
        if name == "meta":
            what = said.get("property") or said.get("name") or said.get("itemprop") or ""
            self.meta.setdefault(what.strip().lower(), said.get("content", "").strip())
        elif name == "link" and "canonical" in said.get("rel", "").lower().split():
            self.address = self.address or said.get("href", "")
        elif name == "time":
            self.time = self.time or said.get("datetime", "").strip()


def _resolved(titled: re.Match[str] | None) -> str:
    return resolve_entities(titled[1]) if titled else ""


def _own_address(claimed: str, url: str) -> str:
    """A page may say under which address it belongs, but not that it is somebody else's."""
    address = absolute_link(claimed, url) if claimed else ""
    return address if address and host_of(address) == host_of(url) else url
