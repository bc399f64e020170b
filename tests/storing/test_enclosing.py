"""Files beside posts as rows: stored with their posts, followed when they change, at no cost where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.ingest.types import Enclosure as Found
from aggregator.ingest.types import Skipped
from aggregator.models import Enclosure, Entry, Feed, SiteState
from tests.factories import NOW, make_feed
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db

TALK = Found("https://blog.example/talk.mp3?sig=1", "audio/mpeg", 46_000_000, 2820, "Talk")
SLIDES = Found("https://blog.example/slides.pdf", "application/pdf")


def rows() -> list[tuple[str, int, str]]:
    return list(Enclosure.objects.values_list("entry__title", "position", "url"))


def queries_about_enclosures(feed: Feed, *items: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        store_items(feed, *items)
    return [query["sql"].split()[0] for query in queries if "aggregator_enclosure" in query["sql"]]


def test_files_are_stored_in_their_order_with_all_that_is_said_of_them() -> None:
    store_items(make_feed(), make_item("a", enclosures=(TALK, SLIDES)), make_item("b", enclosures=(SLIDES,)))
    assert rows() == [("b", 0, SLIDES.url), ("a", 0, TALK.url), ("a", 1, SLIDES.url)]
    row = Enclosure.objects.get(url=TALK.url)
    assert (row.media_type, row.byte_count, row.seconds, row.title) == ("audio/mpeg", 46_000_000, 2820, "Talk")


def test_where_no_post_has_a_file_nothing_is_asked() -> None:
    feed = make_feed()
    assert queries_about_enclosures(feed, make_item("a")) == []
    assert queries_about_enclosures(feed, make_item("a"), make_item("b")) == []


def test_many_files_cost_no_more_questions_than_one() -> None:
    feed = make_feed()
    items = [make_item(f"{number}", enclosures=(TALK, SLIDES)) for number in range(30)]
    assert queries_about_enclosures(feed, *items) == ["INSERT"]
    assert queries_about_enclosures(feed, *items) == ["SELECT"]
    others = [make_item(f"{number}", enclosures=(SLIDES,)) for number in range(30)]
    assert queries_about_enclosures(feed, *others) == ["SELECT", "DELETE", "INSERT"]


@pytest.mark.parametrize("after", [(SLIDES,), (TALK, SLIDES), ()])
def test_what_changes_beside_a_known_post_is_followed_and_is_no_edit(after: tuple[Found, ...]) -> None:
    feed = make_feed()
    store_items(feed, make_item("a", enclosures=(TALK,)))
    version = SiteState.objects.current().version
    stored = store_items(feed, make_item("a", enclosures=after))
    assert [url for _, _, url in rows()] == [one.url for one in after]
    assert (stored.changed, Entry.objects.get().edit_count) == (0, 0)
    assert SiteState.objects.current().version > version


def test_addresses_that_are_signed_anew_at_every_poll_are_taken_over_once_a_day() -> None:
    feed = make_feed()
    seen = []
    for hours in (0, 1, 23, 25, 26, 50):
        signed = Found(f"https://blog.example/talk.mp3?sig={hours}", "audio/mpeg")
        store_items(feed, make_item("a", enclosures=(signed,)), now=NOW + timedelta(hours=hours))
        seen.append(Enclosure.objects.get().url.rpartition("=")[2])
    assert seen == ["0", "0", "0", "25", "25", "50"]


def test_of_a_feed_that_has_become_another_nothing_is_taken_over() -> None:
    feed = make_feed(site_url="")
    walks = [make_item(f"walk {number}", days_ago=number + 1, enclosures=(SLIDES,)) for number in range(10)]
    spins = [make_item(f"spin {n}", days_ago=0.1, url=f"https://casino.example/{n}/", title="Spin") for n in range(10)]
    store_items(feed, *walks)
    sold = {"title": "Casino", "site_url": "https://casino.example/", "feed_id": "urn:casino", "language": "id"}
    feed.refresh_from_db()
    store_items(feed, replace(walks[0], enclosures=(TALK,)), *spins, **sold)
    assert Feed.objects.get().is_drifting
    assert {url for _, _, url in rows()} == {SLIDES.url}


def test_what_was_left_out_is_on_the_feeds_row_until_it_is_there() -> None:
    feed = make_feed()
    store_items(feed, make_item("a"), skipped=Skipped(empty=3, too_old=120))
    assert Feed.objects.get().skipped == {"empty": 3, "too_old": 120, "newest": 1}
    store_items(feed, make_item("a"), skipped=Skipped(files=20))
    assert Feed.objects.get().skipped == {"files": 20}
    store_items(feed, make_item("a"))
    assert Feed.objects.get().skipped == {}


def test_what_was_cut_off_stays_noted_while_it_is_in_the_feed_and_not_cleaned_again() -> None:
    feed = make_feed()
    store_items(feed, make_item("a", is_cut=True), make_item("b"))
    for known in (make_item("a", content_html=None), make_item("a", content_html=None)):
        feed.refresh_from_db()
        store_items(feed, known, make_item("b", content_html=None))
        assert Feed.objects.get().skipped == {"cut": ["urn:a"]}
    feed.refresh_from_db()
    store_items(feed, make_item("b", content_html=None))
    assert Feed.objects.get().skipped == {}
