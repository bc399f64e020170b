"""A server that asks to be left alone is left alone, whoever asks for the poll and for whichever of its feeds."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from aggregator.models import Feed
from aggregator.polling.claiming import Claims
from tests.commands.running import run
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import outcomes_of
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
BLOG = Answer(rss("Blog", [("Post", NOW - timedelta(days=1))]))
HOUR = timedelta(hours=1)


def busy(retry_after: str = "3600", status: int = 429) -> Answer:
    return Answer(status=status, headers={"Retry-After": retry_after})


def outcomes(now: datetime = NOW) -> list[tuple[str, str]]:
    found = outcomes_of(Feed.objects.order_by("pk"), clock=lambda: now)
    return [(outcome.kind, outcome.error) for outcome in found]


@pytest.fixture
def shared_host(feed_server: FeedServer) -> FeedServer:
    """Three feeds of one server, which is busy."""
    for number in range(3):
        make_feed(url=feed_server.add(f"/{number}", busy()))
    return feed_server


def test_of_a_host_that_asks_for_rest_no_other_feed_is_asked_in_the_same_poll(shared_host: FeedServer) -> None:
    failed, *left = outcomes()
    assert failed[0] == "failed"
    sentence = f"Its server asked to be left alone until {NOW + HOUR:%Y-%m-%d %H:%M} UTC."
    assert left == [("busy", sentence)] * 2
    assert len(shared_host.requests) == 1


def test_nor_is_any_by_a_later_poll_of_all_until_the_time_is_over(shared_host: FeedServer) -> None:
    outcomes()
    for number in range(3):
        shared_host.add(f"/{number}", BLOG)
    assert [kind for kind, _ in outcomes(NOW + HOUR - timedelta(seconds=1))] == ["busy"] * 3
    assert len(shared_host.requests) == 1
    assert [kind for kind, _ in outcomes(NOW + HOUR + timedelta(seconds=1))] == ["new"] * 3


def test_a_date_to_come_back_at_is_as_good(feed_server: FeedServer) -> None:
    wish = format_datetime(NOW + HOUR, usegmt=True)
    make_feed(url=feed_server.add("/feed", busy(wish, status=503)))
    outcomes()
    assert [kind for kind, _ in outcomes(NOW + HOUR / 2)] == ["busy"]


def test_other_hosts_are_asked(shared_host: FeedServer, elsewhere: FeedServer) -> None:
    outcomes()
    make_feed(url=elsewhere.add("/feed", BLOG))
    assert sorted(kind for kind, _ in outcomes(NOW + HOUR / 2)) == ["busy", "busy", "busy", "new"]
    assert len(shared_host.requests) == 1


def test_a_feed_that_is_added_meanwhile_waits_with_its_host(shared_host: FeedServer) -> None:
    outcomes()
    make_feed(url=shared_host.add("/new", BLOG), state="pending", last_ok_at=None)
    assert outcomes(NOW + HOUR / 2)[-1][0] == "busy"


def test_a_good_answer_ends_it(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", busy()))
    outcomes()
    feed_server.add("/feed", BLOG)
    outcomes(NOW + 2 * HOUR)
    feed.refresh_from_db()
    assert feed.rests_until is None


def test_a_list_that_runs_out_of_time_cuts_no_rest_short(shared_host: FeedServer) -> None:
    outcomes()
    due = set(Feed.objects.values_list("next_poll_at", flat=True))
    Claims(Feed.objects.all(), seconds=-1, spacing_seconds=0, clock=lambda: NOW + HOUR / 2).end()
    assert set(Feed.objects.values_list("next_poll_at", flat=True)) == due


def test_poll_feeds_says_why_it_asks_nobody(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/feed", busy()))
    run("poll_feeds", "--all")
    assert "Its server asked to be left alone until" in run("poll_feeds", "--all")
    assert len(feed_server.requests) == 1


@pytest.fixture
def silencer(feed_server: FeedServer, elsewhere: FeedServer) -> FeedServer:
    """A host with three blogs, of which the first leads to another host, which is busy for a week."""
    to_another_host = {"Location": elsewhere.add("/feed", busy("604800"))}
    make_feed(url=feed_server.add("/0", Answer(status=302, headers=to_another_host)))
    for number in (1, 2):
        make_feed(url=feed_server.add(f"/{number}", BLOG))
    return elsewhere


def test_a_feed_that_leads_elsewhere_silences_none_of_its_neighbors(silencer: FeedServer) -> None:
    assert sorted(kind for kind, _ in outcomes()) == ["failed", "new", "new"]
    assert sorted(kind for kind, _ in outcomes(NOW + HOUR)) == ["busy", "unchanged", "unchanged"]


def test_it_waits_itself_and_says_for_whom(silencer: FeedServer) -> None:
    outcomes()
    [(_, sentence)] = [pair for pair in outcomes(NOW + HOUR) if pair[0] == "busy"]
    assert sentence == f"Its server asked to be left alone until {NOW + timedelta(days=7):%Y-%m-%d %H:%M} UTC."
    assert len(silencer.requests) == 1
    outcomes(NOW + timedelta(days=8))
    assert len(silencer.requests) == 2


def test_the_feeds_of_the_host_that_answered_wait_with_it(silencer: FeedServer) -> None:
    make_feed(url=silencer.add("/own", BLOG))
    outcomes()
    asked = len(silencer.requests)
    assert sorted(kind for kind, _ in outcomes(NOW + HOUR)) == ["busy", "busy", "unchanged", "unchanged"]
    assert len(silencer.requests) == asked
