"""Posts that come back under another id, and posts that only look like others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.storing.matching import Match, match
from tests.examples import examples
from tests.factories import NOW, make_feed
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db


def titles(feed: Feed) -> list[str]:
    return sorted(Entry.objects.from_feed(feed).values_list("title", flat=True))


def test_a_blog_that_moves_to_https_brings_no_post_again() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", guid="http://blog.example/one/", url="http://blog.example/one/"))
    moved = make_item("one", guid="https://blog.example/one/", url="https://blog.example/one/", content_hash="other")
    assert store_items(feed, moved).new == 0
    assert Entry.objects.get().url == "https://blog.example/one/"


def test_a_blog_that_moves_to_another_host_brings_no_post_again() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"), make_item("two", days_ago=2))
    moved = [
        make_item(
            name, days_ago=days, guid=f"new {name}", url=f"https://new.example/{name}", content_hash=f"new {name}"
        )
        for name, days in (("one", 1), ("two", 2))
    ]
    assert store_items(feed, *moved).new == 0
    assert set(Entry.objects.values_list("guid", flat=True)) == {"new one", "new two"}


def test_a_new_post_never_takes_the_place_of_one_that_left_the_document() -> None:
    """A changelog or a podcast: every item links to the same page."""
    feed = make_feed()
    page = "https://blog.example/changelog/"
    store_items(feed, make_item("1.1", url=page, days_ago=2), make_item("1.0", url=page, days_ago=3))
    stored = store_items(feed, make_item("1.2", url=page, days_ago=1), make_item("1.1", url=page, days_ago=2))
    assert (stored.new, titles(feed)) == (1, ["1.0", "1.1", "1.2"])


def test_a_feed_of_one_item_that_always_links_to_its_home_keeps_all_posts() -> None:
    feed = make_feed()
    home = "https://blog.example/"
    store_items(feed, make_item("monday", url=home, days_ago=2))
    store_items(feed, make_item("tuesday", url=home, days_ago=1))
    assert titles(feed) == ["monday", "tuesday"]


def test_two_posts_of_one_title_and_one_link_are_never_one() -> None:
    feed = make_feed()
    same = {"title": "Links", "url": "https://blog.example/links/"}
    store_items(feed, make_item("a", days_ago=3, **same), make_item("b", days_ago=2, **same))
    stored = store_items(feed, make_item("b", days_ago=2, **same), make_item("c", days_ago=1, **same))
    assert (stored.new, Entry.objects.count()) == (1, 3)


def test_a_post_whose_id_and_title_change_is_known_by_its_link_and_date() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    assert store_items(feed, make_item("one", guid="other", title="One, revised")).new == 0
    assert Entry.objects.get().title == "One, revised"


def test_a_post_whose_id_and_date_change_is_known_by_its_link_and_title() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    assert store_items(feed, make_item("one", guid="other", published_at=NOW - timedelta(hours=1))).new == 0


def test_an_entry_keeps_its_content_when_only_its_id_changes() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    store_items(feed, make_item("one", guid="other"))
    assert Entry.objects.get().content_html == "<p>one</p>"


def test_an_entry_of_another_feed_is_never_meant() -> None:
    victim = make_feed()
    store_items(victim, make_item("one"))
    assert store_items(make_feed(), make_item("one", guid="other")).new == 1
    assert Entry.objects.get(feed=victim).guid == "urn:one"


ALIKE = st.fixed_dictionaries(
    {
        "url": st.sampled_from(["", "http://blog.example/1", "https://blog.example/1", "https://blog.example/2"]),
        "title": st.sampled_from(["", *"abcdefgh"]),
        "excerpt": st.sampled_from(["", "e", "f"]),
        "content_hash": st.sampled_from(["h", "i"]),
        "published_at": st.sampled_from([None, NOW, NOW - timedelta(days=1)]),
    }
)
POSTS = st.dictionaries(st.sampled_from([f"urn:{number}" for number in range(24)]), ALIKE, max_size=12)


def in_short(found: Match) -> tuple[list[tuple[int, str]], list[str]]:
    return [(entry.pk, item.guid) for entry, item in found.known], [item.guid for item in found.fresh]


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(POSTS, POSTS), min_size=2, max_size=3))
def test_documents_that_are_matched_together_are_matched_as_if_each_came_alone(
    feeds: list[tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]],
) -> None:
    """Although one clause asks for all of them, and another feed's item can resemble an entry."""
    with transaction.atomic():
        items_of: dict[int, list[Item]] = {}
        for stored, brought in feeds:
            feed = make_feed()
            rows = (Entry(feed=feed, guid=guid, timeline_at=NOW, **fields) for guid, fields in stored.items())
            Entry.objects.bulk_create(rows)
            items_of[feed.pk] = [make_item("", guid=guid, **fields) for guid, fields in brought.items()]
        together = {pk: in_short(found) for pk, found in match(items_of).items()}
        alone = {pk: in_short(match({pk: items})[pk]) for pk, items in items_of.items()}
        transaction.set_rollback(True)
    assert together == alone
