"""Feeds that are read where another feed is: new ones are refused, of established ones curators are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Entry, Feed
from aggregator.polling.conductor import poll
from aggregator.storing.doubles import doubles_of
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import clock, pending, poll_one
from tests.servers import Answer, FeedServer
from tests.stores import lease, make_response, store_unchanged

pytestmark = pytest.mark.django_db
FEED = Answer(rss("Tide tables", [("High water", NOW - timedelta(days=1))]))
PAGE = Answer(b'<!doctype html><meta http-equiv="refresh" content="0;url=/feed"><p>Moved.')


def lead_to(server: FeedServer, target: str, status: int = 302, *, path: str = "/old") -> str:
    return server.add(path, Answer.redirect(target, status=status))


@pytest.mark.parametrize(("status", "state"), [(301, "active"), (302, "pending"), (302, "rejected"), (308, "paused")])
def test_a_new_feed_that_leads_to_a_listed_one_is_refused(feed_server: FeedServer, status: int, state: str) -> None:
    listed = make_feed(url=feed_server.add("/feed", FEED), state=state)
    double = poll_one(pending(lead_to(feed_server, "/feed", status))).feed
    assert (double.state, double.last_error_kind) == ("pending", "already_listed")
    assert double.last_error == f"This is the same feed as one that is on the list already: {listed.url}"
    assert not Entry.objects.exists()


def test_a_page_that_sends_readers_on_to_a_listed_feed_is_refused(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/feed", FEED))
    assert poll_one(pending(feed_server.add("/old", PAGE))).feed.last_error_kind == "already_listed"


def test_two_new_feeds_that_lead_to_one_place_make_one_source(feed_server: FeedServer) -> None:
    feed_server.add("/feed", FEED)
    for path in ("/a", "/b", "/c"):
        pending(lead_to(feed_server, "/feed", path=path))
    poll(clock=clock())
    poll(clock=clock())
    assert sorted(Feed.objects.values_list("state", flat=True)) == ["active", "pending", "pending"]
    assert Entry.objects.count() == 1


def test_a_new_feed_at_a_place_to_which_a_listed_one_leads_is_refused(feed_server: FeedServer) -> None:
    feed_server.add("/feed", FEED)
    poll_one(make_feed(url=lead_to(feed_server, "/feed")))
    double = poll_one(pending(feed_server.url("/feed")), NOW + timedelta(hours=1)).feed
    assert double.last_error.endswith(feed_server.url("/old"))


def test_a_feed_that_a_curator_stopped_keeps_nobody_from_the_place_to_which_it_led(feed_server: FeedServer) -> None:
    """Else a blog could lead to another one, and that could never be added."""
    feed_server.add("/feed", FEED)
    poll_one(make_feed(url=lead_to(feed_server, "/feed")))
    Feed.objects.update(state="paused")
    assert poll_one(pending(feed_server.url("/feed")), NOW + timedelta(hours=1)).feed.state == "active"


def test_a_site_that_names_a_feed_to_which_a_listed_one_leads_is_refused(feed_server: FeedServer) -> None:
    feed_server.add("/feed", FEED)
    poll_one(make_feed(url=lead_to(feed_server, "/feed")))
    page = b'<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed">'
    double = poll_one(pending(feed_server.add("/", Answer(page))), NOW + timedelta(hours=1)).feed
    assert double.last_error_kind == "already_listed"


def test_an_established_feed_that_comes_to_lead_to_a_listed_one_is_marked_and_stays(feed_server: FeedServer) -> None:
    listed = make_feed(url=feed_server.add("/feed", FEED))
    feed = make_feed(url=feed_server.add("/old", Answer(rss("Tides", []))))
    assert poll_one(feed).feed.double_of is None
    lead_to(feed_server, "/feed")
    marked = poll_one(feed, NOW + timedelta(hours=1)).feed
    assert (marked.double_of, marked.leads_to, marked.state) == (listed, listed.url, "active")
    assert poll_one(listed, NOW + timedelta(hours=2)).feed.double_of is None


def test_the_mark_goes_with_its_reason(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/feed", FEED))
    feed = make_feed(url=lead_to(feed_server, "/feed"))
    assert poll_one(feed).feed.double_of is not None
    assert poll_one(feed, NOW + timedelta(hours=1)).feed.double_of is not None  # unchanged, and still so
    feed_server.add("/old", FEED)
    unmarked = poll_one(feed, NOW + timedelta(hours=2)).feed
    assert (unmarked.double_of, unmarked.leads_to) == (None, "")


def test_a_listed_feed_that_is_deleted_leaves_no_double(feed_server: FeedServer) -> None:
    listed = make_feed(url=feed_server.add("/feed", FEED))
    feed = poll_one(make_feed(url=lead_to(feed_server, "/feed"))).feed
    listed.delete()
    feed.refresh_from_db()
    assert feed.double_of is None


def test_a_redirect_to_its_own_address_over_https_makes_no_double() -> None:
    feed = make_feed(url="http://tides.example/feed")
    assert doubles_of([(feed, make_response(feed, url="https://tides.example/feed"))]) == {}


def test_of_two_established_feeds_that_lead_to_one_place_the_later_is_the_double() -> None:
    first, second = (make_feed(url=f"https://tides.example/{n}", leads_to="https://x.example/feed") for n in "ab")
    answers = [(feed, make_response(feed, url="http://x.example/feed")) for feed in (second, first)]
    assert doubles_of(answers) == {second.pk: first}


def test_feeds_that_are_read_at_their_own_addresses_cost_no_query() -> None:
    feeds = [make_feed() for _ in range(3)]
    with CaptureQueriesContext(connection) as queries:
        assert doubles_of([(feed, make_response(feed)) for feed in feeds]) == {}
    assert len(queries) == 0


def test_the_mark_comes_also_with_an_answer_that_brings_nothing() -> None:
    place = "https://new.example/feed"
    one = make_feed(url="https://old.example/feed")
    answer = make_response(one, url=place, status=304)
    store_unchanged(lease(one), answer)
    assert Feed.objects.get(pk=one.pk).double_of is None
    other = make_feed(url=place)
    store_unchanged(lease(Feed.objects.get(pk=one.pk)), answer)
    assert Feed.objects.get(pk=one.pk).double_of == other
