"""A web page to the feeds that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from urllib.parse import urljoin, urlsplit

from .address import MAX_URL_CHARACTERS, opened_in_program
from .feed_names import (
    behind_reader,
    is_elsewhere,
    is_feed_type,
    is_of_comments,
    is_of_part,
    leads_to_feed,
    may_be_feed,
    says_feed,
)
from .types import FeedLink

_MAX_PAGE_CHARACTERS = 512 * 2**10
"""Read of a page, from its beginning: feeds are named in the head."""

_LATE_LINK = r"<link\s(?=[^<>]{0,2000}(?:rss|atom)\+xml)[^<>]{0,4000}+>"
"""Of a page beyond that: some have all of their styles and scripts before it."""

_MAX_LINKS = 20
"""Given back, the best of them; nobody chooses among more."""

_MAX_CANDIDATES = 500
"""Looked at, so that a page full of links can't fill the memory."""

_MAX_TITLE_CHARACTERS = 200
"""A longer title is cut."""

_ANNOUNCING = frozenset({"alternate", "alternative", "altenate", "self", "service.feed"})
"""Relations of a link, rightly written or not, beside which a type of feeds is believed."""


def feed_links(text: str, url: str) -> tuple[FeedLink, ...]:
    """The feeds that an HTML page at `url` names, best first: at most 20, absolute http(s), none twice.

    Feeds of the whole site come before those of a category; those of comments are none. Where the page names none in
    its head (https://www.rssboard.org/rss-autodiscovery), links that plainly lead to a feed count, those to other
    sites last. Reads the first 512 Ki characters, and looks beyond them for what is announced. Never raises.
    """
    page = _Page()
    # Browsers take "<![" for a comment up to ">"; the parser raises where no name follows it.
    page.feed(text[:_MAX_PAGE_CHARACTERS].replace("<![", "<! ["))
    page.end_anchor()
    base = _absolute(url, page.base) or url
    named = _named(page.announced, base, url) or _named(_late_links(text), base, url)
    return named or _named(page.anchors, base, url, are_anchors=True)


@dataclass(slots=True)
class _Link:
    href: str
    title: str = ""
    content_type: str = ""


def _late_links(text: str) -> list[_Link]:
    """What is announced beyond that part of a page that is read."""
    late = _Page()
    for tag in islice(re.finditer(_LATE_LINK, text[_MAX_PAGE_CHARACTERS:], re.IGNORECASE), _MAX_LINKS):
        late.feed(tag[0])
    return late.announced


def _named(links: list[_Link], base: str, url: str, *, are_anchors: bool = False) -> tuple[FeedLink, ...]:
    """Those of these links at `url` that are feeds of posts, best first; of anchors, those to other sites last."""
    named: dict[str, FeedLink] = {}
    for link in links:
        address = _absolute(base, link.href)
        if address and address != url and not is_of_comments(address, link.title):
            named.setdefault(address, FeedLink(address, _one_line(link.title), link.content_type))

    def drawbacks(link: FeedLink) -> tuple[bool, bool, bool]:
        is_in_json = "json" in link.content_type  # which few other programs read
        return are_anchors and is_elsewhere(link.url, url), is_of_part(link.url, link.title), is_in_json

    return tuple(sorted(named.values(), key=drawbacks)[:_MAX_LINKS])


class _Page(HTMLParser):
    """Collects what a page says about feeds. Not closed after use: an unfinished tag names nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base = ""
        self.announced: list[_Link] = []
        self.anchors: list[_Link] = []
        self._anchor: _Link | None = None
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "template":
            self._templates += 1
        if tag not in {"base", "link", "a", "img"} or self._templates:
            return
        values = {name: (value or "").strip() for name, value in reversed(attrs)}
        if tag == "img":
            self.handle_data(values.get("alt", ""))
            return
        title = values.get("title", "") or values.get("aria-label", "")
        link = _Link(values.get("href", ""), title, _media_type(values.get("type", "")))
        if tag == "a":
            self.end_anchor()
            self._anchor = link
        elif tag == "base":
            self.base = self.base or link.href
        elif link.href and _announces_feed(link, values):
            self._add(self.announced, link)

    def handle_data(self, data: str) -> None:
        if self._anchor and len(self._anchor.title) < _MAX_TITLE_CHARACTERS and not self._anchor.title.endswith(data):
            self._anchor.title += data[:_MAX_TITLE_CHARACTERS]

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates = max(self._templates - 1, 0)
        elif tag == "a":
            self.end_anchor()

    def end_anchor(self) -> None:
        """Take the link that is open, if it leads to a feed."""
        link, self._anchor = self._anchor, None
        if link is None or not link.href:
            return
        written, link.href = link.href, behind_reader(link.href)
        is_plain = link.href != written or leads_to_feed(link.href)
        if is_plain or is_feed_type(link.content_type) or says_feed(link.title):
            self._add(self.anchors, link)

    @staticmethod
    def _add(links: list[_Link], link: _Link) -> None:
        if len(links) < _MAX_CANDIDATES:
            links.append(link)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().casefold()


def _announces_feed(link: _Link, values: dict[str, str]) -> bool:
    relations = set(values.get("rel", "").casefold().split())
    if relations & {"feed", "rss", "atom"}:
        return True
    if "stylesheet" in relations:
        return False
    if is_feed_type(link.content_type):
        return not relations or bool(relations & _ANNOUNCING)
    is_other_version = "hreflang" in values or "media" in values
    return "alternate" in relations and not is_other_version and may_be_feed(link.content_type, link.href, link.title)


def _absolute(base: str, href: str) -> str:
    """`href` resolved, without a fragment; empty if it isn't http(s) or can't be read."""
    try:
        address = urljoin(base, opened_in_program(href)).partition("#")[0]
        parts = urlsplit(address)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(address) <= MAX_URL_CHARACTERS
    except ValueError:
        return ""
    return address if is_usable else ""


def _one_line(title: str) -> str:
    return " ".join(title.split())[:_MAX_TITLE_CHARACTERS]
