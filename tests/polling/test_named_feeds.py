"""A new feed's address is a web page's: the feeds that it names are tried, three at most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.models import Feed
from aggregator.polling.conductor import poll
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import clock, pending, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
GOOD = Answer(rss("Ferry times", [("Noon", NOW)]))
PAGE = Answer(b"<!doctype html><html><body>All about our feed.</body></html>")
DEAD = Answer(status=404)


def naming(*addresses: str) -> Answer:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{address}">' for address in addresses)
    return Answer(f"<!doctype html><html><head>{links}</head></html>".encode())


def ask_page(server: FeedServer, **answers: Answer) -> Feed:
    """A new feed after its first poll, whose address is that of a page that names /a, /b, /c and /d."""
    for name in "abcd":
        server.add(f"/{name}", answers.get(name, DEAD))
    return poll_one(pending(server.add("/", naming("/a", "/b", "/c", "/d")))).feed


@pytest.mark.parametrize("first", [DEAD, PAGE, Answer(b"<rss")], ids=lambda _: "")
def test_the_next_feed_is_tried_when_the_first_is_dead_or_a_page(feed_server: FeedServer, first: Answer) -> None:
    feed = ask_page(feed_server, a=first, b=GOOD)
    assert (feed.state, feed.url, feed.reported_title) == ("active", feed_server.url("/b"), "Ferry times")
    assert feed_server.paths() == ["/", "/a", "/b"]


def test_a_fourth_feed_is_not_tried_and_the_address_stays(feed_server: FeedServer) -> None:
    feed = ask_page(feed_server, d=GOOD)
    assert (feed.state, feed.url, feed.last_error_kind) == ("pending", feed_server.url("/"), "not_a_feed")
    assert feed.last_error == (
        f"This is a web page, not a feed; what it names can't be read, {feed_server.url('/a')}: "
        "There is nothing at this address (404)."
    )
    assert feed_server.paths() == ["/", "/a", "/b", "/c"]


def test_a_page_whose_feeds_were_dead_leads_to_one_that_lives_again(feed_server: FeedServer) -> None:
    feed = ask_page(feed_server)
    feed_server.add("/a", GOOD)
    assert poll_one(feed).feed.url == feed_server.url("/a")


def test_a_page_among_what_is_named_may_name_the_feed(feed_server: FeedServer) -> None:
    feed_server.add("/list/feed", GOOD)
    feed = ask_page(feed_server, a=naming("/list/feed"))
    assert (feed.state, feed.url) == ("active", feed_server.url("/list/feed"))
    assert feed_server.paths() == ["/", "/a", "/list/feed"]


def test_pages_that_name_each_other_are_asked_once(feed_server: FeedServer) -> None:
    feed_server.add("/list/feed", GOOD)
    feed = ask_page(feed_server, a=naming("/", "/b"), b=naming("/", "/a", "/list/feed"))
    assert (feed.state, feed.url) == ("active", feed_server.url("/list/feed"))
    assert feed_server.paths() == ["/", "/a", "/b", "/list/feed"]


def test_pages_that_name_pages_cost_three_requests(feed_server: FeedServer) -> None:
    for number in range(9):
        feed_server.add(f"/{number}", naming("/", f"/{number + 1}", "/a"))
    feed = ask_page(feed_server, a=naming("/a", "/1"))
    assert (feed.state, feed.last_error_kind, len(feed_server.paths())) == ("pending", "not_a_feed", 4)


def test_a_page_that_sends_its_readers_to_the_feed_by_a_header_is_a_new_feed_s_address(feed_server: FeedServer) -> None:
    feed_server.add("/feed", GOOD)
    feed = poll_one(pending(feed_server.add("/", Answer(headers={"Refresh": "0; url=/feed"})))).feed
    assert (feed.state, feed.url, feed.reported_title) == ("active", feed_server.url("/"), "Ferry times")


def test_a_test_for_robots_in_place_of_a_feed_is_called_so(feed_server: FeedServer) -> None:
    page = Answer(b'<!doctype html><html><head><script id="anubis_challenge"></script></head></html>')
    feed = poll_one(pending(feed_server.add("/", page))).feed
    assert feed.last_error == "This is a page that tests for robots, not a feed, and it names no feed."


def test_a_server_that_asks_for_rest_is_asked_for_no_other_feed(feed_server: FeedServer) -> None:
    feed = ask_page(feed_server, a=Answer(status=429, headers={"Retry-After": "3600"}), b=GOOD)
    assert (feed.last_error_kind, feed_server.paths()) == ("http", ["/", "/a"])
    assert feed.rests_until is not None


def test_a_page_whose_second_feed_is_listed_is_that_feed_once_more(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.url("/b"))
    assert "on the list already" in ask_page(feed_server).last_error


def test_two_pages_that_lead_to_one_feed_make_one_source(feed_server: FeedServer) -> None:
    feed_server.add("/a", GOOD)
    for path in ("/", "/about"):
        pending(feed_server.add(path, naming("/a")))
    poll(clock=clock())
    poll(clock=clock())
    kinds = sorted(Feed.objects.values_list("state", "last_error_kind"))
    assert kinds == [("active", ""), ("pending", "already_listed")]


def test_a_feed_whose_server_has_trouble_is_waited_for_once_before_a_lesser_one_is_taken(
    feed_server: FeedServer,
) -> None:
    feed = ask_page(feed_server, a=Answer(status=503), b=GOOD)
    assert (feed.state, feed.last_error_kind, feed_server.paths()) == ("pending", "not_a_feed", ["/", "/a"])
    feed_server.add("/a", GOOD)
    assert poll_one(feed, NOW + timedelta(hours=2)).feed.url == feed_server.url("/a")


def test_a_feed_whose_server_has_trouble_again_gives_way(feed_server: FeedServer) -> None:
    feed = ask_page(feed_server, a=Answer(status=500), b=GOOD)
    assert poll_one(feed, NOW + timedelta(hours=2)).feed.url == feed_server.url("/b")
