"""From a document to rows: entries that are new or edited, in their order and at their dates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.models import Entry, Feed, SiteState
from aggregator.signals import entries_added
from aggregator.storing.following import MAX_FOLLOWED_EDITS
from tests.factories import NOW, make_feed
from tests.stores import (
    make_item,
    new_feed,
    store_items,
)

pytestmark = pytest.mark.django_db


def test_a_document_becomes_entries() -> None:
    stored = store_items(make_feed(), make_item("one"), make_item("two"))
    assert stored.new == 2
    assert set(Entry.objects.values_list("title", flat=True)) == {"one", "two"}


def test_the_same_document_again_adds_nothing_and_changes_nothing() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"), make_item("two"))
    again = store_items(feed, make_item("one"), make_item("two"), now=NOW + timedelta(hours=1))
    assert (again.new, again.changed, Entry.objects.count()) == (0, 0, 2)


def test_entries_of_one_moment_keep_the_documents_order() -> None:
    feed = make_feed()
    store_items(feed, *(make_item(name) for name in ("first", "second", "third")))
    assert [entry.title for entry in Entry.objects.newest_first()] == ["first", "second", "third"]


def test_two_feeds_with_one_guid_keep_an_entry_each() -> None:
    victim, impostor = make_feed(), make_feed()
    store_items(victim, make_item("post", title="The victim's"))
    store_items(impostor, make_item("post", title="The impostor's", days_ago=0))
    assert Entry.objects.get(feed=victim).title == "The victim's"
    assert Entry.objects.get(feed=impostor).title == "The impostor's"


def test_validators_are_saved_with_the_entries() -> None:
    feed = store_items(make_feed(), make_item("one")).feed
    assert (feed.etag, feed.last_modified, feed.body_hash) == ('"e"', "L", "b0d1")
    assert Feed.objects.get(pk=feed.pk).etag == '"e"'


def test_an_edit_by_the_author_is_followed() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    store_items(feed, make_item("one", title="New", content_html="<p>new</p>", content_hash="other", excerpt="new"))
    entry = Entry.objects.get()
    assert (entry.title, entry.content_html, entry.excerpt) == ("New", "<p>new</p>", "new")


@pytest.mark.parametrize(("field", "value"), [("url", "https://blog.example/new/"), ("author", "Ada and Bob")])
def test_a_link_and_an_author_follow_the_feed(field: str, value: str) -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    assert store_items(feed, make_item("one", **{field: value})).changed == 1
    assert getattr(Entry.objects.get(), field) == value


def test_content_that_was_not_cleaned_again_stays() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    store_items(feed, make_item("one", title="New title", content_html=None, excerpt=""))
    entry = Entry.objects.get()
    assert (entry.title, entry.content_html, entry.excerpt) == ("New title", "<p>one</p>", "one")


def test_an_entry_that_changes_at_every_poll_is_left_after_24_times() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    for number in range(MAX_FOLLOWED_EDITS + 3):
        store_items(feed, make_item("one", title=f"Visit {number}"))
    assert Entry.objects.get().title == f"Visit {MAX_FOLLOWED_EDITS - 1}"


def test_a_date_follows_within_two_days_and_the_post_moves() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", days_ago=0))
    corrected = NOW - timedelta(hours=5)
    store_items(feed, make_item("one", published_at=corrected), now=NOW + timedelta(hours=1))
    assert Entry.objects.get().timeline_at == corrected


def test_a_date_that_changes_later_moves_nothing() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", days_ago=1))
    later = NOW + timedelta(days=5)
    store_items(feed, make_item("one", published_at=later), now=later)
    assert Entry.objects.get().timeline_at == NOW - timedelta(days=1)


def test_a_future_date_is_shown_at_the_moment_of_the_poll() -> None:
    store_items(make_feed(), make_item("one", days_ago=-0.5))
    assert Entry.objects.get().timeline_at == NOW


def test_a_post_that_comes_late_is_not_buried() -> None:
    store_items(make_feed(), make_item("one", days_ago=10))
    entry = Entry.objects.get()
    assert (entry.timeline_at, entry.published_at) == (NOW, NOW - timedelta(days=10))


def test_a_post_that_came_late_is_not_buried_by_a_correction_of_its_date() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", days_ago=10))
    store_items(feed, make_item("one", days_ago=9), now=NOW + timedelta(hours=1))
    entry = Entry.objects.get()
    assert (entry.timeline_at, entry.published_at) == (NOW, NOW - timedelta(days=9))


def test_a_correction_moves_a_post_of_the_first_poll_however_old() -> None:
    feed = new_feed()
    store_items(feed, make_item("one", days_ago=10))
    store_items(feed, make_item("one", days_ago=9), now=NOW + timedelta(hours=1))
    assert Entry.objects.get().timeline_at == NOW - timedelta(days=9)


def test_the_first_poll_lists_old_posts_at_their_own_dates() -> None:
    store_items(new_feed(), make_item("one", days_ago=10))
    assert Entry.objects.get().timeline_at == NOW - timedelta(days=10)


def test_an_undated_post_is_shown_at_the_moment_it_was_first_seen() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", days_ago=None))
    store_items(feed, make_item("one", days_ago=None), now=NOW + timedelta(days=1))
    assert Entry.objects.get().timeline_at == NOW


def test_the_first_poll_announces_nothing() -> None:
    store_items(new_feed(), make_item("one", days_ago=0.1))
    assert not Entry.objects.unannounced().exists()


def test_a_new_post_of_an_established_feed_is_still_to_announce() -> None:
    store_items(make_feed(), make_item("one", days_ago=0.1))
    assert Entry.objects.unannounced().count() == 1


def test_an_old_post_is_not_announced() -> None:
    store_items(make_feed(), make_item("one", days_ago=4))
    assert not Entry.objects.unannounced().exists()


def test_a_hidden_entry_stays_hidden_when_its_feed_carries_it_again() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    Entry.objects.hide()
    store_items(feed, make_item("one", title="Edited"))
    assert Entry.objects.get().is_hidden


def test_an_entry_that_leaves_the_feed_stays() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    store_items(feed, make_item("two"))
    assert Entry.objects.count() == 2


def test_a_post_with_a_new_guid_is_known_by_its_link() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    again = store_items(feed, make_item("one", guid="https://blog.example/?p=1"))
    assert (again.new, Entry.objects.get().guid) == (0, "https://blog.example/?p=1")


def test_two_new_posts_with_one_link_are_two_posts() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    link = make_item("one").url
    store_items(feed, make_item("two", url=link), make_item("three", url=link))
    assert Entry.objects.count() == 3


def test_the_sites_version_rises_with_what_readers_see_and_only_then() -> None:
    feed = make_feed()
    before = SiteState.objects.current().version
    store_items(feed, make_item("one"))
    after = SiteState.objects.current().version
    store_items(feed, make_item("one"))
    assert before < after == SiteState.objects.current().version


def test_counts_for_the_blogroll_are_kept() -> None:
    feed = store_items(make_feed(), make_item("one"), make_item("two", days_ago=0)).feed
    feed.refresh_from_db()
    assert (feed.entry_count, feed.newest_at, feed.posts_by_month) == (2, NOW, {"2026-06": 2})


def test_the_world_is_told_after_the_commit_and_a_broken_listener_stops_nobody(
    django_capture_on_commit_callbacks, caplog
) -> None:
    told: list[list[int]] = []

    def broken(**_: object) -> None:
        raise RuntimeError

    def listener(entry_ids: list[int], **_: object) -> None:
        told.append(entry_ids)

    entries_added.connect(broken)
    entries_added.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            store_items(make_feed(), make_item("one"), make_item("two"))
            assert told == []
    finally:
        entries_added.disconnect(broken)
        entries_added.disconnect(listener)
    assert told == [list(Entry.objects.order_by("pk").values_list("pk", flat=True))]
    assert "RuntimeError" in caplog.text
