from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator.ingest.errors import OurFault
from aggregator.models import Feed
from aggregator.polling import conductor as polling
from tests.commands.running import refusal, run
from tests.documents import rss
from tests.factories import NOW, make_entry, make_feed
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.queue]


@pytest.fixture
def later(feed_server: FeedServer) -> Feed:
    """A feed with one new entry, due tomorrow."""
    url = feed_server.add("/later", Answer(rss("Later", [("One", NOW)])))
    return make_feed("Later", url=url, next_poll_at=timezone.now() + timedelta(days=1))


def test_only_what_is_due_is_polled(feed_server: FeedServer, later: Feed) -> None:
    make_feed(url=feed_server.add("/due", Answer(rss("Due", [("One", NOW)]))), next_poll_at=NOW - timedelta(days=999))
    Feed.objects.exclude(pk=later.pk).update(next_poll_at=timezone.now() - timedelta(minutes=1))
    assert run("poll_feeds") == "Polled 1 feed: 1 new entry, 0 failed.\n"
    assert feed_server.paths() == ["/due"]


@pytest.mark.parametrize("by_id", [True, False])
def test_a_named_feed_is_polled_whatever_its_due_date(later: Feed, by_id: bool) -> None:
    assert run("poll_feeds", str(later.pk) if by_id else later.url) == "Polled 1 feed: 1 new entry, 0 failed.\n"


def test_all_feeds_are_polled_but_those_that_are_paused(feed_server: FeedServer, later: Feed) -> None:
    make_feed(url=feed_server.add("/paused", Answer(rss("Paused", []))), state="paused")
    run("poll_feeds", "--all")
    assert feed_server.paths() == ["/later"]


def test_posts_that_wait_for_a_curator_are_told_apart(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.url("/archive"))
    make_entry(feed, published_at=NOW - timedelta(days=1))
    feed_server.add(
        "/archive", Answer(rss("Archive", [(f"Old {age}", NOW - timedelta(days=age)) for age in range(99, 91, -1)]))
    )
    assert run("poll_feeds", str(feed.pk)) == "Polled 1 feed: 8 new entries (8 held for a curator), 0 failed.\n"


def test_a_failure_has_one_line_and_is_no_fault_of_ours(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.url("/nothing"))
    assert run("poll_feeds", str(feed.pk)) == (
        f"{feed.url}: There is nothing at this address (404).\nPolled 1 feed: 0 new entries, 1 failed.\n"
    )


def test_the_workers_log_stays_out_of_the_output(later: Feed, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        run("poll_feeds", str(later.pk))
    assert [record.name for record in caplog.records if record.name.startswith("aggregator.polling")] == []


def test_a_fault_of_ours_ends_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = make_feed(last_error_kind=OurFault.kind)
    outcome = polling.Outcome(feed=feed, kind="failed", error=str(OurFault()))
    monkeypatch.setattr("aggregator.management.feed_command.poll", lambda among, **_: polling.Report(failed=[outcome]))
    assert "Orrery itself failed" in refusal("poll_feeds", str(feed.pk))[1]


def test_an_unknown_feed_is_refused_in_a_sentence() -> None:
    assert refusal("poll_feeds", "4711") == ("", "There is no feed 4711 here; feed_status lists those that are.")


def test_names_and_all_together_are_refused(later: Feed) -> None:
    assert "not both" in refusal("poll_feeds", str(later.pk), "--all")[1]


def test_with_nothing_due_nothing_is_polled(later: Feed) -> None:
    assert run("poll_feeds") == (
        "Polled 0 feeds: 0 new entries, 0 failed.\nNothing is due yet; --all polls every feed now.\n"
    )


def test_where_no_host_answers_the_network_is_in_doubt() -> None:
    closed = [f"http://127.0.0.{number}:9/feed" for number in range(1, 6)]  # nobody listens at the port
    feeds = [make_feed(url=url) for url in closed]
    assert run("poll_feeds", "--all").endswith("5 failed.\nNone of them answered: is this machine's network up?\n")
    assert "network up" not in run("poll_feeds", str(feeds[0].pk), str(make_feed(url="http://127.0.0.1:9/").pk))
