"""The three formats of our own feeds: Django's generators, with what posts of many blogs need beyond them.

Beyond Django's own keywords an item carries `content_html` (empty if the blog's posts are not given out whole),
`excerpt` (plain text), `other_authors` (names after the first), `author_urls` (by the names of those who have one),
`language`, `origin` (None if it isn't said), `attached` (the files beside it) and `is_note` (its title says no more
than its text); a feed carries `updated_at`, which is its date when it has no items, `first_url`, the address of its
first page, `next_url`, that of the one that comes after this (empty if there is none), and may carry a `logo_url`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from aggregator.exchange.outgoing import printable

from .attached import RSS_NAMESPACES, Attached, WithoutTitle, json_members, write_atom_links, write_rss_elements

_DUBLIN_CORE = {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}
_TAG_START = re.compile("<(?=[A-Za-z/!?])")


@dataclass(frozen=True, slots=True)
class Origin:
    """The feed that a post was gathered from, or the one that a gathered planet names. Addresses may be empty."""

    id: str
    title: str
    site_url: str
    feed_url: str
    updated_at: datetime


class CleanFeed(SyndicationFeed):
    """A feed that can always be written: characters that XML forbids are gone before the first byte is out."""

    def write(self, outfile: IO[Any], encoding: str) -> None:
        self.feed, self.items = _printable(self.feed), _printable(self.items)
        super().write(outfile, encoding)

    def other_pages(self) -> list[tuple[str, str]]:
        """The pages around this one: how they stand to it (RFC 5005 section 3), and their addresses."""
        first, following = self.feed["first_url"], self.feed["next_url"]
        is_first = first == self.feed["feed_url"]
        return [*([] if is_first else [("first", first)]), *([("next", following)] if following else [])]

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        updated_at: datetime = self.feed["updated_at"]
        return updated_at


class AtomFeed(CleanFeed, Atom1Feed):
    """Atom (RFC 4287), each entry with the feed that it comes from (4.2.11) and in its own language."""

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for relation, address in self.other_pages():
            handler.addQuickElement("link", "", {"rel": relation, "href": address})
        if logo_url := self.feed.get("logo_url"):
            handler.addQuickElement("logo", logo_url)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]} if item["language"] else {}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["other_authors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            if url := item["author_urls"].get(name):
                handler.addQuickElement("uri", url)
            handler.endElement("author")
        if item["content_html"]:
            handler.addQuickElement("content", item["content_html"], {"type": "html"})
        write_atom_links(handler, item["attached"])
        if item["origin"] and item["origin"].id:  # a source without an id says nothing, and an id is an address (4.2.6)
            self._add_source(handler, item["origin"])

    def _add_source(self, handler: SimplerXMLGenerator, origin: Origin) -> None:
        handler.startElement("source", AttributesImpl({}))
        handler.addQuickElement("id", origin.id)
        handler.addQuickElement("title", origin.title)
        for relation, address in (("alternate", origin.site_url), ("self", origin.feed_url)):
            if address:
                handler.addQuickElement("link", "", {"rel": relation, "href": address})
        handler.addQuickElement("updated", rfc3339_date(origin.updated_at))
        handler.endElement("source")


class RssFeed(CleanFeed, Rss201rev2Feed):
    """RSS 2.0 with the whole post in content:encoded."""

    def rss_attributes(self) -> dict[str, str]:
        content = {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}
        return {**super().rss_attributes(), **content, **RSS_NAMESPACES}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for relation, address in self.other_pages():
            handler.addQuickElement("atom:link", None, {"rel": relation, "href": address})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        # RSS leaves open whether a title is HTML. A reader that takes it as such must not find a tag in it.
        # A note has none: its description is enough (RSS 2.0, elements of <item>).
        to: Any = WithoutTitle(handler) if item["is_note"] and item["description"] else handler
        written = item | {"title": _TAG_START.sub("&lt;", item["title"])}
        if item["content_html"] and item["description"] is None:
            written["description"] = ""  # the W3C validator wants one before the text
        super().add_item_elements(to, written)
        for name in item["other_authors"]:
            handler.addQuickElement("dc:creator", name, _DUBLIN_CORE)
        if item["language"]:
            handler.addQuickElement("dc:language", item["language"], _DUBLIN_CORE)
        if item["content_html"]:
            handler.addQuickElement("content:encoded", item["content_html"])
        origin: Origin | None = item["origin"]
        if origin and (address := origin.feed_url or origin.site_url):
            handler.addQuickElement("source", origin.title, {"url": address})
        write_rss_elements(handler, item["attached"])


class JsonFeed(CleanFeed):
    """JSON Feed 1.1 (jsonfeed.org)."""

    content_type = "application/feed+json"

    def write(self, outfile: IO[Any], encoding: str) -> None:
        document = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "description": self.feed["description"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["first_url"],  # by which a reader knows the feed, whichever page it has
            "next_url": self.feed["next_url"],
            "icon": self.feed.get("logo_url"),
            "language": self.feed["language"],
            "items": [self._item(item) for item in self.items],
        }
        json.dump(_printable(_without_blanks(document)), outfile, ensure_ascii=False)

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        origin: Origin | None = item["origin"]
        content_html = item["content_html"]
        return _without_blanks(
            {
                "id": item["unique_id"],
                "url": item["link"],
                "title": "" if item["is_note"] else item["title"],
                "content_html": content_html,
                # One of the two has to be there.
                "content_text": "" if content_html else item["excerpt"] or item["title"],
                "summary": item["excerpt"],
                "date_published": rfc3339_date(item["pubdate"]),
                "date_modified": rfc3339_date(item["updateddate"]),
                "authors": [
                    _without_blanks({"name": name, "url": item["author_urls"].get(name)})
                    for name in (item["author_name"], *item["other_authors"])
                ],
                "tags": list(item["categories"]),
                "language": item["language"],
                **json_members(item["attached"]),
                "_source": _without_blanks(
                    {"title": origin.title, "home_page_url": origin.site_url, "feed_url": origin.feed_url}
                )
                if origin
                else {},
            }
        )


def _without_blanks(members: dict[str, Any]) -> dict[str, Any]:
    """JSON Feed leaves out what it doesn't know; only the list of items stays when it is empty."""
    return {name: value for name, value in members.items() if value or name == "items"}


def _printable(value: Any) -> Any:
    """The value with every string in it made printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(member) for member in value]
    if isinstance(value, Origin | Attached):
        return type(value)(**_printable(asdict(value)))
    return value
