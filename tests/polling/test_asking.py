"""When a feed is asked for without the validators of its last answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator import tasks
from aggregator.ingest.types import CONTENT_VERSION
from aggregator.models import Feed
from aggregator.polling.asking import request_for
from tests.commands.running import run
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import clock, outcomes_of, poll_one
from tests.servers import Answer, FeedServer

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
FEED = Answer(rss("Locks", [("Lock 1", NOW - timedelta(days=1))]), headers={"ETag": '"1"'})


@pytest.fixture
def feed(feed_server: FeedServer, db: None) -> Feed:
    return poll_one(make_feed(url=feed_server.add("/feed", FEED))).feed


def tags_sent(server: FeedServer) -> list[str]:
    return [seen.headers.get("if-none-match", "") for seen in server.requests]


@pytest.mark.parametrize(
    ("since", "is_anew", "etag"),
    [(None, False, "e"), (timedelta(days=6), False, "e"), (WEEK, False, ""), (None, True, ""), (HOUR, True, "")],
)
def test_who_is_asked_without_validators(since: timedelta | None, is_anew: bool, etag: str) -> None:
    feed = Feed(
        url="https://locks.example/",
        etag="e",
        content_version=CONTENT_VERSION,
        unchanged_since=since and NOW - since,
    )
    assert request_for(feed, NOW, is_anew=is_anew).etag == etag


def test_a_server_that_says_304_for_a_week_is_asked_once_without(feed: Feed, feed_server: FeedServer) -> None:
    for days in (1, 4, 7, 8, 9, 14, 15, 17):
        poll_one(feed, NOW + timedelta(days=days))
    # The first request, then a week after the first 304, on day 8, and again a week after the next one, on day 9.
    assert tags_sent(feed_server) == ["", '"1"', '"1"', '"1"', "", '"1"', '"1"', '"1"', ""]


def test_what_such_a_server_kept_back_is_found(feed: Feed, feed_server: FeedServer) -> None:
    poll_one(feed, NOW + HOUR)
    feed_server.add("/feed", Answer(rss("Locks", [("Lock 2", NOW)]), headers={"ETag": '"1"'}))
    assert poll_one(feed, NOW + 2 * HOUR).new == 0
    assert poll_one(feed, NOW + HOUR + WEEK).new == 1


def test_a_curators_poll_reads_anew_what_is_there(feed: Feed) -> None:
    Feed.objects.update(reported_title="Old words", title="Old words")
    assert poll_one(feed, NOW + HOUR).feed.title == "Old words"
    [outcome] = outcomes_of(Feed.objects.all(), clock=clock(NOW + HOUR), is_anew=True)
    assert (outcome.kind, outcome.feed.title) == ("unchanged", "Locks")


def test_the_desk_asks_anew(feed: Feed, feed_server: FeedServer) -> None:
    tasks.poll_feeds_now.call_local([feed.pk])
    assert tags_sent(feed_server) == ["", ""]


def test_a_command_asks_anew_for_feeds_that_are_named_and_not_for_all(feed: Feed, feed_server: FeedServer) -> None:
    run("poll_feeds", "--all")
    run("poll_feeds", str(feed.pk))
    assert tags_sent(feed_server) == ["", '"1"', ""]
