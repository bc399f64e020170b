"""What polls say of their feeds' rows: good ones, many of them together, and failures."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.ingest.errors import HttpStatus, NameNotFound, TooLarge
from aggregator.models import Entry, Feed, SiteState
from aggregator.storing import feed_row
from aggregator.storing.documents import Polled, store_documents
from aggregator.storing.feed_row import LeaseLost, store_all_unchanged, store_failure
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
    monkeypatch.setattr(feed_row, "_jitter", lambda: -1)
    feed = store_items(make_feed(), make_item("one"), ttl_seconds=20 * 3600).feed
    assert feed.next_poll_at >= NOW + timedelta(hours=20)


def test_a_feed_is_not_asked_in_hours_that_it_skips_after_success_and_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aggregator.storing.feed_row._jitter", lambda: 0.0)
    hours = tuple(hour for hour in range(24) if hour != 3)
    stored = store_items(make_feed(), make_item("one"), skip_hours=hours, skip_days=(NOW.weekday(),))
    assert (stored.feed.next_poll_at.hour, stored.feed.next_poll_at.date()) == (3, (NOW + timedelta(days=1)).date())
    again = store_unchanged(lease(stored.feed), make_response(stored.feed))
    assert again.feed.next_poll_at.hour == 3
    failed = store_failure(lease(again.feed), HttpStatus(status=500), now=NOW, policy=POLICY)
    assert failed.feed.next_poll_at.hour == 3
    store_items(failed.feed, make_item("one"))
    failed.feed.refresh_from_db()
    assert failed.feed.skip_hours == []


def test_a_failure_is_told_in_words_and_the_next_poll_waits() -> None:
    feed = store_failure(lease(make_feed()), TooLarge(limit_bytes=2**20), now=NOW, policy=POLICY).feed
    assert (feed.last_error_kind, feed.failure_count) == ("too_large", 1)
    assert "1 MiB" in feed.last_error
    assert timedelta(minutes=50) < feed.next_poll_at - NOW < timedelta(minutes=70)


def test_a_failure_keeps_entries_and_validators() -> None:
    feed = make_feed(etag='"kept"')
    make_entry(feed)
    feed = store_failure(lease(feed), NameNotFound(host="x.example"), now=NOW, policy=POLICY).feed
    assert (feed.etag, feed.state, feed.entries.count()) == ('"kept"', Feed.State.ACTIVE, 1)


def test_success_clears_the_failure() -> None:
    feed = make_feed(failure_count=5, last_error="x", last_error_kind="dns", failing_since=NOW)
    feed = store_unchanged(lease(feed), make_response(feed, status=304)).feed
    assert (feed.failure_count, feed.last_error, feed.failing_since) == (0, "", None)


def test_410_makes_a_feed_gone_at_once_and_a_success_revives_it() -> None:
    feed = store_failure(lease(make_feed()), HttpStatus(status=410), now=NOW, policy=POLICY).feed
    assert feed.state == Feed.State.GONE
    assert feed.next_poll_at - NOW > timedelta(days=20)
    assert store_items(feed, make_item("back")).feed.state == Feed.State.ACTIVE


def test_a_feed_that_is_gone_is_tried_once_a_month_whatever_its_server_says() -> None:
    feed = make_feed(state=Feed.State.GONE, failing_since=NOW - timedelta(days=90))
    feed = store_failure(lease(feed), HttpStatus(status=500), now=NOW, policy=POLICY).feed
    assert (feed.state, feed.next_poll_at) == (Feed.State.GONE, NOW + timedelta(days=30))


def test_a_missing_feed_is_gone_after_sixty_days() -> None:
    feed = make_feed(failing_since=NOW - timedelta(days=61), failure_count=20)
    feed = store_failure(lease(feed), HttpStatus(status=404), now=NOW, policy=POLICY).feed
    assert feed.state == Feed.State.GONE


def test_a_paused_feed_that_a_curator_polls_stays_paused() -> None:
    feed = make_feed(state=Feed.State.PAUSED)
    assert store_items(feed, make_item("one")).feed.state == Feed.State.PAUSED


def test_retry_after_holds_for_every_feed_of_the_host() -> None:
    feed, neighbor = make_feed(url="https://h.example/a"), make_feed(url="https://h.example/b")
    stranger = make_feed(url="https://other.example/")
    store_failure(lease(feed), HttpStatus(status=429, retry_after="86400"), now=NOW, policy=POLICY)
    for row in (feed, neighbor):
        row.refresh_from_db()
        assert row.next_poll_at == NOW + timedelta(days=1)
    stranger.refresh_from_db()
    assert stranger.next_poll_at == NOW


def test_retry_after_revives_no_claim_that_ran_out() -> None:
    feed = make_feed(url="https://h.example/a")
    left_behind = lease(make_feed(url="https://h.example/b", next_poll_at=NOW - timedelta(minutes=1)))
    store_failure(lease(feed), HttpStatus(status=503, retry_after="86400"), now=NOW, policy=POLICY)
    left_behind.refresh_from_db()
    assert (left_behind.lease, left_behind.next_poll_at) == (None, NOW + timedelta(days=1))


def test_a_worker_without_the_lease_changes_nothing() -> None:
    feed = lease(make_feed())
    mine = Feed.objects.get(pk=feed.pk)
    lease(feed)  # another worker takes it
    polled = Polled(mine, make_response(feed), make_document(make_item("one")))
    assert store_documents([polled], now=NOW, policy=POLICY) == []
    assert store_all_unchanged([(mine, make_response(feed))], now=NOW, policy=POLICY) == []
    with pytest.raises(LeaseLost):
        store_failure(mine, HttpStatus(status=410), now=NOW, policy=POLICY)
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


def test_pages_are_made_anew_when_a_feed_comes_back_without_a_new_post() -> None:
    feed = lease(make_feed(state=Feed.State.GONE))
    before = SiteState.objects.current().version
    store_unchanged(feed, make_response(feed, status=304))
    assert SiteState.objects.current().version > before


def test_pages_are_made_anew_when_a_feed_moves_without_a_new_post() -> None:
    feed = lease(make_feed(url="https://blog.example/rss"))
    before = SiteState.objects.current().version
    response = make_response(feed, permanent_url="https://blog.example/feed")
    store_unchanged(feed, response)
    assert SiteState.objects.current().version > before


def test_pages_are_made_anew_when_a_blog_describes_itself_in_other_words() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"), description="Old words")
    before = SiteState.objects.current().version
    store_items(feed, make_item("one"), description="New words")
    assert SiteState.objects.current().version > before


# -- polls that brought nothing ---------------------------------------------------------------------------------------


def leased_feeds(count: int) -> list[Feed]:
    return [lease(make_feed(etag='"e"', last_modified="L", interval_seconds=3600)) for _ in range(count)]


def test_many_feeds_cost_three_queries_and_their_transaction() -> None:
    feeds = leased_feeds(40)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        store_all_unchanged(
            [(feed, make_response(feed, status=304, body_hash="")) for feed in feeds], now=NOW, policy=POLICY
        )
    said = [query["sql"].removeprefix("40 times: ").split()[0] for query in queries]
    assert [word for word in said if word in {"SELECT", "UPDATE", "INSERT"}] == ["SELECT", "UPDATE", "INSERT"]


def test_many_feeds_with_new_validators_cost_no_more() -> None:
    feeds = leased_feeds(40)
    with CaptureQueriesContext(connection) as queries:
        store_all_unchanged(
            [(feed, make_response(feed, etag=f'"new {feed.pk}"', body_hash="new")) for feed in feeds],
            now=NOW,
            policy=POLICY,
        )
    said = [query["sql"].removeprefix("40 times: ").split()[0] for query in queries]
    assert [word for word in said if word in {"SELECT", "UPDATE", "INSERT"}] == ["SELECT", "UPDATE", "INSERT"]
    assert {(row.etag, row.body_hash) for row in Feed.objects.all()} == {(f'"new {row.pk}"', "new") for row in feeds}


def test_each_feed_of_a_batch_is_polled_and_free_and_due_at_its_own_time() -> None:
    feeds = leased_feeds(5)
    store_all_unchanged(
        [(feed, make_response(feed, status=304, body_hash="")) for feed in feeds], now=NOW, policy=POLICY
    )
    rows = Feed.objects.all()
    assert {(row.last_polled_at, row.last_ok_at, row.lease) for row in rows} == {(NOW, NOW, None)}
    assert len({row.next_poll_at for row in rows}) == 5
    assert min(row.next_poll_at for row in rows) > NOW + timedelta(minutes=30)


def test_the_rows_are_as_they_are_handed_back() -> None:
    feeds = leased_feeds(3)
    stored = store_all_unchanged([(feed, make_response(feed, etag='"f"')) for feed in feeds], now=NOW, policy=POLICY)
    assert {vars_of(row.feed) for row in stored} == {vars_of(row) for row in Feed.objects.all()}


def test_the_rows_are_as_they_are_handed_back_whatever_changed_of_each() -> None:
    quiet, touched, failed = leased_feeds(3)
    revived = lease(make_feed(state=Feed.State.GONE))
    moved = lease(make_feed(url="https://blog.example/rss"))
    Feed.objects.filter(pk=failed.pk).update(failure_count=2, failing_since=NOW, last_error="Nobody answers.")
    polled = [
        (quiet, make_response(quiet, status=304, body_hash="")),
        (touched, make_response(touched, etag='"new"', body_hash="new")),
        (failed, make_response(failed, status=304, body_hash="")),
        (revived, make_response(revived, url="https://elsewhere.example/rss")),
        (moved, make_response(moved, permanent_url="https://blog.example/feed")),
    ]
    stored = store_all_unchanged(polled, now=NOW, policy=POLICY)
    assert {vars_of(row.feed) for row in stored} == {vars_of(row) for row in Feed.objects.all()}
    rows = Feed.objects.in_bulk()
    assert (rows[touched.pk].etag, rows[failed.pk].failure_count, rows[revived.pk].state) == ('"new"', 0, "active")
    assert (rows[revived.pk].leads_to, rows[moved.pk].url) == (
        "https://elsewhere.example/rss",
        "https://blog.example/feed",
    )


def test_of_two_feeds_of_a_batch_that_move_to_one_address_one_takes_it() -> None:
    feeds = [lease(make_feed(url=f"https://blog.example/{name}")) for name in ("rss", "atom")]
    goal = "https://blog.example/feed"
    store_all_unchanged([(feed, make_response(feed, permanent_url=goal)) for feed in feeds], now=NOW, policy=POLICY)
    assert {feed.url for feed in Feed.objects.all()} == {goal, "https://blog.example/atom"}


def vars_of(feed: Feed) -> tuple[object, ...]:
    return tuple(str(getattr(feed, field.attname)) for field in Feed._meta.concrete_fields)


def test_new_validators_of_one_feed_of_a_batch_are_kept() -> None:
    quiet, moved = leased_feeds(2)
    store_all_unchanged(
        [(quiet, make_response(quiet, status=304)), (moved, make_response(moved, etag='"new"'))], now=NOW, policy=POLICY
    )
    assert {feed.pk: feed.etag for feed in Feed.objects.all()} == {quiet.pk: '"e"', moved.pk: '"new"'}


def test_a_feed_that_another_worker_took_is_left_out_and_untouched() -> None:
    ours, lost = leased_feeds(2)
    other = uuid.uuid4()
    Feed.objects.filter(pk=lost.pk).update(lease=other)
    stored = store_all_unchanged([(feed, make_response(feed)) for feed in (ours, lost)], now=NOW, policy=POLICY)
    assert [row.feed.pk for row in stored] == [ours.pk]
    assert Feed.objects.get(pk=lost.pk).lease == other


def test_errors_of_before_are_forgotten() -> None:
    feed = lease(make_feed(failure_count=3, failing_since=NOW - timedelta(days=1), last_error="Nobody answers."))
    store_all_unchanged([(feed, make_response(feed))], now=NOW, policy=POLICY)
    feed.refresh_from_db()
    assert (feed.failure_count, feed.failing_since, feed.last_error) == (0, None, "")


def test_dates_in_the_future_make_no_rhythm() -> None:
    """They all count as the moment of the poll: a list of coming events would be asked for every twenty minutes."""
    feed = make_feed()
    store_items(feed, *(make_item(f"{number}", days_ago=0) for number in range(9)))
    assert Feed.objects.get().interval_seconds == POLICY.quiet_interval_seconds
