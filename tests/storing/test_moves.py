"""Feeds that move, rest, die and come back, through real polls on loopback servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from email.utils import format_datetime

import pytest

from aggregator.ingest.errors import NameNotFound
from aggregator.models import Entry, Feed
from aggregator.polling import conductor as polling
from tests.documents import atom
from tests.factories import NOW, make_entry, make_feed
from tests.polls import clock, outcomes_of, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POSTS = [(f"Walk {number}", NOW - timedelta(days=number)) for number in range(1, 7)]
LIVE = Answer(atom("Walks", POSTS))
PARKED = Answer(b"<!doctype html><html><body>This domain is for sale.</body></html>")


@pytest.fixture
def blog(feed_server: FeedServer) -> Feed:
    """A blog that was read well; its site has nothing to tell."""
    feed = make_feed(url=feed_server.add("/feed", LIVE), site_url=feed_server.url("/"))
    return poll_one(feed, NOW - DAY).feed


def moving(server: FeedServer, target: str, status: int = 301) -> None:
    server.add("/feed", Answer.redirect(target, status=status))


# -- moves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_move_to_another_host_brings_its_posts_at_once_and_its_address_after_a_day(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer, status: int
) -> None:
    goal = elsewhere.add("/feed", Answer(atom("Walks", [("Walk 0", NOW), *POSTS])))
    moving(feed_server, goal, status)
    assert poll_one(blog, NOW).new == 1
    addresses = [poll_one(blog, NOW + wait).feed.url for wait in (HOUR, 23 * HOUR, 25 * HOUR)]
    assert addresses == [blog.url, blog.url, goal]


def test_a_move_that_only_two_answers_name_is_not_believed_however_old(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    moving(feed_server, elsewhere.add("/feed", LIVE))
    assert [poll_one(blog, NOW + wait).feed.url for wait in (HOUR, 9 * DAY)] == [blog.url] * 2


def test_a_feed_that_flips_between_two_targets_stays_where_it_is(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    goals = [elsewhere.add("/one", LIVE), elsewhere.add("/two", LIVE)]
    for number in range(8):
        moving(feed_server, goals[number % 2])
        assert poll_one(blog, NOW + number * DAY).feed.url == blog.url


def test_an_answer_without_a_redirect_starts_the_count_anew(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    goal = elsewhere.add("/feed", LIVE)
    for number in range(8):
        if number % 3 == 2:
            feed_server.add("/feed", LIVE)
        else:
            moving(feed_server, goal)
        assert poll_one(blog, NOW + number * DAY).feed.url == blog.url


def test_two_hosts_that_send_a_feed_to_each_other_fail_in_words(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    moving(feed_server, elsewhere.add("/feed", Answer.redirect(blog.url, status=301)))
    feed = poll_one(blog, NOW).feed
    assert (feed.last_error_kind, feed.url, feed.entries.count()) == ("redirect", blog.url, 6)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_no_move(blog: Feed, feed_server: FeedServer, elsewhere: FeedServer, status: int) -> None:
    moving(feed_server, elsewhere.add("/feed", LIVE), status)
    for number in range(4):
        feed = poll_one(blog, NOW + number * DAY).feed
    assert (feed.url, feed.moved_to) == (blog.url, "")


def test_a_permanent_redirect_behind_a_passing_one_is_no_move(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    elsewhere.add("/old", Answer.redirect(elsewhere.add("/new", LIVE), status=301))
    moving(feed_server, elsewhere.url("/old"), 302)
    assert poll_one(blog, NOW).feed.moved_to == ""


def test_a_move_to_a_parked_page_keeps_address_posts_and_validators(
    blog: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    moving(feed_server, elsewhere.add("/", PARKED))
    for number in range(4):
        feed = poll_one(blog, NOW + number * DAY).feed
    assert (feed.url, feed.last_error_kind, feed.state) == (blog.url, "not_a_feed", "active")
    assert (feed.body_hash, feed.moved_to) == (blog.body_hash, "")
    assert Entry.objects.listed().count() == 6


def test_a_move_to_a_private_network_is_refused_and_keeps_all(blog: Feed, feed_server: FeedServer) -> None:
    moving(feed_server, "http://10.0.0.1/feed")
    feed = poll_one(blog, NOW).feed
    assert (feed.last_error_kind, feed.url, feed.entries.count()) == ("refused", blog.url, 6)


# -- resting ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def neighbor() -> Iterator[Feed]:
    """A feed on the blog's host, at another port."""
    with FeedServer() as server:
        yield make_feed(url=server.add("/feed", LIVE), next_poll_at=NOW)


def refusing(server: FeedServer, retry_after: str, status: int = 429) -> None:
    server.add("/feed", Answer(status=status, headers={"Retry-After": retry_after}))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("86400", DAY),
        (format_datetime(NOW + 2 * DAY, usegmt=True), 2 * DAY),
        (str(10**18), 7 * DAY),
        ("9" * 90, 7 * DAY),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * DAY),
    ],
    ids=["seconds", "date", "eons", "digits", "end-of-time"],
)
def test_a_server_is_left_alone_for_as_long_as_it_asks_within_a_week(
    blog: Feed, feed_server: FeedServer, neighbor: Feed, retry_after: str, wait: timedelta, status: int
) -> None:
    refusing(feed_server, retry_after, status)
    feed = poll_one(blog, NOW).feed
    neighbor.refresh_from_db()
    assert feed.next_poll_at == neighbor.next_poll_at == NOW + wait


