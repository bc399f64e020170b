"""An edition of a blog -> the bytes of its feed. Equal editions give equal bytes, whatever the hour."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from html import escape

from .edition import Edition, EditionPost, Origin, feed_id
from .library import Format

MEDIA_TYPES = {
    Format.ATOM: "application/atom+xml",
    Format.ATOM_XHTML: "application/atom+xml",
    Format.RSS: "application/rss+xml",
    Format.RDF: "application/rdf+xml",
    Format.JSON: "application/feed+json",
}

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_MODULES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def feed_bytes(edition: Edition) -> bytes:
    """The feed document, in the blog's own format, as UTF-8."""
    return _WRITERS[edition.blog.format](edition).encode()


def _atom(edition: Edition) -> str:
    return _atom_document(edition, _html_content)


def _atom_xhtml(edition: Edition) -> str:
    return _atom_document(edition, _xhtml_content)


def _atom_document(edition: Edition, content: Callable[[EditionPost], str]) -> str:
    """RFC 4287. One author for the feed, one for each entry; a planet's entries name their source."""
    blog = edition.blog
    lines = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{blog.language}">',
        _element("id", feed_id(blog)),
        _element("title", blog.title),
        _element("subtitle", blog.subtitle),
        _link("self", edition.feed_url, MEDIA_TYPES[blog.format]),
        _link("alternate", edition.site_url, "text/html"),
        _element("updated", _stamp(edition)),
        _person(blog.author),
    ]
    for post in edition.posts:
        lines += [
            "<entry>",
            _element("id", post.id),
            _element("title", post.title),
            _link("alternate", post.url, "text/html"),
            _element("published", post.published_at.isoformat()),
            _element("updated", post.published_at.isoformat()),
            _person(post.author),
            *(f'<category term="{escape(tag)}"/>' for tag in post.tags),
            content(post),
            _atom_source(post.origin) if post.origin else "",
            "</entry>",
        ]
    return _XML + _join([*lines, "</feed>"])


def _html_content(post: EditionPost) -> str:
    return f'<content type="html">{escape(post.html, quote=False)}</content>'


def _xhtml_content(post: EditionPost) -> str:
    return f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{post.html}</div></content>'


def _atom_source(origin: Origin) -> str:
    links = [
        _link("alternate", origin.site_url, "text/html") if origin.site_url else "",
        _link("self", origin.feed_url, "") if origin.feed_url else "",
    ]
    return _join(["<source>", _element("id", origin.id), _element("title", origin.title), *links, "</source>"])


def _rss(edition: Edition) -> str:
    """RSS 2.0 with content:encoded and dc:creator, as most blog engines write it."""
    blog = edition.blog
    lines = [
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" {_MODULES}>',
        "<channel>",
        _element("title", blog.title),
        _element("link", edition.site_url),
        _element("description", blog.subtitle),
        _element("language", blog.language),
        _element("lastBuildDate", _mail_date(_newest(edition))) if edition.posts else "",
        f'<atom:link rel="self" href="{escape(edition.feed_url)}" type="{MEDIA_TYPES[blog.format]}"/>',
    ]
    for post in edition.posts:
        lines += [
            "<item>",
            _element("title", post.title) if post.title else "",
            _element("link", post.url),
            f'<guid isPermaLink="false">{escape(post.id)}</guid>',
            _element("pubDate", _mail_date(post.published_at)),
            _element("dc:creator", post.author),
            *(_element("category", tag) for tag in post.tags),
            f"<content:encoded><![CDATA[{post.html.replace(']]>', ']]]]><![CDATA[>')}]]></content:encoded>",
            "</item>",
        ]
    return _XML + _join([*lines, "</channel>", "</rss>"])


def _rdf(edition: Edition) -> str:
    """RSS 1.0, where an item's address is its identity."""
    blog = edition.blog
    lines = [
        f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="{_RDF}" {_MODULES}>',
        f'<channel rdf:about="{escape(edition.feed_url)}">',
        _element("title", blog.title),
        _element("link", edition.site_url),
        _element("description", blog.subtitle),
        _element("dc:language", blog.language),
        "<items><rdf:Seq>",
        *(f'<rdf:li rdf:resource="{escape(post.url)}"/>' for post in edition.posts),
        "</rdf:Seq></items>",
        "</channel>",
    ]
    for post in edition.posts:
        lines += [
            f'<item rdf:about="{escape(post.url)}">',
            _element("title", post.title),
            _element("link", post.url),
            _element("dc:date", post.published_at.isoformat()),
            _element("dc:creator", post.author),
            f"<content:encoded>{escape(post.html, quote=False)}</content:encoded>",
            "</item>",
        ]
    return _XML + _join([*lines, "</rdf:RDF>"])


def _json(edition: Edition) -> str:
    """JSON Feed 1.1. A note without a title has no title, not an empty one."""
    blog = edition.blog
    items = [
        {
            "id": post.id,
            "url": post.url,
            **({"title": post.title} if post.title else {}),
            "content_html": post.html,
            "date_published": post.published_at.isoformat(),
            "authors": [{"name": post.author}],
            "tags": list(post.tags),
        }
        for post in edition.posts
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": blog.title,
        "description": blog.subtitle,
        "home_page_url": edition.site_url,
        "feed_url": edition.feed_url,
        "language": blog.language,
        "authors": [{"name": blog.author}],
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


_WRITERS: dict[Format, Callable[[Edition], str]] = {
    Format.ATOM: _atom,
    Format.ATOM_XHTML: _atom_xhtml,
    Format.RSS: _rss,
    Format.RDF: _rdf,
    Format.JSON: _json,
}


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def _link(relation: str, address: str, media_type: str) -> str:
    kind = f' type="{media_type}"' if media_type else ""
    return f'<link rel="{relation}" href="{escape(address)}"{kind}/>'


def _person(name: str) -> str:
    return f"<author><name>{escape(name)}</name></author>"


def _newest(edition: Edition) -> datetime:
    return max(post.published_at for post in edition.posts)


def _stamp(edition: Edition) -> str:
    # Atom demands a date even of a blog without posts; any fixed one keeps the bytes the same.
    return _newest(edition).isoformat() if edition.posts else "2026-01-01T00:00:00+00:00"


def _mail_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _join(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line)
