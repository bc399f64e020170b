"""The web pages of the demo's blogs: plain, readable, and each names its feed in the head."""

from __future__ import annotations

from datetime import datetime
from html import escape

from .edition import Edition, EditionPost
from .formats import MEDIA_TYPES
from .library import Library

_STYLE = (
    "body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,serif;color-scheme:light dark}"
    "img{max-width:100%;height:auto}pre{overflow:auto;padding:.8rem;border:1px solid #8885}"
    "blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:3px solid #8888}"
    "td,th{padding:.2rem .8rem .2rem 0;text-align:start}footer,time{opacity:.7;font-size:.9rem}"
)


def front_page(library: Library, base_url: str) -> str:
    """The list of all blogs, with the addresses to give to an aggregator."""
    rows = "".join(
        f'<li><a href="/{blog.slug}/" lang="{blog.language}" dir="{blog.direction}">{escape(blog.title)}</a>'
        f" ({escape(blog.category)}): {escape(base_url + blog.known_path)}</li>"
        for blog in library.blogs
    )
    body = f"<h1>The demo’s blogs</h1><p>Invented people, real feeds. There is always a new post.</p><ul>{rows}</ul>"
    return _page("The demo’s blogs", body)


def blog_page(edition: Edition) -> str:
    """A blog's site: what it is about and its newest posts."""
    blog = edition.blog
    rows = "".join(
        f'<li><a href="{escape(post.url)}">{escape(_name(post))}</a> {_time(post.published_at)}</li>'
        for post in edition.posts
    )
    body = (
        f"<h1>{escape(blog.title)}</h1><p>{escape(blog.subtitle)}</p><p>{escape(blog.about)}</p><ul>{rows}</ul>"
        f'<footer><a href="{escape(edition.feed_url)}">feed</a></footer>'
    )
    return _page(blog.title, body, edition)


def post_page(edition: Edition, post: EditionPost) -> str:
    """One post on its own page."""
    body = (
        f"<article><h1>{escape(_name(post))}</h1><p>{escape(post.author)}, {_time(post.published_at)}</p>"
        f"{post.html}</article>"
        f'<footer><a href="{escape(edition.site_url)}">{escape(edition.blog.title)}</a></footer>'
    )
    return _page(_name(post), body, edition)


def plain_page(title: str, text: str) -> str:
    """A page that says one thing: an error, a redirect."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>")


def _page(title: str, body: str, edition: Edition | None = None) -> str:
    language, direction, feed_link = "en", "ltr", ""
    if edition is not None:
        blog = edition.blog
        language, direction = blog.language, blog.direction
        feed_link = (
            f'<link rel="alternate" type="{MEDIA_TYPES[blog.format]}" title="{escape(blog.title)}"'
            f' href="{escape(edition.feed_url)}">'
        )
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>{feed_link}'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _name(post: EditionPost) -> str:
    return post.title or f"A note of {post.published_at:%d %b %Y}"


def _time(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%d %b %Y %H:%M}</time>'
