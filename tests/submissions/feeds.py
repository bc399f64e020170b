"""Blogs that are proposed: their feeds as bytes, and the pages that name them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from tests.factories import NOW
from tests.servers import Answer, FeedServer

LONG = "Words that say what somebody found out about gardens, machines and the sea. " * 12


def item(
    title: str, *, html: str = f"<p>{LONG}</p>", at: datetime | None = NOW - timedelta(days=2), link: str = ""
) -> str:
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    link = link or f"https://blog.example/{title.replace(' ', '-')}"
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>{date}"
        f"<description>{escape(html)}</description></item>"
    )


def rss(*items: str, title: str = "A garden blog", language: str = "en") -> Answer:
    tag = f"<language>{language}</language>" if language else ""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>/</link><description>Of one</description>{tag}{''.join(items)}</channel></rss>"
    )
    return Answer(body.encode(), headers={"Content-Type": "application/rss+xml"})


def page_naming(*paths: str) -> Answer:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)
    body = f"<!doctype html><html><head><title>Blog</title>{links}</head><body><p>Hello</p></body></html>"
    return Answer(body.encode(), headers={"Content-Type": "text/html"})


def blog(server: FeedServer, *items: str, **options: str) -> str:
    """The address of a blog's page; its feed is at /feed."""
    server.add("/feed", rss(*(items or [item("First"), item("Second")]), **options))
    return server.add("/", page_naming("/feed"))
