"""Large bodies are read and stored one after another, and small ones pass beside them."""

from __future__ import annotations

import math
import random
import uuid
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest

from aggregator.ingest.spool import LARGE_BYTES
from aggregator.models import Entry, Feed
from aggregator.polling import claiming
from aggregator.polling import lane as lanes
from aggregator.polling.claiming import LEASE_SECONDS, Claims
from aggregator.polling.conductor import poll
from aggregator.polling.lane import Lane, Room
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.polls import clock, outcomes_of, pending, poll_one
from tests.servers import Answer, FeedServer


def begun_by(lane: Lane, sizes: dict[int, int]) -> list[int]:
    """What the lane begins, as it does so."""
    begun: list[int] = []
    for feed_id, size in sizes.items():
        lane.add(feed_id, size, partial(begun.append, feed_id))
    lane.go_on()
    return begun


def test_as_many_are_inside_as_fit_and_the_next_enters_when_there_is_room() -> None:
    lane = Lane(Room(10))
    begun = begun_by(lane, {1: 4, 2: 4, 3: 4, 4: 4})
    assert (begun, lane.waiting) == ([1, 2], [3, 4])
    lane.leave(2)
    lane.go_on()
    assert (begun, lane.waiting) == ([1, 2, 3], [4])


def test_one_that_is_larger_than_all_the_room_has_it_for_itself() -> None:
    lane = Lane(Room(10))
    begun = begun_by(lane, {1: 99, 2: 1})
    assert begun == [1]
    lane.leave(1)
    lane.go_on()
    assert begun == [1, 2]


def test_none_that_fits_overtakes_one_that_waits_also_not_of_another_poll() -> None:
    room = Room(10)
    one, other = Lane(room), Lane(room)
    first, second = begun_by(one, {1: 6, 2: 6}), begun_by(other, {3: 1})
    assert (first, second) == ([1], [])
    one.leave(1)
    other.go_on()
    assert second == []
    one.go_on()
    other.go_on()
    assert (first, second) == ([1, 2], [3])


def test_a_poll_that_ends_leaves_its_room_and_its_place_in_the_line() -> None:
    room = Room(10)
    ended, other = Lane(room), Lane(room)
    begun_by(ended, {1: 6, 2: 6})
    begun = begun_by(other, {3: 6})
    ended.close()
    other.go_on()
    assert begun == [3]


def test_to_leave_without_a_large_body_changes_nothing() -> None:
    lane = Lane(Room(10))
    begun = begun_by(lane, {1: 9, 2: 9})
    lane.leave(7)
    lane.leave(2)  # it waits, and goes on to do so
    lane.go_on()
    assert (begun, lane.waiting) == ([1], [2])


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_and_goes_no_more_is_inside_than_fits_and_all_enter_in_their_order(seed: int) -> None:
    chance, most = random.Random(seed), 20
    lane, inside, begun = Lane(Room(most)), dict[int, int](), list[int]()
    sizes = [chance.randint(1, 30) for _ in range(40)]

    def enter(feed_id: int) -> None:
        begun.append(feed_id)
        inside[feed_id] = sizes[feed_id]
        assert len(inside) == 1 or sum(inside.values()) <= most

    for feed_id, size in enumerate(sizes):
        lane.add(feed_id, size, partial(enter, feed_id))
        if chance.random() < 0.5:
            lane.go_on()
    while len(begun) < len(sizes) or inside:
        lane.go_on()
        gone = chance.choice([*inside])
        del inside[gone]
        lane.leave(gone)
    assert begun == list(range(len(sizes)))


# -- on the way of a feed ----------------------------------------------------------------------------------------------


class CountingRoom(Room):
    """Room for one; says how many had it at once, and how many there were."""

    def __init__(self) -> None:
        super().__init__(1)
        self.inside = self.most = self.all = 0

    def enter(self, ticket: lanes._Ticket) -> bool:
        has_entered = super().enter(ticket)
        self.inside += has_entered
        self.all += has_entered
        self.most = max(self.most, self.inside)
        return has_entered

    def leave(self, ticket: lanes._Ticket) -> None:
        self.inside -= ticket.is_inside
        super().leave(ticket)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> CountingRoom:
    room = CountingRoom()
    monkeypatch.setattr(lanes, "ROOM", room)
    return room


def large(body: bytes) -> Answer:
    return Answer(body + b"<!--" + b" " * LARGE_BYTES + b"-->", headers={"Content-Type": "text/html"})


