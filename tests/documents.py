"""Feed documents for tests, written from a few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape


def rss(title: str, posts: Iterable[tuple[str, datetime]], *, site_url: str = "https://blog.example/") -> bytes:
    """An RSS 2.0 feed with these (title, date) posts, in that order."""
    items = "".join(
        f"<item><title>{escape(name)}</title><link>{site_url}{name.lower().replace(' ', '-')}</link>"
        f"<guid>{site_url}{name.lower().replace(' ', '-')}</guid><pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description>&lt;p&gt;About {escape(name)}.&lt;/p&gt;</description></item>"
        for name, date in posts
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>{site_url}</link><description/>{items}</channel></rss>"
    ).encode()


def atom(
    title: str,
    posts: Iterable[tuple[str, datetime]],
    *,
    site_url: str = "https://blog.example/",
    feed_id: str = "urn:blog",
    language: str = "en",
) -> bytes:
    """An Atom feed with these (title, date) posts, in that order."""
    entries = "".join(
        f"<entry><title>{escape(name)}</title><id>{site_url}{name.lower().replace(' ', '-')}</id>"
        f'<link href="{site_url}{name.lower().replace(" ", "-")}"/><published>{date.isoformat()}</published>'
        f'<updated>{date.isoformat()}</updated><content type="html">&lt;p&gt;About {escape(name)}.&lt;/p&gt;</content>'
        "</entry>"
        for name, date in posts
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">'
        f'<title>{escape(title)}</title><id>{feed_id}</id><link href="{site_url}"/>{entries}</feed>'
    ).encode()
