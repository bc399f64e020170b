"""The whole way of a feed, through a real server on a loopback address, a real parser and a real database."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Entry, Feed
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import poll
from aggregator.polling.outcomes import Outcome
from aggregator.polling.reading import Readers, ReadLimits
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.patience import PATIENCE_SECONDS
from tests.polls import clock, outcomes_of, pending, poll_one
from tests.servers import Answer, FeedServer, Raw, Seen

pytestmark = pytest.mark.django_db
POSTS = [("Two", NOW - timedelta(hours=5)), ("One", NOW - timedelta(days=2))]


@pytest.fixture
def hosts() -> Iterator[list[FeedServer]]:
    """Three servers, each a host of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(FeedServer(f"127.0.0.{number}")) for number in (2, 3, 4)]


def test_a_new_feed_is_read_and_becomes_active(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    outcome = poll_one(feed)
    assert (outcome.kind, outcome.new, outcome.feed.state) == ("new", 2, "active")
    assert list(Entry.objects.newest_first().values_list("title", flat=True)) == ["Two", "One"]


def test_the_request_says_who_asks(feed_server: FeedServer) -> None:
    poll_one(pending(feed_server.add("/feed", Answer(rss("A", POSTS)))))
    assert feed_server.requests[0].headers["user-agent"] == "Orrery/0.1.0 (+http://testserver)"


def test_the_second_poll_sends_the_validators_back_and_takes_the_304(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("A", POSTS), headers={"ETag": 'W/"x"'})))
    poll_one(feed)
    outcome = poll_one(feed, NOW + timedelta(hours=1))
    assert (outcome.kind, outcome.error) == ("unchanged", "")
    assert feed_server.requests[1].headers["if-none-match"] == 'W/"x"'
    assert outcome.feed.last_ok_at == NOW + timedelta(hours=1)


def test_a_body_that_we_know_is_not_read_again(feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("A", POSTS))))
    poll_one(feed)
    monkeypatch.setattr(polling, "ReadJob", None)  # reading would fail now
    assert poll_one(feed, NOW + timedelta(hours=1)).kind == "unchanged"


def test_new_validators_are_kept_even_when_the_body_is_the_same(feed_server: FeedServer) -> None:
    body = rss("A", POSTS)
    feed = pending(feed_server.add("/feed", Answer(body, headers={"ETag": '"1"'})))
    poll_one(feed)
    feed_server.add("/feed", Answer(body, headers={"ETag": '"2"'}))
    assert poll_one(feed, NOW + timedelta(hours=1)).feed.etag == '"2"'


def test_a_new_post_is_found_and_the_others_stay(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("A", POSTS))))
    poll_one(feed)
    feed_server.add("/feed", Answer(rss("A", [("Three", NOW), *POSTS])))
    outcome = poll_one(feed, NOW + timedelta(hours=1))
    assert (outcome.new, outcome.changed, Entry.objects.count()) == (1, 0, 3)
    assert list(Entry.objects.unannounced().values_list("title", flat=True)) == ["Three"]


def test_only_what_is_due_is_polled(feed_server: FeedServer) -> None:
    due = pending(feed_server.add("/due", Answer(rss("Due", POSTS))))
    make_feed(url=feed_server.add("/later", Answer(rss("Later", POSTS))), next_poll_at=NOW + timedelta(minutes=1))
    make_feed(url=feed_server.add("/paused", Answer(rss("Paused", POSTS))), state="paused")
    make_feed(url=feed_server.add("/rejected", Answer(rss("Rejected", POSTS))), state="rejected")
    assert [outcome.feed.pk for outcome in outcomes_of(clock=clock())] == [due.pk]
    assert feed_server.paths() == ["/due"]


def test_a_polled_feed_is_not_due_again_at_once(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("A", POSTS))))
    poll(clock=clock())
    feed.refresh_from_db()
    assert timedelta(minutes=18) <= feed.next_poll_at - NOW <= timedelta(hours=14)
    assert outcomes_of(clock=clock(NOW + timedelta(minutes=1))) == []


def test_the_address_of_a_site_leads_to_its_feed(feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(rss("Found", POSTS)))
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    outcome = poll_one(pending(feed_server.add("/", Answer(page, headers={"Content-Type": "text/html"}))))
    assert (outcome.kind, outcome.feed.url, outcome.feed.title) == ("new", feed_server.url("/feed"), outcome.feed.title)
    assert feed_server.url("/feed") in outcome.note


def test_a_page_that_sends_its_readers_on_leads_to_the_feed_and_stays_its_address(feed_server: FeedServer) -> None:
    feed_server.add("/new.xml", Answer(rss("Found", POSTS), headers={"ETag": '"1"'}))
    page = b"""<!doctype html><title>RSS</title><meta http-equiv="Refresh" content="0; URL='/new.xml'">"""
    feed = pending(feed_server.add("/feed", Answer(page, headers={"Last-Modified": "Wed, 24 Jun 2026 12:00:00 GMT"})))
    assert [poll_one(feed, NOW + timedelta(hours=hours)).kind for hours in (0, 1)] == ["new", "unchanged"]
    feed.refresh_from_db()
    assert (feed.state, feed.url, feed.leads_to) == ("active", feed_server.url("/feed"), feed_server.url("/new.xml"))
    assert [seen.headers.get("if-none-match") for seen in feed_server.requests] == [None] * 4


