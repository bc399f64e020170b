"""Rows that are as large as rows can be, each text and address of one letter: what two hundred blogs could bring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape

from aggregator.models import Category, Enclosure, Entry, Feed
from aggregator.models.counting import refresh_counts
from tests.factories import NOW, make_category

LETTERS = {"letter": "w", "quote": "'", "ampersand": "&", "backslash": "\\", "four bytes": "𝕬"}
"""What a text can be made of: escapes and encodings make more of each but the first."""
FEEDS, POSTS_OF_ONE, FILES, COPIES = 200, 60, 20, 60


def flood(letter: str, *, content_characters: int = 20_000) -> list[Feed]:
    """Two hundred blogs in one category with a post each, all of one day; the first one has sixty more, one of which is
    as long as a post can be. Beside each stand twenty files, and sixty other blogs brought the sixty, too."""
    feeds = Feed.objects.bulk_create(_feed(number, letter, make_category_once()) for number in range(FEEDS))
    content = f"<p>{escape(letter) * content_characters}</p>{'<pre>x</pre>' * 100}{'<table></table>' * 100}"
    many = [_entry(feeds[0], f"one {number}", letter, number, content) for number in range(POSTS_OF_ONE)]
    many[-1].content_html = f"<p>{escape(letter) * (2_500_000 // len(escape(letter).encode()))}</p>"
    others = [_entry(feed, "other", letter, number, content) for number, feed in enumerate(feeds)]
    posts = Entry.objects.bulk_create([*many, *others], batch_size=50)
    Entry.objects.bulk_create(
        (
            _entry(feed, f"copy {post.guid}", letter, 0, "", duplicate_of=post)
            for post in posts[:POSTS_OF_ONE]
            for feed in feeds[1 : COPIES + 1]
        ),
        batch_size=500,
    )
    Enclosure.objects.bulk_create(_files(posts, letter), batch_size=500)
    refresh_counts(feeds)
    return feeds


def make_category_once() -> Category:
    return Category.objects.filter(slug="web").first() or make_category("Web")


def _address(name: str, letter: str) -> str:
    return f"https://blog.example/{name}?{letter * 1950}"


def _feed(number: int, letter: str, category: Category) -> Feed:
    feed = Feed(slug=f"source-{number:03}-{'x' * 80}", category=category, state=Feed.State.ACTIVE, has_enclosures=True)
    feed.point_to(_address(f"feed-{number}", letter))
    feed.title, feed.description, feed.site_url = letter * 300, letter * 500, _address(f"site-{number}", letter)
    return feed


def _entry(feed: Feed, name: str, letter: str, number: int, content: str, **fields: object) -> Entry:
    at = _at(number)
    return Entry(
        **{
            "feed": feed,
            "guid": f"urn:{name}:{letter * 480}",
            "url": "" if "duplicate_of" in fields else _address(name, letter),
            "title": letter * 300,
            "author": letter * 299,
            "source_title": letter * 300,
            "source_url": _address("planet", letter),
            "content_html": content,
            "excerpt": letter * 300,
            "published_at": at - timedelta(days=9),
            "first_seen_at": at,
            "timeline_at": at,
            **fields,
        }
    )


def _at(number: int) -> datetime:
    return NOW - timedelta(hours=1, minutes=number)


def _files(posts: Iterable[Entry], letter: str) -> Iterable[Enclosure]:
    for post in posts:
        for place in range(FILES):
            kind = "image/png" if place % 2 else "audio/mpeg"
            title = letter * 300 if place % 3 else ""
            url = _address(f"{letter * 100}.{place}", letter)[:2000]
            yield Enclosure(entry=post, position=place, url=url, media_type=kind, title=title)
