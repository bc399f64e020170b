from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from aggregator.curating.feeds import (
    UnknownFeed,
    delete_feeds,
    feeds_named,
    pause,
    reject,
    resume,
    revise,
    set_category,
)
from aggregator.models import Entry, Feed, FeedQuerySet, SiteState
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db


def all_of(*feeds: Feed) -> FeedQuerySet:
    return Feed.objects.filter(pk__in=[feed.pk for feed in feeds])


def version() -> int:
    return SiteState.objects.current().version


# -- naming ------------------------------------------------------------------------------------------------------------


def test_feeds_are_named_by_id_or_address() -> None:
    one, two = make_feed(), make_feed(url="https://two.example/feed")
    assert set(feeds_named([str(one.pk), "http://TWO.example/feed"])) == {one, two}


@pytest.mark.parametrize("name", ["99999", "9" * 40, "https://nobody.example/", "file:///x", "²"])
def test_an_unknown_name_is_told(name: str) -> None:
    make_feed()
    with pytest.raises(UnknownFeed):
        feeds_named([name])


# -- deciding ----------------------------------------------------------------------------------------------------------


def test_pausing_stops_polls_and_raises_the_version() -> None:
    feed, before = make_feed(), version()
    assert pause(all_of(feed), NOW) == 1
    assert not Feed.objects.due(NOW).exists()
    assert version() > before


def test_pausing_counts_the_entries_anew() -> None:
    feed = make_feed()
    make_entry(feed)
    pause(all_of(feed), NOW)
    feed.refresh_from_db()
    assert feed.entry_count == 1


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_a_feed_that_readers_do_not_know_is_not_paused_into_their_sight(state: str) -> None:
    feed = make_feed(state=state)
    assert pause(all_of(feed), NOW) == 0
    assert not Feed.objects.public().exists()


@pytest.mark.parametrize("state", ["paused", "gone", "rejected"])
def test_resuming_makes_a_stopped_feed_active_and_due(state: str) -> None:
    feed = make_feed(state=state, next_poll_at=NOW + timedelta(days=9), failure_count=7, last_error="No.")
    assert resume(all_of(feed), NOW) == 1
    feed.refresh_from_db()
    assert (feed.state, feed.next_poll_at, feed.failure_count, feed.last_error) == ("active", NOW, 0, "")


def test_resuming_leaves_an_active_feed_alone() -> None:
    feed, before = make_feed(next_poll_at=NOW + timedelta(days=9)), version()
    assert resume(all_of(feed), NOW) == 0
    assert version() == before


def test_a_feed_that_is_turned_down_is_not_shown() -> None:
    feed, before = make_feed(), version()
    assert reject(all_of(feed), NOW) == 1
    assert not Feed.objects.public().exists()
    assert version() > before


def test_setting_a_category_raises_the_version() -> None:
    feeds, before = [make_feed(), make_feed()], version()
    shelf = make_category("Shelf")
    assert set_category(all_of(*feeds), shelf, NOW) == 2
    assert shelf.feeds.count() == 2
    assert version() > before


def test_a_new_address_is_due_and_forgets_the_old_validators() -> None:
    feed = make_feed(next_poll_at=NOW + timedelta(days=9))
    Feed.objects.update(etag='"1"', body_hash="x", lease=uuid.uuid4())
    feed.url = "https://moved.example/feed"
    revise(feed, ["url"], NOW)
    feed.refresh_from_db()
    assert (feed.host, feed.etag, feed.body_hash) == ("moved.example", "", "")
    assert (feed.lease, feed.next_poll_at) == (None, NOW)


def test_a_feed_that_is_gone_lives_on_at_a_new_address_without_the_errors_of_the_old_one() -> None:
    trouble = {"failure_count": 9, "failing_since": NOW, "last_error_kind": "http", "last_error": "Gone (410)."}
    feed = make_feed(state=Feed.State.GONE, **trouble)
    feed.url = "https://moved.example/feed"
    revise(feed, ["url"], NOW)
    feed.refresh_from_db()
    assert (feed.state, feed.failure_count, feed.failing_since) == (Feed.State.ACTIVE, 0, None)
    assert (feed.last_error_kind, feed.last_error) == ("", "")


def test_revising_leaves_what_a_poll_wrote_meanwhile() -> None:
    feed = make_feed()
    Feed.objects.update(etag='"new"', entry_count=7)
    feed.title = "A better title"
    revise(feed, ["title"], NOW)
    feed.refresh_from_db()
    assert (feed.title, feed.etag, feed.entry_count) == ("A better title", '"new"', 7)


def test_an_emptied_title_is_the_feeds_own_again() -> None:
    feed = make_feed("Ours", reported_title="Theirs")
    feed.title = ""
    revise(feed, ["title"], NOW)
    feed.refresh_from_db()
    assert feed.title == "Theirs"


def test_deleting_a_feed_raises_the_version() -> None:
    entry, before = make_entry(), version()
    delete_feeds(all_of(entry.feed), NOW)
    assert not Entry.objects.exists()
    assert version() > before
