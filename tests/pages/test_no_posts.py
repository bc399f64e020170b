"""No post of a source is shown: each page of it, the desk and the command line say why, and where to read on."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from aggregator.curating.feeds import reject
from aggregator.ingest.types import Skipped
from aggregator.models import Entry, Feed
from aggregator.models.unseen import unseen_of
from tests.commands.running import run
from tests.curators import FEED, log_in, page
from tests.factories import NOW, make_entry, make_feed, make_rule
from tests.stores import lease, make_document, make_item, make_response, store_document, store_items, store_unchanged

pytestmark = pytest.mark.django_db

NAMES = ("one", "two", "three")


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", "", text)).split())


def own_page(feed: Feed) -> str:
    return Client().get(feed.get_absolute_url()).content.decode()


def status_page(feed: Feed) -> str:
    return Client().get(f"{feed.get_absolute_url()}status/").content.decode()


def page_at_desk(feed: Feed) -> str:
    return page(log_in(), FEED, feed.pk)


def command(feed: Feed) -> str:
    return run("feed_status", feed.url)


@pytest.fixture
def first() -> Feed:
    """Its posts are shown."""
    feed = make_feed("Ada & friends", url="https://blog.example/feed", last_ok_at=NOW)
    store_items(feed, *(make_item(name) for name in NAMES))
    return feed


@pytest.fixture
def copier(first: Feed) -> Feed:
    """All that it brings was brought before."""
    feed = make_feed("A planet", url="https://planet.example/feed", last_ok_at=NOW)
    store_items(feed, *(make_item(name, guid=f"urn:copy-{name}") for name in NAMES))
    feed.refresh_from_db()
    return feed


TOLD = [own_page, status_page, page_at_desk, command]


@pytest.mark.parametrize("told", TOLD)
def test_a_source_of_copies_alone_says_whose_they_are(copier: Feed, told: Callable[[Feed], str]) -> None:
    assert copier.entry_count == 0
    text = words(told(copier))
    assert "Of its posts, 3 are copies of posts that other sources brought, too." in text
    assert "Ada & friends" in text


@pytest.mark.parametrize("told", [own_page, status_page])
def test_the_way_on_is_a_link(first: Feed, copier: Feed, told: Callable[[Feed], str]) -> None:
    link = f'<a href="{first.get_absolute_url()}"><bdi>Ada &amp; friends</bdi></a>'
    assert f"Read the copies under {link}." in told(copier)


@pytest.mark.parametrize("told", TOLD)
def test_a_source_that_shows_posts_has_nothing_to_explain(first: Feed, told: Callable[[Feed], str]) -> None:
    first.refresh_from_db()
    assert first.entry_count == 3
    assert "Of its posts" not in words(told(first))


def test_a_page_that_was_kept_names_the_other_source_once_the_posts_stand_under_that(first: Feed, copier: Feed) -> None:
    second = make_feed("Second", url="https://second.example/feed", last_ok_at=NOW)
    store_items(second, *(make_item(name, guid=f"urn:second-{name}") for name in NAMES))
    before = Client().get(copier.get_absolute_url())
    Entry.objects.filter(feed=second).choose()
    reject(Feed.objects.filter(pk=first.pk), NOW)
    after = Client().get(copier.get_absolute_url(), HTTP_IF_NONE_MATCH=before["ETag"])
    assert after.status_code == 200
    assert "Ada &amp; friends" not in after.content.decode()


def test_sources_that_readers_may_not_know_of_are_not_named(first: Feed, copier: Feed) -> None:
    Feed.objects.filter(pk=first.pk).update(state="rejected")
    assert unseen_of([copier])[copier.pk].shown_under == ()


def test_copies_of_what_is_not_shown_lead_nowhere(first: Feed, copier: Feed) -> None:
    Entry.objects.filter(feed=first).update(is_hidden=True)
    assert unseen_of([copier])[copier.pk].shown_under == ()


def test_the_answer_to_the_sources_address_says_why(copier: Feed) -> None:
    answer = Client().get("/why/", {"url": copier.url}).content.decode()
    assert "A planet has 0 posts here. Of its posts, 3 are copies" in words(answer)


def test_the_sources_with_most_copies_are_named_first_and_three_at_most(copier: Feed) -> None:
    Entry.objects.filter(feed=copier).delete()
    for number in range(5):
        other = make_feed(f"Source {number}")
        for _ in range(number + 1):
            make_entry(copier, duplicate_of=make_entry(other))
    assert [feed.title for feed in unseen_of([copier])[copier.pk].shown_under] == ["Source 4", "Source 3", "Source 2"]


def test_every_way_not_to_be_shown_has_words(copier: Feed) -> None:
    make_entry(copier, is_held=True)
    make_entry(copier, is_held=True)
    make_entry(copier, is_filtered=True)
    make_entry(copier, is_hidden=True)
    make_entry(copier, emptied_at=NOW)
    assert (
        "Of its posts, 3 are copies of posts that other sources brought, too; 2 wait for a curator; "
        "1 is left out by a rule of the curators; 1 was taken away by a curator; 1 had its time here."
    ) in words(own_page(copier))


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize(
    ("skipped", "said"),
    [
        (Skipped(), "Its feed has brought no post so far."),
        (Skipped(empty=2), "Nothing of what its feed brought could be taken: 2 items had neither text nor link."),
    ],
)
def test_an_empty_feed_says_so(told: Callable[[Feed], str], skipped: Skipped, said: str) -> None:
    feed = make_feed("Empty", last_ok_at=NOW)
    store_document(lease(feed), make_response(feed), make_document(skipped=skipped))
    feed.refresh_from_db()
    assert said in words(told(feed))


def test_a_source_whose_posts_a_rule_drops_says_so(first: Feed) -> None:
    feed = make_feed("Dropped", last_ok_at=NOW)
    make_rule(feed, "four")
    store_items(feed, make_item("four", url="https://else.example/4"))
    feed.refresh_from_db()
    assert "1 is left out by a rule of the curators" in words(own_page(feed))


# -- read twice -------------------------------------------------------------------------------------------------------


@pytest.fixture
def double(first: Feed) -> Feed:
    """It was a blog of its own, with a post; now its address leads to the first one's."""
    feed = make_feed("Old place", url="https://old.example/feed", last_ok_at=NOW)
    store_items(feed, make_item("of-before", url="https://old.example/1"))
    feed.refresh_from_db()
    return feed


