"""Puts the demo's feeds into the database, and tells the aggregator when one of them has something new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from aggregator.curating import FeedRefused, add_feed
from aggregator.models import Feed
from aggregator.tasks import poll_due_feeds

from .library import Blog, Library, Post


def register_feeds(library: Library, base_url: str) -> Iterator[str]:
    """Add every blog that isn't there yet, then ask the worker to poll; gives a line for each one that was refused."""
    for blog in library.blogs:
        if Feed.objects.filter(url__in=_addresses(blog, base_url)).exists():
            continue
        try:
            add_feed(base_url + blog.known_path, category=blog.category, title=blog.title)
        except FeedRefused as refusal:
            yield f"{blog.title}: {refusal}"
    _mark_due(library.blogs, base_url)
    poll_due_feeds()


def tell_of(post: Post, library: Library, base_url: str) -> None:
    """Make the post's feed due now, as a publisher's ping would, and every planet: it has the post before this one."""
    _mark_due((blog for blog in library.blogs if blog.slug == post.blog or blog.carries), base_url)


def _mark_due(blogs: Iterable[Blog], base_url: str) -> None:
    addresses = [address for blog in blogs for address in _addresses(blog, base_url)]
    Feed.objects.filter(url__in=addresses).update(next_poll_at=timezone.now())


def _addresses(blog: Blog, base_url: str) -> list[str]:
    """Both of a blog that has moved: the database may know either."""
    return [base_url + blog.known_path, base_url + blog.feed_path]
