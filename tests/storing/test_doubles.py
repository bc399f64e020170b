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


def test_a_double_takes_over_neither_name_nor_posts(feed_server: FeedServer) -> None:
    """Else one blog would stand among the sources twice, and its posts would be held as a republished archive."""
    _, feed = _led_to_another_blog(feed_server)
    double = poll_one(feed, NOW + timedelta(hours=1))
    assert (double.new, double.held) == (0, 0)
    kept = double.feed
    assert (kept.title, kept.site_url, kept.description) == ("Old tides", "https://old.example/", "")
    assert (kept.entry_count, kept.held_count, kept.is_drifting, kept.held_reason) == (1, 0, False, "")
    assert [entry.title for entry in Entry.objects.from_feed(kept)] == ["Low water"]


def test_of_a_double_that_is_read_apart_again_all_is_taken_over(feed_server: FeedServer) -> None:
    """Also if the place that it led to has the very same document, and the same validators."""
    _, feed = _led_to_another_blog(feed_server)
    poll_one(feed, NOW + timedelta(hours=1))
    feed_server.add("/old", _DOCUMENT_OF_BOTH)
    again = poll_one(feed, NOW + timedelta(hours=2))
    assert (again.feed.double_of, again.new, again.feed.title) == (None, 12, "Tide tables")


def test_a_double_follows_as_soon_as_the_other_feed_is_deleted(feed_server: FeedServer) -> None:
    listed, feed = _led_to_another_blog(feed_server)
    poll_one(feed, NOW + timedelta(hours=1))
    listed.delete()
    assert poll_one(feed, NOW + timedelta(hours=2)).new == 12


def test_a_double_is_asked_twice_a_day_as_each_time_it_is_sent_all(feed_server: FeedServer) -> None:
    _, feed = _led_to_another_blog(feed_server)
    double = poll_one(feed, NOW + timedelta(hours=1)).feed
    assert (double.etag, double.last_modified, double.body_hash) == ("", "", "")
    assert double.next_poll_at > NOW + timedelta(hours=11)


def test_a_feed_that_was_never_read_makes_no_double_of_one_that_leads_there(feed_server: FeedServer) -> None:
    """That one is refused as what is here already: nobody would bring its posts."""
    feed_server.add("/feed", FEED)
    feed = make_feed(url=lead_to(feed_server, "/feed"))
    poll_one(feed)
    assert poll_one(pending(feed_server.url("/feed")), NOW + timedelta(hours=1)).feed.state == "pending"
    feed_server.add("/feed", Answer(rss("Tide tables", [("Ebb", NOW)])))
    again = poll_one(feed, NOW + timedelta(hours=2))
    assert (again.feed.double_of, again.new) == (None, 1)


def test_of_feeds_that_come_to_one_place_at_one_time_the_first_stays() -> None:
    new = pending("https://x.example/feed")
    first, second = (make_feed(url=f"https://tides.example/{n}") for n in "ab")
    answers = [(each, make_response(each, url=new.url)) for each in (new, second, first)]
    assert doubles_of(answers) == {second.pk: first, new.pk: first}


def test_a_double_does_not_move_to_where_the_other_is_read(feed_server: FeedServer) -> None:
    """Else it would be the feed of that place, and the other the double."""
    feed_server.add("/feed", FEED)
    first, second = (make_feed(url=lead_to(feed_server, "/feed", 301, path=path)) for path in ("/a", "/b"))
    Feed.objects.filter(pk=first.pk).update(leads_to=feed_server.url("/feed"))
    moved = poll_one(second).feed
    assert (moved.double_of, moved.url) == (first, second.url)


_DOCUMENT_OF_BOTH = Answer(
    rss("Tide tables", [(f"Tide {n}", NOW - timedelta(days=n)) for n in range(2, 14)]),
    headers={"ETag": '"t"', "Last-Modified": "Sat, 06 Jan 2024 10:00:00 GMT"},
)


def _led_to_another_blog(server: FeedServer) -> tuple[Feed, Feed]:
    """A listed feed, and another one that was read at its own address once, and leads to the first for good now."""
    listed = make_feed("Tide tables", url=server.add("/feed", _DOCUMENT_OF_BOTH))
    old = rss("Old tides", [("Low water", NOW - timedelta(days=1))], site_url="https://old.example/")
    feed = pending(server.add("/old", Answer(old)))
    Feed.objects.filter(pk=feed.pk).update(title="", site_url="")
    assert poll_one(feed).new == 1
    lead_to(server, "/feed", 301)
    return listed, feed