@pytest.mark.parametrize(
    "retry_after",
    ["-5", "0", "soon", "1e9", "", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 99 Zzz 20266 99:99:99 +9999"],
)
def test_a_wish_that_cannot_be_read_or_is_past_holds_nobody_else(
    blog: Feed, feed_server: FeedServer, neighbor: Feed, retry_after: str
) -> None:
    refusing(feed_server, retry_after)
    feed = poll_one(blog, NOW).feed
    neighbor.refresh_from_db()
    assert neighbor.next_poll_at == NOW
    assert timedelta(minutes=50) < feed.next_poll_at - NOW < timedelta(minutes=70)


def test_a_wish_of_a_server_that_fails_otherwise_holds_nobody(
    blog: Feed, feed_server: FeedServer, neighbor: Feed
) -> None:
    refusing(feed_server, "86400", status=500)
    poll_one(blog, NOW)
    neighbor.refresh_from_db()
    assert neighbor.next_poll_at == NOW


def test_a_host_that_asked_for_rest_is_not_asked_for_any_of_its_feeds(
    blog: Feed, feed_server: FeedServer, neighbor: Feed
) -> None:
    refusing(feed_server, "86400")
    poll_one(blog, NOW)
    assert outcomes_of(clock=clock(NOW + 23 * HOUR)) == []
    feed_server.add("/feed", LIVE)
    assert {outcome.feed.pk for outcome in outcomes_of(clock=clock(NOW + 25 * HOUR))} == {blog.pk, neighbor.pk}


def test_a_wish_of_one_host_is_none_of_anothers(blog: Feed, feed_server: FeedServer, elsewhere: FeedServer) -> None:
    stranger = make_feed(url=elsewhere.add("/feed", LIVE), next_poll_at=NOW)
    refusing(feed_server, "86400")
    poll_one(blog, NOW)
    stranger.refresh_from_db()
    assert stranger.next_poll_at == NOW


# -- dying and coming back -------------------------------------------------------------------------------------------


def test_410_is_believed_at_once_and_the_posts_stay(blog: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(status=410))
    feed = poll_one(blog, NOW).feed
    assert (feed.state, feed.next_poll_at) == ("gone", NOW + 30 * DAY)
    assert Entry.objects.listed().count() == 6


def states_on(feed: Feed, days: Sequence[int]) -> list[str]:
    return [poll_one(feed, NOW + day * DAY).feed.state for day in days]


def test_404_is_believed_after_sixty_days(blog: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(status=404))
    assert states_on(blog, [0, 30, 59, 60]) == ["active", "active", "active", "gone"]


def test_a_name_without_an_address_is_believed_after_sixty_days(blog: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = polling.Poll._on_answer

    def unknown(run: polling.Poll, key: int, _: object) -> None:
        fetched(run, key, NameNotFound(host="blog.example"))

    monkeypatch.setattr(polling.Poll, "_on_answer", unknown)
    assert states_on(blog, [0, 30, 59, 60]) == ["active", "active", "active", "gone"]


def test_one_good_answer_starts_the_sixty_days_anew(blog: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(status=404))
    states_on(blog, [0, 59])
    feed_server.add("/feed", LIVE)
    states_on(blog, [60])
    feed_server.add("/feed", Answer(status=404))
    assert states_on(blog, [61, 120, 121]) == ["active", "active", "gone"]


def test_a_fault_of_the_server_is_never_taken_for_the_end(blog: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(status=500))
    assert states_on(blog, [0, 60, 400]) == ["active"] * 3


def test_a_feed_that_is_gone_is_asked_once_a_month_and_revived_by_an_answer(
    blog: Feed, feed_server: FeedServer
) -> None:
    feed_server.add("/feed", Answer(status=410))
    poll_one(blog, NOW)
    assert outcomes_of(clock=clock(NOW + 29 * DAY)) == []
    assert [outcome.kind for outcome in outcomes_of(clock=clock(NOW + 31 * DAY))] == ["failed"]
    feed_server.add("/feed", Answer(atom("Walks", [("Walk 0", NOW), *POSTS])))
    [outcome] = outcomes_of(clock=clock(NOW + 62 * DAY))
    assert (outcome.feed.state, outcome.feed.failure_count, outcome.new) == ("active", 0, 1)


def test_a_feed_that_comes_back_after_years_with_other_peoples_posts_is_held(
    blog: Feed, feed_server: FeedServer
) -> None:
    Feed.objects.update(state=Feed.State.GONE)
    make_entry(blog)
    spins = [(f"Spin {number}", NOW) for number in range(5)]
    feed_server.add("/feed", Answer(atom("Casino", spins, site_url="https://casino.example/", language="id")))
    feed = poll_one(blog, NOW).feed
    assert (feed.state, feed.is_drifting, feed.held_count) == ("active", True, 5)
