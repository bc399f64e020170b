"""What is not lost on the way in is not lost on the way out either: on pages, and in our feeds."""

from __future__ import annotations

import json
from html import escape, unescape

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from aggregator.models import Entry, Feed
from tests.examples import examples
from tests.factories import NOW
from tests.invented import HOST, POSTS, Invented, missing
from tests.polls import poll_one
from tests.servers import Answer, FeedServer
from tests.stores import new_feed

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow]
POSTS_AT_ONCE = 30


def document(posts: list[Invented]) -> bytes:
    items = "".join(
        f"<item><link>{HOST}/{number}</link><title>Post {number}</title><description>{escape(post.html)}</description>"
        f"<pubDate>Tue, 23 Jun 2026 10:00:00 GMT</pubDate></item>"
        for number, post in enumerate(posts)
    )
    return f'<rss version="2.0"><channel><title>Blog</title><link>{HOST}/</link>{items}</channel></rss>'.encode()


@examples(10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(posts=st.lists(POSTS, min_size=POSTS_AT_ONCE, max_size=POSTS_AT_ONCE))
def test_every_word_and_every_medium_stands_on_its_page_and_in_our_feeds(
    client: Client, feed_server: FeedServer, posts: list[Invented]
) -> None:
    Feed.objects.all().delete()
    feed = poll_one(new_feed(url=feed_server.add("/feed", Answer(document(posts))), site_url=f"{HOST}/"), NOW).feed
    pages = {entry.url: entry.get_absolute_url() for entry in Entry.objects.all()}
    assert len(pages) == len(posts)
    atom = {part.partition("</entry>")[0] for part in client.get(f"/source/{feed.slug}/atom.xml").text.split("<entry>")}
    items = json.loads(client.get(f"/source/{feed.slug}/feed.json").text)["items"]
    for number, post in enumerate(posts):
        url = f"{HOST}/{number}"
        [entry] = [part for part in atom if f'href="{url}"' in part]
        [item] = [each for each in items if each["url"] == url]
        ways = {"page": client.get(pages[url]).text, "Atom": unescape(entry), "JSON": item["content_html"]}
        assert {way: lost for way, html in ways.items() if (lost := missing(post, html))} == {}
