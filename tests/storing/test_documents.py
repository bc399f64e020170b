"""From a document to rows, and what is done to rows that are there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.ingest.errors import HttpStatus, NameNotFound, TooLarge
from aggregator.models import Entry, Feed, SiteState
from aggregator.signals import entries_added
from aggregator.storing import documents as store
from aggregator.storing.feed_row import store_all_unchanged
from aggregator.storing.following import MOST_EDITS
from tests.factories import NOW, make_entry, make_feed
from tests.stores import (
    POLICY,
    lease,
    make_document,
    make_item,
    make_response,
    new_feed,
    store_items,
    store_unchanged,
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
    for number in range(MOST_EDITS + 3):
        store_items(feed, make_item("one", title=f"Visit {number}"))
    assert Entry.objects.get().title == f"Visit {MOST_EDITS - 1}"


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


def test_a_pending_feed_becomes_active_and_takes_its_own_title() -> None:
    feed = new_feed(url="https://new.example/feed")
    Feed.objects.filter(pk=feed.pk).update(title="", slug="new-example")
    feed = store_items(feed, make_item("one"), title="Fresh Paint").feed
    assert (feed.state, feed.title, feed.slug) == (Feed.State.ACTIVE, "Fresh Paint", "fresh-paint")


def test_a_title_that_a_curator_wrote_stays() -> None:
    feed = make_feed("The curator's title")
    assert store_items(feed, title="Blog!!! - Home").feed.title == "The curator's title"


def test_a_title_that_the_feed_gave_follows_the_feed() -> None:
    feed = make_feed("Old name", reported_title="Old name")
    assert store_items(feed, title="New name").feed.title == "New name"


def test_a_document_that_names_no_title_and_no_site_takes_neither_away() -> None:
    feed = make_feed(
        "Blog", reported_title="Blog", site_url="https://a.example/", reported_site_url="https://a.example/"
    )
    feed = store_items(feed, make_item("one"), title="", site_url="").feed
    assert (feed.title, feed.reported_title, feed.site_url) == ("Blog", "Blog", "https://a.example/")


def test_a_feed_is_never_asked_before_the_time_that_it_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_jitter", lambda: -1)
    feed = store_items(make_feed(), make_item("one"), ttl_seconds=20 * 3600).feed
    assert feed.next_poll_at >= NOW + timedelta(hours=20)


def test_a_failure_is_told_in_words_and_the_next_poll_waits() -> None:
    feed = store.store_failure(lease(make_feed()), TooLarge(limit_bytes=2**20), now=NOW, policy=POLICY).feed
    assert (feed.last_error_kind, feed.failure_count) == ("too_large", 1)
    assert "1 MiB" in feed.last_error
    assert timedelta(minutes=50) < feed.next_poll_at - NOW < timedelta(minutes=70)


def test_a_failure_keeps_entries_and_validators() -> None:
    feed = make_feed(etag='"kept"')
    make_entry(feed)
    feed = store.store_failure(lease(feed), NameNotFound(host="x.example"), now=NOW, policy=POLICY).feed
    assert (feed.etag, feed.state, feed.entries.count()) == ('"kept"', Feed.State.ACTIVE, 1)


def test_success_clears_the_failure() -> None:
    feed = make_feed(failure_count=5, last_error="x", last_error_kind="dns", failing_since=NOW)
    feed = store_unchanged(lease(feed), make_response(feed, status=304)).feed
    assert (feed.failure_count, feed.last_error, feed.failing_since) == (0, "", None)


def test_410_makes_a_feed_gone_at_once_and_a_success_revives_it() -> None:
    feed = store.store_failure(lease(make_feed()), HttpStatus(status=410), now=NOW, policy=POLICY).feed
    assert feed.state == Feed.State.GONE
    assert feed.next_poll_at - NOW > timedelta(days=20)
    assert store_items(feed, make_item("back")).feed.state == Feed.State.ACTIVE


def test_a_feed_that_is_gone_is_tried_once_a_month_whatever_its_server_says() -> None:
    feed = make_feed(state=Feed.State.GONE, failing_since=NOW - timedelta(days=90))
    feed = store.store_failure(lease(feed), HttpStatus(status=500), now=NOW, policy=POLICY).feed
    assert (feed.state, feed.next_poll_at) == (Feed.State.GONE, NOW + timedelta(days=30))


def test_a_missing_feed_is_gone_after_sixty_days() -> None:
    feed = make_feed(failing_since=NOW - timedelta(days=61), failure_count=20)
    feed = store.store_failure(lease(feed), HttpStatus(status=404), now=NOW, policy=POLICY).feed
    assert feed.state == Feed.State.GONE


def test_a_paused_feed_that_a_curator_polls_stays_paused() -> None:
    feed = make_feed(state=Feed.State.PAUSED)
    assert store_items(feed, make_item("one")).feed.state == Feed.State.PAUSED


def test_retry_after_holds_for_every_feed_of_the_host() -> None:
    feed, neighbor = make_feed(url="https://h.example/a"), make_feed(url="https://h.example/b")
    stranger = make_feed(url="https://other.example/")
    store.store_failure(lease(feed), HttpStatus(status=429, retry_after="86400"), now=NOW, policy=POLICY)
    for row in (feed, neighbor):
        row.refresh_from_db()
        assert row.next_poll_at == NOW + timedelta(days=1)
    stranger.refresh_from_db()
    assert stranger.next_poll_at == NOW


def test_retry_after_revives_no_claim_that_ran_out() -> None:
    feed = make_feed(url="https://h.example/a")
    left_behind = lease(make_feed(url="https://h.example/b", next_poll_at=NOW - timedelta(minutes=1)))
    store.store_failure(lease(feed), HttpStatus(status=503, retry_after="86400"), now=NOW, policy=POLICY)
    left_behind.refresh_from_db()
    assert (left_behind.lease, left_behind.next_poll_at) == (None, NOW + timedelta(days=1))


def test_a_worker_without_the_lease_changes_nothing() -> None:
    feed = lease(make_feed())
    mine = Feed.objects.get(pk=feed.pk)
    lease(feed)  # another worker takes it
    polled = store.Polled(mine, make_response(feed), make_document(make_item("one")))
    assert store.store_documents([polled], now=NOW, policy=POLICY) == []
    assert store_all_unchanged([(mine, make_response(feed))], now=NOW, policy=POLICY) == []
    with pytest.raises(store.LeaseLost):
        store.store_failure(mine, HttpStatus(status=410), now=NOW, policy=POLICY)
    assert not Entry.objects.exists()
    assert Feed.objects.get().state == Feed.State.ACTIVE


def test_a_move_within_the_site_is_followed_at_once() -> None:
    feed = make_feed(url="http://blog.example/rss")
    response = make_response(feed, permanent_url="https://www.blog.example/feed")
    feed = store_unchanged(lease(feed), response).feed
    assert (feed.url, feed.host, feed.etag) == ("https://www.blog.example/feed", "www.blog.example", '"e"')


def test_a_move_to_another_site_is_believed_after_three_answers_over_a_day() -> None:
    feed = make_feed(url="https://blog.example/rss")
    response = make_response(feed, permanent_url="https://portal.example/")
    addresses = []
    for hours in (0, 1, 25):
        now = NOW + timedelta(hours=hours)
        feed = store_unchanged(lease(feed), response, now=now).feed
        addresses.append(feed.host)
    assert addresses == ["blog.example", "blog.example", "portal.example"]


def test_a_move_onto_another_feed_is_not_followed() -> None:
    make_feed(url="https://www.blog.example/feed")
    feed = make_feed(url="https://blog.example/rss")
    response = make_response(feed, permanent_url="https://www.blog.example/feed")
    feed = store_unchanged(lease(feed), response).feed
    assert feed.url == "https://blog.example/rss"


def test_the_sites_version_rises_with_what_readers_see_and_only_then() -> None:
    feed = make_feed()
    before = SiteState.objects.current().version
    store_items(feed, make_item("one"))
    after = SiteState.objects.current().version
    store_items(feed, make_item("one"))
    assert after == before + 1 == SiteState.objects.current().version


def test_pages_are_made_anew_when_a_feed_comes_back_without_a_new_post() -> None:
    feed = lease(make_feed(state=Feed.State.GONE))
    before = SiteState.objects.current().version
    store_unchanged(feed, make_response(feed, status=304))
    assert SiteState.objects.current().version == before + 1


def test_pages_are_made_anew_when_a_feed_moves_without_a_new_post() -> None:
    feed = lease(make_feed(url="https://blog.example/rss"))
    before = SiteState.objects.current().version
    response = make_response(feed, permanent_url="https://blog.example/feed")
    store_unchanged(feed, response)
    assert SiteState.objects.current().version == before + 1


def test_pages_are_made_anew_when_a_blog_describes_itself_in_other_words() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"), description="Old words")
    before = SiteState.objects.current().version
    store_items(feed, make_item("one"), description="New words")
    assert SiteState.objects.current().version == before + 1


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
