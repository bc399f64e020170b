"""Counts that a change of copies left to be done: whoever was to do them was killed, or had no database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import OperationalError

from aggregator.curating.entries import hide
from aggregator.folding import fold
from aggregator.models import Entry, Feed, PostsOfDay, SiteState, UncountedFeed
from aggregator.polling.conductor import poll
from aggregator.signals import entries_added
from tests.factories import NOW, make_feed
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db(transaction=True)
LINK = "https://one.example/post"


@pytest.fixture
def feeds() -> tuple[Feed, Feed]:
    return make_feed("One", url="https://one.example/feed"), make_feed("Two", url="https://two.example/feed")


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The entries of which the world was told."""
    ids: list[int] = []

    def hear(entry_ids: list[int], **_: object) -> None:
        ids.extend(entry_ids)

    entries_added.connect(hear)
    yield ids
    entries_added.disconnect(hear)


def lose_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(fold, "refresh_counts", fail)


def hide_the_shown_one(feeds: tuple[Feed, Feed], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its copy is shown in its place, and nobody counts that."""
    for feed in feeds:
        store_items(feed, make_item("one", url=LINK))
    with monkeypatch.context() as away:
        lose_the_database(away)
        hide(Entry.objects.listed(), NOW)


def counts() -> dict[str, int]:
    return dict(Feed.objects.values_list("title", "entry_count"))


def posts_of_days() -> int:
    """As the calendar has them."""
    return sum(PostsOfDay.objects.values_list("posts", flat=True))


def test_a_post_that_nobody_counted_is_counted_by_the_next_poll(
    feeds: tuple[Feed, Feed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of many feeds begin at the feeds' newest posts: what isn't counted is not on them."""
    hide_the_shown_one(feeds, monkeypatch)
    assert (counts(), posts_of_days()) == ({"One": 0, "Two": 0}, 0)
    version = SiteState.objects.current().version
    poll(Feed.objects.none())
    assert (counts(), posts_of_days()) == ({"One": 0, "Two": 1}, 1)
    assert SiteState.objects.current().version > version


def test_what_was_counted_is_not_counted_again(feeds: tuple[Feed, Feed], monkeypatch: pytest.MonkeyPatch) -> None:
    hide_the_shown_one(feeds, monkeypatch)
    assert UncountedFeed.objects.feed_ids()
    poll(Feed.objects.none())
    assert not UncountedFeed.objects.exists()
    for feed in feeds:
        store_items(feed, make_item("another", url=f"{LINK}/another"))
    assert not UncountedFeed.objects.exists()


def test_a_count_that_fails_ends_neither_the_poll_nor_the_news(
    feeds: tuple[Feed, Feed], monkeypatch: pytest.MonkeyPatch, told: list[int]
) -> None:
    store_items(feeds[1], make_item("one", url=LINK))
    lose_the_database(monkeypatch)
    stored = store_items(feeds[0], make_item("one", url=LINK), make_item("fresh"))
    assert stored.new == 2
    assert len(told) == 3
    assert Entry.objects.listed().get(url=LINK).feed == feeds[0]
