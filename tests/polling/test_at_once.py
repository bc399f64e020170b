"""Two people, or two workers, who do the same in the same instant."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from aggregator.curating.adding import add_feed
from aggregator.curating.entries import hide, unhide
from aggregator.curating.feeds import delete_categories, pause, reject, resume, set_category
from aggregator.folding.locks import lock_posts
from aggregator.ingest.errors import HttpStatus
from aggregator.models import Category, Entry, Feed
from aggregator.models.names import lock_names
from aggregator.polling import skew
from aggregator.storing.documents import Polled, store_documents
from aggregator.storing.feed_row import store_all_unchanged, store_failure, under_lease
from tests.at_once import AT_ONCE, meanwhile, together
from tests.factories import NOW, make_feed
from tests.stores import POLICY, make_document, make_item, make_response, store_items

ROUNDS = 5


@pytest.mark.django_db(transaction=True)
def test_a_feed_that_is_added_twice_in_one_instant_is_here_once() -> None:
    for round_number in range(ROUNDS):
        url = f"https://blog.example/{round_number}"
        results = together(lambda _, url=url: add_feed(url, category="New")[1])  # type: ignore[misc]
        assert sorted(results, key=str) == [False, False, False, True]
    assert (Feed.objects.count(), Category.objects.count()) == (ROUNDS, 1)


@pytest.mark.django_db(transaction=True)
def test_feeds_of_one_host_that_are_added_in_one_instant_get_a_page_each() -> None:
    results = together(lambda number: add_feed(f"https://blog.example/{number}")[1])
    assert results == [True] * AT_ONCE
    assert len(set(Feed.objects.values_list("slug", flat=True))) == AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_a_post_that_feeds_bring_in_one_instant_is_shown_once() -> None:
    for round_number in range(ROUNDS):
        feeds = [make_feed() for _ in range(AT_ONCE)]
        names = [f"{round_number} {post}" for post in range(3)]
        results = together(lambda number, f=feeds, n=names: store_items(f[number], *map(make_item, n)).new)  # type: ignore[misc]
        assert results == [3] * AT_ONCE
        assert Entry.objects.listed().count() == 3 * (round_number + 1)


@pytest.mark.django_db(transaction=True)
def test_curators_and_polls_that_change_one_post_in_one_instant_all_end() -> None:
    feeds = [make_feed() for _ in range(AT_ONCE)]
    for feed in feeds:
        store_items(feed, make_item("one"))

    def work(number: int) -> int:
        entries = Entry.objects.filter(feed=feeds[number])
        if number % 2:
            return hide(entries, NOW) + unhide(entries, NOW)
        return sum(store_items(feeds[number], make_item("one", title=f"Edit {edit}")).changed for edit in range(2))

    assert together(work) == [2] * AT_ONCE
    assert Entry.objects.listed().count() == 1


@pytest.mark.django_db(transaction=True)
def test_polls_claims_and_curators_that_take_the_same_feeds_in_one_instant_all_end() -> None:
    """PostgreSQL ends one of two who wait for each other; nobody does who takes feeds in the order of their ids."""
    feeds = [make_feed() for _ in range(20)]
    shelf = Category.objects.create(name="Shelf", slug="shelf")
    last_first = Feed.objects.order_by("-pk")

    def take(number: int) -> None:
        for visit in range(10):
            if number == 0:
                polled = [Polled(feed, make_response(feed), make_document(make_item(f"{visit}"))) for feed in feeds]
                store_documents(polled, now=NOW, policy=POLICY)
            elif number == 1:
                store_all_unchanged([(feed, make_response(feed)) for feed in reversed(feeds)], now=NOW, policy=POLICY)
            elif number == 2:
                claimed = last_first.claim(NOW, lease_seconds=60, spacing_seconds=0, limit=10)
                with transaction.atomic():
                    under_lease(claimed)
                    Feed.objects.filter(pk__in=[feed.pk for feed in claimed]).update(lease=None)
            else:
                set_category(last_first, shelf, NOW)
                pause(last_first, NOW)
                resume(last_first, NOW)
                reject(last_first.filter(pk__in=[feed.pk for feed in feeds[10:]]), NOW)

    assert together(take) == [None] * AT_ONCE


# -- two that meet half way --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_clock_is_set_right_while_a_poll_folds_copies_of_its_posts() -> None:
    store_items(make_feed(last_polled_at=NOW), make_item("one"), now=NOW + timedelta(days=300))
    Feed.objects.update(last_polled_at=NOW + timedelta(days=300))
    meanwhile(
        lambda: lock_posts(Entry.objects.values_list("pk", flat=True)),
        lambda: Entry.objects.update(duplicate_of=None),
        lambda: skew.set_right(NOW, lease_seconds=60),
    )
    assert Feed.objects.get().last_polled_at == NOW


@pytest.mark.django_db(transaction=True)
def test_a_shelf_is_taken_away_while_feeds_of_it_are_polled() -> None:
    shelf = Category.objects.create(name="Shelf", slug="shelf")
    second, first = (make_feed(pk=number, category=shelf) for number in (2_000_000, 1_000_000))
    meanwhile(
        lambda: under_lease([first]),
        lambda: under_lease([second]),
        lambda: delete_categories(Category.objects.all(), NOW),
    )
    assert set(Feed.objects.values_list("category", flat=True)) == {None}


@pytest.mark.django_db(transaction=True)
def test_a_feed_moves_to_an_address_that_is_being_added() -> None:
    feed, goal = make_feed(url="https://blog.example/old"), "https://blog.example/new"
    moved = Polled(feed, make_response(feed, permanent_url=goal), make_document())

    def work() -> None:
        with suppress(IntegrityError):  # a poll stores each of its feeds once more then
            store_documents([moved], now=NOW, policy=POLICY)

    meanwhile(lambda: lock_names(addresses=[goal]), lambda: add_feed(goal), work)
    assert Feed.objects.get(url=goal) != feed


@pytest.mark.django_db(transaction=True)
def test_a_host_is_let_rest_beside_a_feed_that_has_left_it() -> None:
    moved, stays = make_feed(url="https://new.example/"), make_feed(url="https://old.example/")
    asked = Feed.objects.get(pk=moved.pk)
    asked.point_to("https://old.example/feed")
    error = HttpStatus(status=503, retry_after="3600")
    meanwhile(
        lambda: under_lease([moved]),
        lambda: under_lease([stays]),
        lambda: store_failure(asked, error, now=NOW, policy=POLICY),
    )
    assert Feed.objects.get(pk=moved.pk).failure_count == 1
