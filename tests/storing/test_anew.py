"""After an upgrade: what other rules read is read anew once, and that is no edit of anybody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.ingest.types import CONTENT_VERSION, Item
from aggregator.models import Entry, Feed
from aggregator.storing.anew import is_to_read_anew
from aggregator.storing.following import MAX_FOLLOWED_EDITS
from aggregator.storing.identity import accept
from tests.documents import atom
from tests.factories import NOW, make_feed
from tests.polls import poll_one
from tests.servers import Answer, FeedServer
from tests.stores import make_item, new_feed, store_items

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DOCUMENT = Answer(atom("Walks", [("Walk 1", NOW - HOUR)]), headers={"ETag": '"one"', "Last-Modified": "then"})


@pytest.fixture
def feed(feed_server: FeedServer) -> Feed:
    """A feed of before, which has read its document, and one post as the rules of then stored it."""
    feed = make_feed(url=feed_server.add("/feed", DOCUMENT), content_version="")
    poll_one(feed, NOW)
    Entry.objects.update(content_hash="of before", content_html="<p>31</p>", title="Walk", announced_at=NOW)
    Feed.objects.update(content_version="1")
    return Feed.objects.get()


def asked(server: FeedServer) -> list[tuple[str | None, str | None]]:
    return [(seen.headers.get("if-none-match"), seen.headers.get("if-modified-since")) for seen in server.requests]


def test_it_is_asked_once_without_validators(feed: Feed, feed_server: FeedServer) -> None:
    for hours in (1, 2, 3):
        poll_one(feed, NOW + hours * HOUR)
    assert asked(feed_server) == [(None, None), (None, None), ('"one"', "then"), ('"one"', "then")]
    assert Feed.objects.get().content_version == CONTENT_VERSION


def test_a_server_that_forgets_its_validators_is_read_though_the_body_is_known(
    feed: Feed, feed_server: FeedServer
) -> None:
    feed_server.add("/feed", Answer(DOCUMENT.body))
    assert [poll_one(feed, NOW + hours * HOUR).changed for hours in (1, 2)] == [1, 0]


@pytest.mark.parametrize("edits", [0, 3, MAX_FOLLOWED_EDITS])
def test_what_was_mended_reaches_its_post_and_is_neither_edit_nor_news(feed: Feed, edits: int) -> None:
    Entry.objects.update(edit_count=edits)
    polled = poll_one(feed, NOW + HOUR)
    entry = Entry.objects.get()
    assert (polled.new, polled.changed, entry.title, entry.edit_count) == (0, 1, "Walk 1", edits)
    assert (entry.announced_at, entry.first_seen_at) == (NOW, NOW)
    assert "31" not in entry.content_html


def test_an_edit_after_that_counts_again(feed: Feed, feed_server: FeedServer) -> None:
    poll_one(feed, NOW + HOUR)
    feed_server.add("/feed", Answer(atom("Walks", [("Walk 1", NOW - HOUR)]).replace(b"Walk 1", b"Walk one")))
    poll_one(feed, NOW + 2 * HOUR)
    assert [(entry.title, entry.edit_count) for entry in Entry.objects.all()] == [("Walk one", 1)]


def test_a_post_that_left_its_feed_stays_as_it_was(feed: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(atom("Walks", [("Walk 2", NOW)])))
    poll_one(feed, NOW + HOUR)
    assert Entry.objects.get(title="Walk").content_html == "<p>31</p>"


def test_a_first_poll_is_by_the_rules_of_today() -> None:
    stored = store_items(new_feed(), make_item("first"))
    assert stored.feed.content_version == CONTENT_VERSION


def notes(host: str, *, read_by: str) -> list[Item]:
    """Posts without titles; other rules find other links in them."""
    return [
        make_item(f"n{number}", title="", url=f"https://{host}/{number}", excerpt=f"On {number}", content_hash=read_by)
        for number in range(8)
    ]


def test_the_same_words_are_the_same_feed_though_their_links_are_read_in_another_way() -> None:
    stored = store_items(new_feed(), *notes("counter.example", read_by="1"))
    Feed.objects.update(content_version="1")
    again = store_items(stored.feed, *notes("elsewhere.example", read_by="2"))
    assert (again.feed.is_drifting, again.changed) == (False, 8)


def test_what_was_not_followed_as_another_blogs_is_read_anew_once_it_is_accepted() -> None:
    feed = make_feed(is_drifting=True)
    accept(Feed.objects.all(), NOW)
    feed.refresh_from_db()
    assert is_to_read_anew(feed)


def nameless(read_by: str, *titles: str, days_ago: float | None = None, **fields: object) -> list[Item]:
    """Posts with neither id nor link; other rules find another text in them, so that we make other ids of it."""
    return [
        make_item(
            title,
            **{"guid": f"sha256:{title} {read_by}", "url": "", "content_hash": read_by, "excerpt": read_by} | fields,
            days_ago=days_ago,
        )
        for title in titles
    ]


@pytest.mark.parametrize("days_ago", [None, 1, 9])
def test_ids_that_were_made_of_another_text_are_of_the_same_posts(days_ago: float | None) -> None:
    stored = store_items(new_feed(), *nameless("1", "one", "two", days_ago=days_ago))
    Feed.objects.update(content_version="1")
    again = store_items(stored.feed, *nameless("2", "one", "two", days_ago=days_ago), now=NOW + HOUR)
    assert (again.new, again.changed, Entry.objects.count()) == (0, 2, 2)
    assert {*Entry.objects.values_list("guid", "edit_count")} == {("sha256:one 2", 0), ("sha256:two 2", 0)}


def test_a_link_that_was_not_seen_before_makes_no_other_post() -> None:
    stored = store_items(new_feed(), *nameless("1", "one", "two"))
    Feed.objects.update(content_version="1")
    linked = [replace(item, guid=f"https://b.example/{item.title}") for item in nameless("2", "one", "two")]
    assert store_items(stored.feed, *linked, now=NOW + HOUR).new == 0


def test_where_the_text_tells_two_of_one_title_apart_it_does_so_first() -> None:
    names = [f"Photo {number}" for number in range(8)]
    stored = store_items(new_feed(), *nameless("1", *names), *nameless("before", "Photo 1"))
    Feed.objects.update(content_version="1")
    again = [replace(item, guid=f"sha256:{item.title}", content_hash="2") for item in nameless("1", *names)]
    assert store_items(stored.feed, *again, now=NOW + HOUR).new == 0


def test_two_posts_of_one_title_are_two_also_then() -> None:
    stored = store_items(new_feed(), *nameless("1", "Links"))
    Feed.objects.update(content_version="1")
    pair = [replace(item, guid=f"sha256:{name}") for name in "ab" for item in nameless("2", "Links")]
    assert store_items(stored.feed, *pair, now=NOW + HOUR).new == 2


def test_with_the_same_rules_another_text_under_a_title_is_another_post() -> None:
    stored = store_items(new_feed(), *nameless("1", "Links"))
    assert store_items(stored.feed, *nameless("2", "Links"), now=NOW + HOUR).new == 1


def test_an_archive_that_could_not_be_read_before_is_no_news_of_today() -> None:
    feed = make_feed(content_version="1")
    store_items(feed, make_item("dated", days_ago=9), make_item("undated", days_ago=None), now=NOW)
    rows = Entry.objects.values_list("timeline_at", "announced_at")
    assert [*rows] == [(NOW - timedelta(days=9), NOW)] * 2