POSTS = [("Two", NOW - timedelta(hours=5)), ("One", NOW - timedelta(days=2))]


@pytest.mark.django_db
def test_all_large_feeds_are_stored_one_after_another_and_a_small_one_needs_no_room(room: CountingRoom) -> None:
    with ExitStack() as stack:
        for number in range(2, 7):
            server = stack.enter_context(FeedServer(f"127.0.0.{number}"))
            body = rss(f"Blog {number}", POSTS, site_url=f"https://blog{number}.example/")
            pending(server.add("/feed", Answer(body) if number == 2 else large(body)))
        kinds = [outcome.kind for outcome in outcomes_of(clock=clock())]
    assert (kinds, Entry.objects.count()) == (["new"] * 5, 10)
    assert (room.all, room.most, room.inside) == (4, 1, 0)


@pytest.mark.django_db
def test_a_large_feed_that_says_what_it_said_needs_no_room(feed_server: FeedServer, room: CountingRoom) -> None:
    feed = pending(feed_server.add("/feed", large(rss("A", POSTS))))
    kinds = [poll_one(feed, NOW + timedelta(hours=hours)).kind for hours in (0, 1)]
    assert (kinds, room.all) == (["new", "unchanged"], 1)


@pytest.mark.django_db
def test_a_large_page_that_names_a_large_feed_makes_room_for_it(feed_server: FeedServer, room: CountingRoom) -> None:
    feed_server.add("/feed", large(rss("Found", POSTS)))
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    outcome = poll_one(pending(feed_server.add("/", large(page))))
    assert (outcome.kind, outcome.feed.url, room.all, room.inside) == ("new", feed_server.url("/feed"), 2, 0)


@pytest.mark.django_db
def test_a_large_page_that_is_looked_at_for_a_dead_feed_makes_room_again(
    feed_server: FeedServer, room: CountingRoom
) -> None:
    feed_server.add("/new", large(rss("Found", POSTS)))
    page = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/new"></head></html>'
    site_url = feed_server.add("/", large(page))
    feed = make_feed(url=feed_server.add("/gone", Answer(status=410)), site_url=site_url)
    outcome = poll_one(feed)
    assert (outcome.feed.proposed_url, room.all, room.inside) == (feed_server.url("/new"), 2, 0)


@pytest.mark.django_db
def test_a_large_body_that_is_no_feed_keeps_no_other_waiting(
    feed_server: FeedServer, elsewhere: FeedServer, room: CountingRoom
) -> None:
    pending(feed_server.add("/feed", Answer(b"nothing " * LARGE_BYTES)))
    pending(elsewhere.add("/feed", large(rss("A", POSTS))))
    assert sorted(outcome.kind for outcome in outcomes_of(clock=clock())) == ["failed", "new"]
    assert room.inside == 0


@pytest.mark.django_db
def test_a_run_that_is_interrupted_leaves_room_to_the_next(feed_server: FeedServer, room: CountingRoom) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    for name in ("/a", "/b"):
        pending(feed_server.add(name, large(rss(name, POSTS))))
    with pytest.raises(KeyboardInterrupt):
        poll(clock=clock(), on_outcome=interrupt)
    assert room.inside == 0
    assert poll(Feed.objects.all(), clock=clock()).failed == []
    assert (Entry.objects.count(), room.inside) == (4, 0)


# -- claims ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_waits_for_room_keeps_its_claim_unless_another_worker_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, lost = make_feed(url="https://a.example/feed"), make_feed(url="https://b.example/feed")
    now = NOW
    claims = Claims(None, seconds=math.inf, spacing_seconds=0, clock=lambda: now)
    feeds = claims.take(10)
    Feed.objects.filter(pk=lost.pk).update(lease=uuid.uuid4())
    now += timedelta(seconds=1)
    claims.keep(feeds)
    first = NOW + timedelta(seconds=LEASE_SECONDS)
    assert {*Feed.objects.values_list("next_poll_at", flat=True)} == {first}, "not a query at every turn"
    monkeypatch.setattr(claiming, "KEEP_SECONDS", -1)  # a minute has passed
    Claims(None, seconds=math.inf, spacing_seconds=0, clock=lambda: now).keep(feeds)
    until_of = dict(Feed.objects.values_list("pk", "next_poll_at"))
    assert until_of == {waiting.pk: first + timedelta(seconds=1), lost.pk: first}