def test_hours_and_days_that_a_feed_skips_and_posts_without_a_date_are_understood_on_the_whole_way(
    feed_server: FeedServer,
) -> None:
    body = (
        b"<rss><channel><title>Windmill</title><pubDate>Mon, 01 Jan 2024 10:00:00 GMT</pubDate>"
        b"<skipDays><day>Sunday</day></skipDays><item><guid>1</guid><title>Up</title></item>"
        b"<skipHours><hour>1</hour><hour>2</hour></skipHours></channel></rss>"
    )
    feed = poll_one(pending(feed_server.add("/feed", Answer(body)))).feed
    assert (feed.skip_hours, feed.skip_days) == ([1, 2], [6])
    entry = Entry.objects.get()
    assert (entry.published_at, f"{entry.timeline_at:%Y-%m-%d %H}") == (None, "2024-01-01 10")


def test_a_site_whose_feed_is_listed_already_is_told_so(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.url("/feed"))
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    outcome = poll_one(pending(feed_server.add("/", Answer(page))))
    assert "on the list already" in outcome.error


def test_a_feed_that_turned_into_a_web_page_fails_and_keeps_its_address(feed_server: FeedServer) -> None:
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/other"></head></html>'
    outcome = poll_one(make_feed(url=feed_server.add("/feed", Answer(page))))
    assert (outcome.feed.url, outcome.feed.last_error_kind) == (feed_server.url("/feed"), "not_a_feed")


BAD = {
    "missing": (Answer(status=404), "There is nothing at this address (404)."),
    "fault": (Answer(status=500), "The server reports a fault of its own (500)."),
    "page": (Answer(b"<!doctype html><html><body>Hello</body></html>"), "This is a web page, not a feed"),
    "empty": (Answer(b""), "The answer is empty."),
    "broken": (Answer(b"<?xml version='1.0'?><rss><channel><tit"), "too broken to read"),
    "huge": (Answer(b"<rss>" + b" " * 20_000_000), "larger than 10 MiB"),
    "inward": (Answer.redirect("http://10.0.0.1/feed"), "10.0.0.1 is not asked"),
    "garbage": (Raw([b"SSH-2.0-OpenSSH\r\n\r\n"], ending="hold"), "is not valid HTTP"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_plain_sentence_and_the_next_feed_goes_on(feed_server: FeedServer, name: str) -> None:
    answer, sentence = BAD[name]
    bad = make_feed(url=feed_server.add("/bad", answer))
    good = pending(feed_server.add("/good", Answer(rss("Good", POSTS))))
    outcomes = outcomes_of(clock=clock())
    bad.refresh_from_db()
    assert sentence in bad.last_error
    assert (bad.failure_count, bad.lease, bad.next_poll_at > NOW) == (1, None, True)
    assert {outcome.feed.pk: (outcome.kind, outcome.new) for outcome in outcomes} == {
        good.pk: ("new", 2),
        bad.pk: ("failed", 0),
    }


def test_an_unreachable_host_gets_a_plain_sentence(feed_server: FeedServer) -> None:
    with FeedServer() as other:
        url = other.url("/feed")
    outcome = poll_one(make_feed(url=url))
    assert outcome.error.startswith("No connection to 127.0.0.1: ")


def test_a_redirect_to_this_machine_is_refused(feed_server: FeedServer, settings: LazySettings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ()
    settings.FETCH_ALLOWED_PORTS = frozenset({feed_server.port})
    outcome = poll_one(make_feed(url=feed_server.add("/feed", Answer(rss("A", POSTS)))))
    assert "127.0.0.1 is not asked" in outcome.error
    assert feed_server.requests == []


def test_a_reader_that_takes_too_long_is_stopped_and_the_others_go_on(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "Readers", partial(Readers, ReadLimits(seconds=3)))
    long = rss("Long", [(f"Post {number}", NOW) for number in range(30_000)])
    slow = make_feed(url=feed_server.add("/slow", Answer(long)))
    quick = pending(feed_server.add("/quick", Answer(rss("Quick", POSTS))))
    outcomes = {outcome.feed.pk: outcome for outcome in outcomes_of(clock=clock())}
    assert outcomes[slow.pk].feed.last_error_kind == "reader_stopped"
    assert outcomes[quick.pk].new == 2


def test_hosts_are_asked_side_by_side_but_each_only_once_at_a_time(hosts: list[FeedServer]) -> None:
    for server in hosts:
        for name in ("a", "b"):
            pending(server.add(f"/{name}", Answer(rss(f"{name} of {server.host}", POSTS), delay_seconds=0.05)))
    report = poll(clock=clock())
    assert (report.polled, report.new) == (6, 12)


def test_a_host_that_rested_is_asked_again_while_another_is_slow(
    hosts: list[FeedServer], settings: LazySettings
) -> None:
    settings.FETCH_HOST_SPACING_SECONDS = 0.2
    slow, quick, _ = hosts
    second_is_asked = threading.Event()
    waited: list[bool] = []

    def answer_late(_: Seen) -> Answer:
        waited.append(second_is_asked.wait(timeout=50))
        return Answer(rss("Slow", POSTS))

    def answer_second(_: Seen) -> Answer:
        second_is_asked.set()
        return Answer(rss("Second", POSTS))

    pending(slow.add("/slow", answer_late))
    pending(quick.add("/first", Answer(rss("First", POSTS))))
    pending(quick.add("/second", answer_second))
    poll()
    assert waited == [True]


def test_a_feed_that_another_worker_holds_is_left_alone(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", Answer(rss("A", POSTS))))
    Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10)
    assert poll_one(feed).kind == "busy"
    assert outcomes_of(clock=clock()) == []
    assert feed_server.requests == []


def test_a_lease_that_ran_out_is_taken_over(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/feed", Answer(rss("A", POSTS))))
    Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10)
    assert poll(clock=clock(NOW + timedelta(seconds=181))).new == 2


def test_two_claims_never_take_the_same_feed() -> None:
    for _ in range(5):
        make_feed()
    first = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=3)
    second = Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10)
    assert (len(first), len(second)) == (3, 2)
    assert not {feed.pk for feed in first} & {feed.pk for feed in second}


def test_a_claim_takes_one_feed_of_a_host() -> None:
    for path in ("a", "b", "c"):
        make_feed(url=f"https://h.example/{path}")
    assert len(Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10)) == 1
    assert Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10) == []


