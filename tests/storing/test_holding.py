"""An archive that is published once more waits for a curator; news pass, however many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from aggregator.curating.entries import hide, unhide
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.storing.holding import MAX_BACKDATED_POSTS, republished
from tests.curators import ENTRIES, FEED, FEEDS, act, log_in, page
from tests.factories import NOW, make_entry, make_feed
from tests.stores import make_item, new_feed, store_items


def items(count: int, *, days_ago: float) -> list[Item]:
    return [make_item(f"{days_ago} {number}", days_ago=days_ago + number / 100) for number in range(count)]


# -- the decision ----------------------------------------------------------------------------------------------------


def test_a_few_posts_of_the_past_are_late_news() -> None:
    assert republished(items(MAX_BACKDATED_POSTS, days_ago=30), NOW - timedelta(days=1)) == frozenset()


def test_many_posts_of_the_past_are_an_archive() -> None:
    archive = items(MAX_BACKDATED_POSTS + 1, days_ago=30)
    assert republished(archive, NOW - timedelta(days=1)) == {item.guid for item in archive}


def test_the_news_among_an_archive_are_news() -> None:
    archive, news = items(20, days_ago=30), items(20, days_ago=1)
    assert republished([*archive, *news], NOW - timedelta(days=2)) == {item.guid for item in archive}


def test_posts_without_a_date_are_news() -> None:
    undated = [make_item(str(number), days_ago=None) for number in range(20)]
    assert republished(undated, NOW) == frozenset()


def test_a_feed_that_had_no_post_has_no_archive() -> None:
    assert republished(items(20, days_ago=30), None) == frozenset()


# -- storing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def flooded(db: None) -> Feed:
    """A blog that knew one post, and twelve of the years before under new ids."""
    feed = make_feed("Flooded")
    store_items(feed, make_item("known", days_ago=2), title="Flooded")
    return store_items(feed, *items(12, days_ago=400), make_item("news"), title="Flooded").feed


def shown_titles() -> set[str]:
    return set(Entry.objects.listed().values_list("title", flat=True))


@pytest.mark.usefixtures("flooded")
def test_an_archive_is_stored_and_not_shown() -> None:
    assert Entry.objects.count() == 14
    assert shown_titles() == {"known", "news"}


@pytest.mark.usefixtures("flooded")
def test_an_archive_is_not_announced() -> None:
    assert not Entry.objects.unannounced().filter(is_held=True).exists()


def test_held_posts_count_for_the_curators_alone(flooded: Feed) -> None:
    flooded.refresh_from_db()
    assert (flooded.entry_count, flooded.held_count) == (2, 12)


def test_held_posts_stay_held_when_the_feed_carries_them_again(flooded: Feed) -> None:
    store_items(flooded, *items(12, days_ago=400), title="Flooded")
    assert Entry.objects.held().count() == 12


@pytest.mark.django_db
def test_the_first_poll_holds_nothing() -> None:
    store_items(new_feed(), *items(30, days_ago=30))
    assert len(shown_titles()) == 30


@pytest.mark.django_db
def test_a_feed_that_slept_holds_nothing_back_when_it_wakes() -> None:
    feed = make_feed()
    store_items(feed, make_item("known", days_ago=60))
    store_items(feed, *items(30, days_ago=1))
    assert not Entry.objects.held().exists()


@pytest.mark.django_db
def test_a_post_from_the_future_does_not_make_all_others_an_archive() -> None:
    feed = make_feed()
    store_items(feed, make_item("pinned", days_ago=-300), make_item("known", days_ago=9))
    store_items(feed, *items(8, days_ago=1))
    assert not Entry.objects.held().exists()


@pytest.mark.django_db
def test_an_archive_under_new_ids_that_can_be_matched_is_not_new() -> None:
    feed = make_feed()
    store_items(feed, *items(12, days_ago=30))
    again = [
        make_item(item.title, guid=f"new {item.guid}", published_at=item.published_at)
        for item in items(12, days_ago=30)
    ]
    assert store_items(feed, *again).new == 0
    assert not Entry.objects.held().exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("repeated", "new"), [(5, 5), (6, 0)])
def test_an_archive_with_nothing_of_its_own_but_its_texts_is_not_new(repeated: int, new: int) -> None:
    """A blog was built anew, and its software dates what it builds. A few such posts can be meant: the yearly ones."""
    feed = make_feed()
    old = items(12, days_ago=30)
    store_items(feed, *old, now=NOW - timedelta(days=29))
    again = [
        replace(item, guid=f"new {item.guid}", url=f"{item.url}new/", published_at=NOW, content_hash="another base")
        for item in old[:repeated]
    ]
    assert store_items(feed, *again).new == new
    assert Entry.objects.filter(url__endswith="/new/").count() == repeated
    dates = Entry.objects.filter(timeline_at__gt=NOW - timedelta(days=29))
    assert dates.count() == new  # those of the archive stay where they were


# -- deciding --------------------------------------------------------------------------------------------------------


def test_posts_that_a_curator_lets_pass_stand_at_their_own_dates(flooded: Feed) -> None:
    assert unhide(Entry.objects.held(), NOW) == 12
    flooded.refresh_from_db()
    assert (flooded.entry_count, flooded.held_count) == (14, 0)
    assert not Entry.objects.filter(title__startswith="400", timeline_at__gt=NOW - timedelta(days=399)).exists()


def test_posts_that_a_curator_hides_wait_no_longer(flooded: Feed) -> None:
    hide(Entry.objects.held(), NOW)
    flooded.refresh_from_db()
    assert (flooded.entry_count, flooded.held_count) == (2, 0)


def test_a_held_post_folds_once_it_is_let_pass(db: None) -> None:
    blog, planet = make_feed("Blog", url="https://blog.example/feed", site_url="https://blog.example/"), make_feed()
    store_items(blog, *items(8, days_ago=90), title="Blog")
    make_entry(planet, days_ago=2)
    store_items(planet, *items(8, days_ago=90), title="Planet", site_url="https://planet.example/")
    assert Entry.objects.held().count() == 8
    unhide(Entry.objects.held(), NOW)
    assert set(Entry.objects.listed().filter(title__startswith="90").values_list("feed", flat=True)) == {blog.pk}


# -- the desk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [FEEDS, FEED])
def test_the_curators_are_told_of_what_is_held(flooded: Feed, name: str) -> None:
    assert "12 posts held: republished archive?" in page(log_in(), name, *([flooded.pk] if name == FEED else []))


@pytest.mark.usefixtures("flooded")
def test_the_list_of_feeds_can_be_narrowed_to_those_with_held_posts() -> None:
    make_feed("Calm")
    response = log_in().get("/admin/aggregator/feed/?health=held")
    assert [feed.title for feed in response.context["cl"].result_list] == ["Flooded"]


@pytest.mark.usefixtures("flooded")
@pytest.mark.parametrize(("verb", "count"), [("unhide", 14), ("hide", 2)])
def test_held_posts_are_shown_or_hidden_by_an_action(verb: str, count: int) -> None:
    act(log_in(), ENTRIES, verb, list(Entry.objects.held()))
    assert (Entry.objects.listed().count(), Entry.objects.held().count()) == (count, 0)


@pytest.mark.usefixtures("flooded")
def test_saving_the_page_of_a_held_post_does_not_show_it() -> None:
    entry = Entry.objects.held()[0]
    log_in().post(f"/admin/aggregator/entry/{entry.pk}/change/", {})
    assert Entry.objects.held().count() == 12


@pytest.mark.usefixtures("flooded")
def test_held_posts_have_no_page(client: Client) -> None:
    assert client.get(Entry.objects.held()[0].get_absolute_url()).status_code == 404
