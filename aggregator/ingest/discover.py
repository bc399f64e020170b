"""A web page to the feeds that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from .types import FeedLink

_MAX_PAGE_CHARACTERS = 512 * 2**10
"""Read of a page, from its beginning: feeds are named in the head."""

_MAX_LINKS = 20
"""Given back, the best of them; nobody chooses among more."""

_MAX_CANDIDATES = 500
"""Looked at, so that a page full of links can't fill the memory."""

_MAX_TITLE_CHARACTERS = 200
"""A longer title is cut."""

_MAX_URL_CHARACTERS = 2000
"""A longer address works in few browsers and servers."""

_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/xml",
        "text/xml",
        "text/rss+xml",
        "text/rss",
    }
)
_JSON = "application/json"
"""JSON Feed 1.0 asked for this type, but WordPress announces its API with it too."""

_COMMENTS = re.compile(r"comment|kommentar|reacties|replies|respuestas", re.IGNORECASE)
_PART_OF_SITE = re.compile(r"/(?:category|categories|tags?|topics?|labels?|author|kategorie)/|categor", re.IGNORECASE)
_FEED_PATH = re.compile(
    r"/(?:feeds?|rss|atom)/?$|/(?:feed|rss2?0?|atom|index|feed\.atom|blog)\.(?:xml|rdf|rss|atom|json)$|\.(?:rss|atom)$",
    re.IGNORECASE,
)


def feed_links(text: str, url: str) -> tuple[FeedLink, ...]:
    """The feeds that an HTML page at `url` names, best first: at most 20, absolute http(s), none twice.

    Feeds of the whole site come before those of a category, and both before feeds of comments. Where the page names
    none in its head (https://www.rssboard.org/rss-autodiscovery), links that plainly lead to a feed count. Reads the
    first 512 Ki characters. Never raises.
    """
    page = _Page()
    # Browsers take "<![" for a comment up to ">"; the parser raises where no name follows it.
    page.feed(text[:_MAX_PAGE_CHARACTERS].replace("<![", "<! ["))
    base = _absolute(url, page.base) or url
    links: dict[str, FeedLink] = {}
    for link in page.announced or page.anchors:
        address = _absolute(base, link.href)
        if address:
            links.setdefault(address, FeedLink(address, _one_line(link.title), link.content_type))
    return tuple(sorted(links.values(), key=_drawbacks)[:_MAX_LINKS])


@dataclass(frozen=True, slots=True)
class _Link:
    href: str
    title: str = ""
    content_type: str = ""


class _Page(HTMLParser):
    """Collects what a page says about feeds. Not closed after use: an unfinished tag names nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base = ""
        self.announced: list[_Link] = []
        self.anchors: list[_Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"base", "link", "a"}:
            return
        values = {name: (value or "").strip() for name, value in reversed(attrs)}
        link = _Link(values.get("href", ""), values.get("title", ""), _media_type(values.get("type", "")))
        if not link.href:
            return
        if tag == "base":
            self.base = self.base or link.href
        elif tag == "link" and _announces_feed(link, values.get("rel", "").casefold().split()):
            self._add(self.announced, link)
        elif tag == "a" and _leads_to_feed(link):
            self._add(self.anchors, link)

    @staticmethod
    def _add(links: list[_Link], link: _Link) -> None:
        if len(links) < _MAX_CANDIDATES:
            links.append(link)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().casefold()


def _announces_feed(link: _Link, relations: list[str]) -> bool:
    if "feed" in relations:
        return True
    if "alternate" not in relations or "stylesheet" in relations:
        return False
    return link.content_type in _FEED_TYPES or (link.content_type == _JSON and "feed" in link.href.casefold())


def _leads_to_feed(link: _Link) -> bool:
    return link.content_type in _FEED_TYPES or bool(_FEED_PATH.search(re.split(r"[?#]", link.href, maxsplit=1)[0]))


def _absolute(base: str, href: str) -> str:
    """`href` resolved, without a fragment; empty if it isn't http(s) or can't be read."""
    try:
        address = urljoin(base, href).partition("#")[0]
        parts = urlsplit(address)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(address) <= _MAX_URL_CHARACTERS
    except ValueError:
        return ""
    return address if is_usable else ""


def _one_line(title: str) -> str:
    return " ".join(title.split())[:_MAX_TITLE_CHARACTERS]


def _drawbacks(link: FeedLink) -> tuple[bool, bool, bool]:
    """For sorting, least first: is it of comments, of a part of the site, in JSON (which few other programs read)?"""
    words = f"{link.title} {link.url}"
    return bool(_COMMENTS.search(words)), bool(_PART_OF_SITE.search(words)), "json" in link.content_type
