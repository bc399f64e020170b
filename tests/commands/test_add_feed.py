from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from aggregator.models import Entry, Feed
from tests.commands.running import refusal, run
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
POSTS = [("Two", NOW), ("One", NOW)]
PAGE = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def feed_url(feed_server: FeedServer) -> str:
    return feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS)))


def test_a_feed_is_read_once_and_told_in_a_line(feed_url: str) -> None:
    assert f"{feed_url}: Fresh Paint, 2 entries\n" in run("add_feed", feed_url)
    assert Feed.objects.get().state == "active"
    assert Entry.objects.count() == 2


def test_a_blogs_address_leads_to_its_feed(feed_server: FeedServer, feed_url: str) -> None:
    blog_url = feed_server.add("/", Answer(PAGE, headers=HTML))
    assert f"{blog_url}: Fresh Paint, 2 entries (found the feed at {feed_url})" in run("add_feed", blog_url)
    assert Feed.objects.get().url == feed_url


def test_the_blog_of_a_known_feed_is_not_added_twice(feed_server: FeedServer, feed_url: str) -> None:
    run("add_feed", feed_url)
    blog_url = feed_server.add("/", Answer(PAGE, headers=HTML))
    printed = run("add_feed", blog_url)
    assert f"its feed is on the list already: {feed_url}\n0 added, 1 already here, 0 refused." in printed
    assert Feed.objects.get().url == feed_url


def test_a_known_feed_is_told_and_not_asked_again(feed_server: FeedServer, feed_url: str) -> None:
    make_feed("Fresh Paint", url=feed_url)
    assert f"{feed_url}: Already here: Fresh Paint (active)." in run("add_feed", feed_url)
    assert feed_server.requests == []


def test_a_feed_that_was_never_read_is_tried_again(feed_server: FeedServer, feed_url: str) -> None:
    make_feed(url=feed_url, state="pending", last_ok_at=None)
    run("add_feed", feed_url)
    assert Feed.objects.get().state == "active"


def test_one_bad_address_does_not_stop_the_others_and_ends_in_an_error(feed_server: FeedServer, feed_url: str) -> None:
    broken = feed_server.url("/nothing")
    printed, sentence = refusal("add_feed", "http://10.0.0.1/", broken, feed_url)
    failed = "Added, but it couldn't be read yet: There is nothing at this address (404); it is tried again."
    assert f"{broken}: {failed}\n" in printed
    assert "http://10.0.0.1/: 10.0.0.1 is not asked" in printed
    assert "Fresh Paint, 2 entries" in printed
    assert "2 added, 0 already here, 1 refused. 1 could not be read yet and is tried again.\n" in printed
    assert sentence == "Of 3: 1 refused, 1 could not be read yet."


def test_a_feed_that_cannot_be_read_yet_stays_for_the_worker(feed_server: FeedServer) -> None:
    refusal("add_feed", feed_server.url("/nothing"))
    assert Feed.objects.get().state == "pending"


def test_one_that_is_here_and_was_never_read_is_not_told_as_added(feed_server: FeedServer) -> None:
    url = feed_server.url("/nothing")
    refusal("add_feed", url)
    printed, sentence = refusal("add_feed", url)
    assert f"{url}: Already here, but it couldn't be read yet: There is nothing" in printed
    assert sentence == "Of 1: 1 could not be read yet."


def test_addresses_are_read_from_a_file_with_comments(tmp_path: Path) -> None:
    file = tmp_path / "feeds.txt"
    file.write_text("# ours\nhttps://a.example/feed  the first\n\n  # none\nb.example/feed # the second\n")
    run("add_feed", "--from", str(file), "--no-poll")
    assert set(Feed.objects.values_list("url", flat=True)) == {"https://a.example/feed", "https://b.example/feed"}


def test_addresses_are_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"https://a.example/feed\n")))
    run("add_feed", "--from", "-", "--no-poll")
    assert Feed.objects.get().url == "https://a.example/feed"


def test_no_poll_asks_nobody(feed_server: FeedServer, feed_url: str) -> None:
    assert "it waits for its first poll" in run("add_feed", feed_url, "--no-poll")
    assert feed_server.requests == []


def test_the_category_is_made_when_there_is_none() -> None:
    run("add_feed", "https://a.example/feed", "--category", "New ones", "--no-poll")
    assert Feed.objects.get().category.name == "New ones"


def test_no_address_at_all_is_refused() -> None:
    assert "Name at least one address" in refusal("add_feed")[1]


def test_a_missing_file_is_refused_in_a_sentence() -> None:
    assert (
        refusal("add_feed", "--from", "/no/such/file")[1] == "/no/such/file can't be read: No such file or directory."
    )
