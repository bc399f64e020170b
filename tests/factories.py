"""Rows for tests: plain functions with names that read in a sentence."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from aggregator.ingest.types import CONTENT_VERSION
from aggregator.models import Category, Entry, Feed, FilterRule
from aggregator.models.names import choose_slugs

NOW = datetime(2026, 6, 24, 12, 0, tzinfo=UTC)
"""The moment at which tests play."""

_numbers = itertools.count(1)


def make_category(name: str = "", **fields: object) -> Category:
    name = name or f"Category {next(_numbers)}"
    return Category.objects.create(**{"name": name, "slug": name.lower().replace(" ", "-"), **fields})


def make_feed(title: str = "", *, url: str = "", **fields: object) -> Feed:
    """An active feed that was polled well before."""
    number = next(_numbers)
    feed = Feed()
    feed.point_to(url or f"https://blog{number}.example/feed.xml")
    defaults = {
        "title": title or f"Blog {number}",
        "state": Feed.State.ACTIVE,
        "site_url": f"https://blog{number}.example/",
        "last_ok_at": NOW - timedelta(days=1),
        "content_version": CONTENT_VERSION,
        "next_poll_at": NOW,
    }
    for name, value in {**defaults, **fields}.items():
        setattr(feed, name, value)
    if not feed.slug:
        choose_slugs([feed], Feed.objects.all())
    feed.save()
    return feed


def make_entry(feed: Feed | None = None, title: str = "", *, days_ago: float = 1, **fields: object) -> Entry:
    entry = unsaved_entry(feed or make_feed(), title, days_ago=days_ago, **fields)
    entry.save(force_insert=True)
    return entry


def unsaved_entry(feed: Feed, title: str = "", *, days_ago: float = 1, **fields: object) -> Entry:
    """For `bulk_create`: to save a hundred one by one takes longer than to show them."""
    number = next(_numbers)
    at = NOW - timedelta(days=days_ago)
    return Entry(
        **{
            "feed": feed,
            "guid": f"guid-{number}",
            "url": f"https://blog.example/post-{number}/",
            "title": title or f"Post {number}",
            "content_html": f"<p>Text of post {number}.</p>",
            "excerpt": f"Text of post {number}.",
            "published_at": at,
            "first_seen_at": at,
            "timeline_at": at,
            **fields,
        }
    )


def make_rule(feed: Feed, pattern: str, *, action: str = "drop", field: str = "title", **fields: object) -> FilterRule:
    return FilterRule.objects.create(**{"feed": feed, "pattern": pattern, "action": action, "field": field, **fields})
