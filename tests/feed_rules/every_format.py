"""Rules of RSS and Atom alike."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.ingest.languages import language_tag

from .document import Document, text_of
from .parts import html_faults

_CONTENT_TYPES = {"rss": "application/rss+xml", "feed": "application/atom+xml"}


def says_what_it_is(document: Document) -> Iterator[str]:
    """Asked for: the format's media type (RFC 4287 section 7, RSS Board), and the charset of the XML (RFC 7303)."""
    if document.content_type != f"{_CONTENT_TYPES[document.root.tag]}; charset=utf-8":
        yield document.content_type


def says_where_it_is(document: Document) -> Iterator[str]:
    """Asked for: one link "self", to its own address (RFC 4287 section 4.1.1; RSS Best Practices Profile)."""
    links = [one for one in document.channel if one.tag in {"link", "atom:link"} and one.get("rel") == "self"]
    addresses = [one.get("href") for one in links]
    if addresses != [document.url]:
        yield str(addresses)


def languages_exist(document: Document) -> Iterator[str]:
    """Tags of BCP 47 whose first part is a language (RSS 2.0, language; XML 1.0 section 2.12)."""
    named = [one.get("xml:lang") for one in document.root.iter()]
    named += [text_of(one) for one in document.root.iter() if one.tag in {"language", "dc:language"}]
    yield from (tag for tag in named if tag is not None and language_tag(tag) != tag.lower())


def html_is_sound(document: Document) -> Iterator[str]:
    """Asked for: HTML as a strict parser reads it, nothing that runs or that paints over a page, and no relative links.

    RSS 2.0 says nothing of what a relative link is relative to; scripts, styles and frames are what readers cut out
    (RFC 4287 section 8.1).
    """
    for item in document.items:
        for one in item:
            if one.tag in {"description", "content:encoded"} or one.get("type") == "html":
                yield from html_faults(text_of(one))


RULES = (says_what_it_is, says_where_it_is, languages_exist, html_is_sound)
