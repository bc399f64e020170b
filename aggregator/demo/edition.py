"""What a blog's feed and pages show at a moment: posts with their addresses, and for a planet those of its members."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .library import Blog, Library
from .publishing import DatedPost

MAX_POSTS_IN_FEED = 20
"""As many blog engines do. What is older stays on its own page."""

_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^<>]*\s(?:href|src)=")(?=/)')


@dataclass(frozen=True, slots=True)
class Origin:
    """The blog that a post of a planet came from."""

    id: str
    title: str
    site_url: str = ""
    feed_url: str = ""


@dataclass(frozen=True, slots=True)
class EditionPost:
    """A post with everything that a feed says about it; all addresses are absolute."""

    id: str
    url: str
    title: str
    author: str
    html: str
    published_at: datetime
    tags: tuple[str, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """A blog with its posts, newest first."""

    blog: Blog
    site_url: str
    feed_url: str
    posts: tuple[EditionPost, ...]


def edition_of(
    blog: Blog, library: Library, posts: Iterable[DatedPost], *, base_url: str, carried_before: datetime
) -> Edition:
    """The newest posts of a blog. A planet carries its members' posts of before `carried_before`."""
    carried = []
    for dated in posts:
        if dated.post.blog == blog.slug:
            carried.append(_edition_post(dated, base_url, _foreign_origin(dated) if blog.carries else None))
        elif dated.post.blog in blog.carries and dated.published_at < carried_before:
            carried.append(_edition_post(dated, base_url, _member_origin(dated, library, base_url)))
    return Edition(blog, f"{base_url}/{blog.slug}/", base_url + blog.feed_path, tuple(carried[:MAX_POSTS_IN_FEED]))


def _edition_post(dated: DatedPost, base_url: str, origin: Origin | None) -> EditionPost:
    post = dated.post
    title = post.title
    if origin is not None:
        title = f"{origin.title if origin.site_url else post.author}: {post.title}"
    return EditionPost(
        id=f"tag:demo.example,2026:{post.key}",
        url=f"{base_url}/{post.blog}/{post.slug}/",
        title=title,
        author=post.author,
        html=_OWN_ADDRESS.sub(rf"\g<1>{base_url}", post.html),
        published_at=dated.published_at,
        tags=post.tags,
        origin=origin,
    )


def _member_origin(dated: DatedPost, library: Library, base_url: str) -> Origin | None:
    blog = library.blog(dated.post.blog)
    if blog is None:
        return None
    return Origin(feed_id(blog), blog.title, f"{base_url}/{blog.slug}/", base_url + blog.feed_path)


def _foreign_origin(dated: DatedPost) -> Origin:
    post = dated.post
    name = "-".join(post.author.lower().split())
    return Origin(f"tag:demo.example,2026:by-{name}", post.source or post.author)


def feed_id(blog: Blog) -> str:
    """The permanent id of a blog's feed, the same at every address."""
    return f"tag:demo.example,2026:{blog.slug}"
