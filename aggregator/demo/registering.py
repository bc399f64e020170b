"""Puts the demo's feeds into the database."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from aggregator.curating.adding import FeedRefused, add_feed
from aggregator.models import Feed
from aggregator.tasks import poll_due_feeds
from aggregator.worker import ask

from .library import Blog, Library


def register_feeds(library: Library, base_url: str) -> Iterator[str]:
    """Add every blog that isn't there yet, then ask the worker to poll; gives a line for each one that was refused."""
    for blog in library.blogs:
        if Feed.objects.filter(url__in=_addresses(blog, base_url)).exists():
            continue
        try:
            add_feed(base_url + blog.known_path, category=blog.category, title=blog.title)
        except FeedRefused as refusal:
            yield f"{blog.title}: {refusal}"
    # A worker that started before this server has noted failures; they don't count.
    addresses = [address for blog in library.blogs for address in _addresses(blog, base_url)]
    Feed.objects.filter(url__in=addresses, lease__isnull=True).update(next_poll_at=timezone.now())
    ask(poll_due_feeds)


def _addresses(blog: Blog, base_url: str) -> list[str]:
    """The addresses of its feed, two if the blog has moved: the database may know either."""
    return [base_url + blog.known_path, base_url + blog.feed_path]
