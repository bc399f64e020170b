"""Posts with authors, for tests: items that several wrote, and sources in which they did."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.ingest.types import Item, Person
from aggregator.models import Author, Entry, Feed
from aggregator.storing.authoring import save_authors_of_lines

from .factories import make_feed
from .stores import make_item, store_items


def by(title: str, *persons: Person | str, **fields: object) -> Item:
    """An item that these wrote."""
    people = tuple(Person(one) if isinstance(one, str) else one for one in persons)
    return make_item(title, author=", ".join(one.name for one in people), persons=people, **fields)


def group(title: str = "Group", *, url: str = "", **fields: object) -> Feed:
    """A source of Ann, who wrote two posts, and of Bob, who wrote one of them with her."""
    feed = make_feed(title, url=url, **fields)
    at = f"{feed.pk}"
    items = (by(f"One {at}", "Ann"), by(f"Two {at}", "Ann", "Bob", days_ago=2), by(f"Three {at}", "Cleo", days_ago=3))
    store_items(feed, *items, title=title)
    feed.refresh_from_db()
    return feed


def sign(entries: Iterable[Entry]) -> None:
    """Give entries that no poll brought the authors whom their lines name; their feeds are at hand."""
    save_authors_of_lines(list(entries), {})


def author_of(feed: Feed, name: str = "Ann") -> Author:
    return Author.objects.get(feed=feed, name=name)