def test_a_host_that_another_worker_took_a_moment_ago_is_left_alone() -> None:
    make_feed(url="https://h.example/a")
    neighbor = Feed.objects.filter(pk=make_feed(url="https://h.example/b", next_poll_at=NOW + timedelta(hours=1)).pk)
    overtaken: list[str] = []

    def overtake(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith("UPDATE") and not overtaken:
            overtaken.append(sql)
            neighbor.update(lease=uuid.uuid4())
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake):
        assert Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=0, limit=10) == []
    assert overtaken


def test_a_host_that_was_just_asked_rests() -> None:
    make_feed(url="https://h.example/a", last_polled_at=NOW - timedelta(seconds=1), next_poll_at=NOW)
    assert Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=10) == []
    later = NOW + timedelta(seconds=1)
    assert len(Feed.objects.due(later).claim(later, lease_seconds=180, spacing_seconds=2, limit=10)) == 1


def test_a_clock_that_was_ahead_starves_no_host() -> None:
    make_feed(url="https://h.example/a", last_polled_at=NOW + timedelta(hours=1), next_poll_at=NOW)
    assert len(Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=10)) == 1


def test_an_interrupted_poll_gives_its_feeds_back(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/a", Answer(rss("A", POSTS))))
    make_feed(url=feed_server.url("/b").replace("127.0.0.1", "127.0.0.2"))

    def interrupt(_: Outcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        poll(clock=clock(), on_outcome=interrupt)
    assert Feed.objects.filter(lease__isnull=False).count() == 0
    assert Feed.objects.get(pk=feed.pk).failure_count == 0


def test_the_hosts_of_an_interrupted_poll_rest_as_after_any_request(
    feed_server: FeedServer, settings: LazySettings
) -> None:
    settings.FETCH_HOST_SPACING_SECONDS = 2
    may_answer = threading.Event()

    def answer(_: Seen) -> Answer:
        may_answer.wait(PATIENCE_SECONDS)
        return Answer(rss("A", POSTS))

    asked, neighbor = pending(feed_server.add("/a", answer)), make_feed(url=feed_server.url("/b"), next_poll_at=NOW)

    def interrupt(_: Outcome) -> None:
        raise KeyboardInterrupt

    with FeedServer("127.0.0.2") as other:
        answered = pending(other.add("/c", Answer(rss("C", POSTS))))
        try:
            with pytest.raises(KeyboardInterrupt):
                poll(Feed.objects.filter(pk__in=[asked.pk, answered.pk]), clock=clock(), on_outcome=interrupt)
        finally:
            may_answer.set()
    assert not Feed.objects.filter(lease__isnull=False).exists()
    assert list(Feed.objects.due(NOW + timedelta(seconds=1))) == []
    assert set(Feed.objects.due(NOW + timedelta(seconds=2))) == {asked, neighbor}


def test_what_came_is_told_as_it_comes(feed_server: FeedServer) -> None:
    pending(feed_server.add("/feed", Answer(rss("A", POSTS))))
    told: list[Outcome] = []
    report = poll(clock=clock(), on_outcome=told.append)
    assert [(outcome.kind, outcome.new) for outcome in told] == [("new", 2)]
    assert (report.polled, report.new, report.busy, report.failed) == (1, 2, 0, [])


def test_an_unchanged_feed_costs_few_queries(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(rss("A", POSTS), headers={"ETag": '"1"'})))
    poll_one(feed)
    Feed.objects.update(next_poll_at=NOW)
    with CaptureQueriesContext(connection) as queries:
        poll(clock=clock(NOW + timedelta(hours=1)))
    assert len(queries) <= 17  # of which one counts the look under its day
