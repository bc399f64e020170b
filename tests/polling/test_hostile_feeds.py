"""Feeds that lie, change at every poll or lead astray: none multiplies, jumps ahead, or stops its neighbors."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection

from aggregator.models import Entry, Feed
from aggregator.polling.outcomes import Outcome
from aggregator.storing import documents as store
from aggregator.storing.feed_row import Stored
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import outcomes_of
from tests.servers import Answer, FeedServer
from tests.stores import lease, make_item, make_response, store_items, store_unchanged

pytestmark = pytest.mark.django_db
POSTS = [("Two", NOW - timedelta(hours=5)), ("One", NOW - timedelta(days=2))]


def at(now: datetime = NOW) -> Callable[[], datetime]:
    return lambda: now


def poll_all() -> dict[str, Outcome]:
    return {outcome.feed.last_error_kind or outcome.kind: outcome for outcome in outcomes_of(clock=at())}


def pending(url: str) -> Feed:
    return make_feed(url=url, state=Feed.State.PENDING, last_ok_at=None)


# -- posts that change at every poll -----------------------------------------------------------------------------------


def test_a_post_without_a_link_that_has_a_new_guid_at_every_poll_is_there_once() -> None:
    feed = make_feed()
    for number in range(3):
        store_items(feed, make_item("one", url="", guid=f"visit {number}"))
    assert Entry.objects.get().guid == "visit 2"


def test_two_posts_without_a_link_that_say_the_same_on_two_days_are_two_posts() -> None:
    feed = make_feed()
    store_items(feed, make_item("good morning", url="", guid="monday", days_ago=2))
    store_items(feed, make_item("good morning", url="", guid="tuesday", days_ago=1))
    assert Entry.objects.count() == 2


def test_a_post_that_is_dated_anew_at_every_poll_stays_where_it_was_first_seen() -> None:
    feed = make_feed()
    for hours in range(4):
        now = NOW + timedelta(hours=hours)
        store_items(feed, make_item("one", published_at=now), now=now)
    assert Entry.objects.get().timeline_at == NOW


def test_a_post_that_is_dated_anew_at_every_poll_uses_up_no_edits() -> None:
    feed = make_feed()
    for hours in range(4):
        now = NOW + timedelta(hours=hours)
        store_items(feed, make_item("one", published_at=now), now=now)
    assert Entry.objects.get().edit_count == 0


# -- addresses that no feed can have -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "goal",
    ["https://blog.example/" + "a" * 3000, "https://ada:secret@blog.example/feed", "https://blog.example:0/feed"],
    ids=["too long", "with a password", "impossible port"],
)
def test_a_move_to_an_address_that_no_feed_can_have_is_not_followed(goal: str) -> None:
    feed = make_feed(url="https://blog.example/rss")
    document = make_response(feed, permanent_url=goal)
    row = store_unchanged(lease(feed), document).feed
    assert (row.url, row.moved_to) == ("https://blog.example/rss", "")


def test_a_move_is_stored_in_the_spelling_that_feeds_have() -> None:
    feed = make_feed(url="https://blog.example/rss")
    response = make_response(feed, permanent_url="https://Blog.Example.:443/feed#top")
    row = store_unchanged(lease(feed), response).feed
    assert row.url == "https://blog.example/feed"


def test_a_page_that_names_a_private_address_as_its_feed_keeps_its_own(feed_server: FeedServer) -> None:
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="http://10.0.0.1/feed">'
    url = feed_server.add("/", Answer(page))
    pending(url)
    outcome = poll_all()["not_a_feed"]
    assert outcome.feed.url == url


def test_a_page_whose_first_feed_is_private_leads_to_its_second(feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(rss("Found", POSTS)))
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    page = (
        f"<!doctype html><html><head>{link.format('http://ada:secret@10.0.0.1/')}{link.format('/feed')}</head></html>"
    )
    pending(feed_server.add("/", Answer(page.encode())))
    assert poll_all()["new"].feed.url == feed_server.url("/feed")


def test_a_page_whose_feed_is_listed_under_https_is_told_so(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.url("/feed").replace("http:", "https:"), state=Feed.State.PAUSED)
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    pending(feed_server.add("/", Answer(page)))
    assert "already_listed" in poll_all()


# -- what the database refuses -----------------------------------------------------------------------------------------


def test_a_feed_that_the_database_refuses_stops_no_other(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(polled: Sequence[store.Polled], **kwargs: Any) -> list[Stored]:
        if any(one.feed.url.endswith("/bad") for one in polled):
            raise DataError("value too long")
        return store_documents(polled, **kwargs)

    store_documents = store.store_documents
    monkeypatch.setattr(store, "store_documents", refuse)
    pending(feed_server.add("/bad", Answer(rss("Bad", POSTS))))
    pending(feed_server.add("/good", Answer(rss("Good", POSTS))))
    outcomes = poll_all()
    assert outcomes["new"].new == 2
    assert outcomes["internal"].feed.failure_count == 1


# -- very many ---------------------------------------------------------------------------------------------------------


def test_a_poll_that_is_out_of_time_leaves_the_rest_to_the_next_tick(feed_server: FeedServer) -> None:
    later = NOW + timedelta(hours=1)
    for name in ("/a", "/b"):
        make_feed(url=feed_server.add(name, Answer(rss(name, POSTS))), next_poll_at=later)
    assert outcomes_of(Feed.objects.all(), seconds=-1, clock=at()) == []
    assert Feed.objects.due(NOW).count() == 2


def test_a_poll_that_is_out_of_time_leaves_another_workers_feed_alone() -> None:
    until = NOW + timedelta(minutes=3)
    make_feed(next_poll_at=until, lease=uuid.uuid4())
    [outcome] = outcomes_of(Feed.objects.all(), seconds=-1, clock=at())
    assert (outcome.kind, outcome.feed.next_poll_at) == ("busy", until)


@pytest.mark.slow
@pytest.mark.processor_seconds(10)
def test_thousands_of_feeds_of_one_host_are_claimed_in_time() -> None:
    if connection.vendor == "postgresql":  # its server's work isn't ours, and isn't counted by the mark
        connection.cursor().execute("SET LOCAL statement_timeout = '60s'")
    Feed.objects.bulk_create(
        Feed(url=f"https://h.example/{number}", host="h.example", slug=str(number), next_poll_at=NOW)
        for number in range(4000)
    )
    taken = []
    for minute in range(10):
        now = NOW + timedelta(minutes=5 * minute)
        taken += Feed.objects.due(now).claim(now, lease_seconds=180, spacing_seconds=2, limit=64)
    assert len(taken) == 10