def lead_away(double: Feed, first: Feed) -> Feed:
    store_unchanged(lease(double), make_response(double, url=first.url), now=NOW)
    double.refresh_from_db()
    assert double.double_of == first
    return double


def test_the_page_of_a_source_that_is_read_twice_says_where_its_new_posts_stand(first: Feed, double: Feed) -> None:
    before = Client().get(double.get_absolute_url())
    lead_away(double, first)
    after = Client().get(double.get_absolute_url(), HTTP_IF_NONE_MATCH=before["ETag"])
    assert after.status_code == 200
    said = "This blog’s feed leads to that of Ada & friends: new posts stand there."
    assert said in words(after.content.decode())
    assert f'href="{first.get_absolute_url()}"' in after.content.decode()
    assert "New posts stand under Ada & friends." in words(status_page(double))
    store_unchanged(lease(double), make_response(double), now=NOW)
    assert "leads to that of" not in own_page(double)


def test_a_document_that_is_another_feeds_says_so_too(first: Feed, double: Feed) -> None:
    document = make_document(*(make_item(name) for name in NAMES))
    before = Client().get(double.get_absolute_url())
    store_document(lease(double), make_response(double, url=first.url), document)
    after = Client().get(double.get_absolute_url(), HTTP_IF_NONE_MATCH=before["ETag"])
    assert "This blog’s feed leads to that of Ada & friends" in words(after.content.decode())


def test_a_source_that_nobody_may_know_of_is_not_named(first: Feed, double: Feed) -> None:
    lead_away(double, first)
    Feed.objects.filter(pk=first.pk).update(state="rejected")
    for text in (words(own_page(double)), words(status_page(double))):
        assert "Ada & friends" not in text
    assert "leads to that of another source: new posts" in words(own_page(double))


@pytest.mark.parametrize("state", ["active", "rejected"])
def test_a_double_without_a_post_promises_none(first: Feed, double: Feed, state: str) -> None:
    Entry.objects.filter(feed=double).delete()
    Feed.objects.filter(pk=double.pk).update(entry_count=0)
    lead_away(double, first)
    Feed.objects.filter(pk=first.pk).update(state=state)
    text = words(own_page(double))
    assert "nothing is taken from there" in text
    assert "New ones appear" not in text


def test_a_double_without_a_post_says_both(first: Feed, double: Feed) -> None:
    Entry.objects.filter(feed=double).delete()
    Feed.objects.filter(pk=double.pk).update(entry_count=0)
    lead_away(double, first)
    for told in (page_at_desk, command):
        assert "Its address leads to where another source is read: nothing is taken from there." in words(told(double))
