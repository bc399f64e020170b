"""The demo's blogs, and what their feeds say after some minutes of publishing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.demo.edition import Edition, edition_of
from aggregator.demo.library import Blog, load_library
from aggregator.demo.publishing import Diary, publish_next, published_posts

EPOCH = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8765"
LIBRARY = load_library()


def blog_named(slug: str) -> Blog:
    blog = LIBRARY.blog(slug)
    assert blog
    return blog


def edition(blog: Blog, *, publications: int = 0, planet_delay: timedelta = timedelta()) -> Edition:
    diary = Diary(EPOCH)
    for minute in range(publications):
        diary, _ = publish_next(LIBRARY, diary, EPOCH + timedelta(minutes=minute + 1))
    now = EPOCH + timedelta(minutes=publications)
    posts = published_posts(LIBRARY, diary, now)
    return edition_of(blog, LIBRARY, posts, base_url=BASE, carried_before=now - planet_delay)
