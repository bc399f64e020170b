"""What polls note for the status page: how the look went, how long posts took, what the document had; and what a
source's own page says if it fails for long, made anew exactly when that changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.curating import deciding, feeds
from aggregator.ingest.errors import HttpStatus, IngestError, TimedOut
from aggregator.ingest.types import MADE_OF_TEXT, Skipped
from aggregator.models import Entry, Feed, FeedDay, FeedMemory, SiteState
from aggregator.models.public_trouble import Trouble, public_trouble
from aggregator.storing.feed_row import store_failure
from tests.factories import NOW, make_feed, make_rule
from tests.stores import (
    POLICY,
    lease,
    make_document,
    make_item,
    make_response,
    new_feed,
    store_document,
    store_items,
    store_unchanged,
)

pytestmark = pytest.mark.django_db

TIMEOUT = TimedOut(host="blog.example", limit_seconds=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def day_of(feed: Feed) -> FeedDay:
    return FeedDay.objects.get(feed=feed)


def fail(feed: Feed, now: datetime = NOW, error: IngestError = TIMEOUT) -> Feed:
    feed.refresh_from_db()
    return store_failure(lease(feed), error, now=now, policy=POLICY).feed


def version_of(feed: Feed) -> tuple[int, int, int]:
    """Of what its page is kept by, and of what all sources share."""
    feed.refresh_from_db()
    state = SiteState.objects.current()
    return state.version, state.shared_version, feed.shown_version


# -- counts -----------------------------------------------------------------------------------------------------------


def test_a_304_counts_as_unchanged_and_the_same_document_as_sent_whole() -> None:
    feed = make_feed()
    store_unchanged(lease(feed), make_response(feed, status=304))
    store_unchanged(lease(feed), make_response(feed))
    day = day_of(feed)
    assert (day.brought, day.unchanged, day.sent_whole, day.failed, day.put_off) == (0, 1, 1, 0, 0)


def test_a_failure_counts_with_its_kind() -> None:
    feed = fail(make_feed())
    assert (day_of(feed).failed, day_of(feed).put_off, day_of(feed).trouble) == (1, 0, "timeout")


def test_a_server_that_asks_for_rest_has_not_failed() -> None:
    feed = fail(make_feed(), error=HttpStatus(status=429, retry_after="3600"))
    assert (day_of(feed).failed, day_of(feed).put_off) == (0, 1)


def test_in_an_outage_of_ours_nobody_looked() -> None:
    for _ in range(5):
        fail(make_feed())
    feed = make_feed()
    fail(feed)
    fail(feed, NOW + HOUR)
    assert day_of(feed).failed == 1  # the first of each counts, as on the feed's row


def test_a_first_poll_tells_no_delay() -> None:
    feed = new_feed()
    store_items(feed, make_item("one", days_ago=0.1), make_item("two"))
    assert (day_of(feed).brought, day_of(feed).posts, day_of(feed).delays) == (1, 2, 0)


def test_news_tell_how_long_they_took() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    day_of(feed).delete()
    fresh = [make_item("two", published_at=NOW - HOUR), make_item("three", published_at=NOW - 3 * HOUR)]
    store_items(feed, *fresh, make_item("one"))
    day = day_of(feed)
    assert (day.posts, day.delays, day.delay_seconds, day.worst_delay_seconds) == (2, 2, 4 * 3600, 3 * 3600)


@pytest.mark.parametrize(
    "published_at",
    [None, NOW + HOUR, NOW - 10 * DAY, NOW.replace(hour=0)],
    ids=["undated", "ahead", "dated back", "a date without a time of day"],
)
def test_what_does_not_tell_when_it_was_published_has_no_delay(published_at: datetime | None) -> None:
    feed = make_feed()
    store_items(feed, make_item("two", published_at=published_at))
    assert (day_of(feed).posts, day_of(feed).delays) == (1, 0)


def test_what_readers_do_not_see_is_no_post_of_the_day() -> None:
    feed = make_feed()
    make_rule(feed, "dropped")
    store_items(make_feed(), make_item("copy"))
    shown = make_item("shown", published_at=NOW - HOUR)
    store_items(feed, make_item("copy", guid="urn:c"), make_item("dropped", published_at=NOW - HOUR), shown)
    assert (day_of(feed).posts, day_of(feed).delays) == (1, 1)


def test_an_edit_is_no_new_post() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    store_items(feed, make_item("one", title="Else", content_hash="x"), now=NOW + HOUR)
    assert (day_of(feed).brought, day_of(feed).unchanged) == (1, 1)


def test_a_followed_redirect_is_noted_on_its_day() -> None:
    feed = make_feed()
    store_unchanged(lease(feed), make_response(feed, permanent_url=f"{feed.url}/new"))
    assert day_of(feed).has_moved
    other = make_feed()
    store_document(lease(other), make_response(other, permanent_url=f"{other.url}/new"), make_document(make_item("n")))
    assert day_of(other).has_moved


def test_whose_lease_is_gone_counts_nothing() -> None:
    feed = lease(make_feed())
    Feed.objects.filter(pk=feed.pk).update(lease=None)
    with pytest.raises(ValueError, match="not enough values"):
        store_unchanged(feed, make_response(feed))
    assert not FeedDay.objects.exists()


# -- the document -----------------------------------------------------------------------------------------------------


def test_what_the_document_had_is_kept_without_a_word_of_it() -> None:
    feed = make_feed()
    items = [
        make_item("dated"),
        make_item("undated", days_ago=None),
        make_item("nameless", guid=f"{MADE_OF_TEXT}00", url=""),
    ]
    document = make_document(*items, skipped=Skipped(empty=2), is_mended=True, charset_flaw="label", byte_count=99)
    store_document(lease(feed), make_response(feed), document)
    met = FeedMemory.objects.met_in(feed.pk)
    ids = sorted(Entry.objects.values_list("pk", flat=True))
    assert met == {
        "at": NOW.isoformat(),
        "entries": ids,
        "items": 5,
        "undated": 1,
        "nameless": 1,
        "linkless": 1,
        "mended": True,
        "charset": "label",
        "bytes": 99,
    }


def test_known_posts_are_among_those_of_the_document_and_gone_ones_are_not() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"), make_item("two"))
    store_items(feed, make_item("two"), make_item("three"), now=NOW + HOUR)
    kept = Entry.objects.filter(guid__in=["urn:two", "urn:three"]).values_list("pk", flat=True)
    assert FeedMemory.objects.met_in(feed.pk)["entries"] == sorted(kept)


def test_of_another_feeds_document_nothing_is_kept() -> None:
    home = make_feed()
    feed = make_feed(leads_to=home.url)
    store_document(lease(feed), make_response(feed, url=home.url), make_document(make_item("one")))
    assert FeedMemory.objects.met_in(feed.pk) == {}


# -- what the source's own page says ----------------------------------------------------------------------------------


def fail_for_a_day(feed: Feed) -> Feed:
    for hours in (0, 1, 3, 25):
        feed = fail(feed, NOW + hours * HOUR)
    return feed


def test_a_blip_changes_no_page() -> None:
    feed = make_feed()
    before = version_of(feed)
    for hours in (0, 1, 3, 7, 15):
        fail(feed, NOW + hours * HOUR)
    assert version_of(feed) == before
    store_unchanged(lease(feed), make_response(feed), now=NOW + 16 * HOUR)
    assert version_of(feed) == before


def test_a_day_of_failures_changes_the_pages_of_this_source_alone_and_once() -> None:
    feed = make_feed()
    SiteState.objects.touch(NOW)
    before = version_of(feed)
    feed = fail_for_a_day(feed)
    after = version_of(feed)
    assert public_trouble(feed) == Trouble("failing", NOW.date())
    assert (after[0] > before[0], after[1], after[2] > before[2]) == (True, before[1], True)
    fail(feed, NOW + 40 * HOUR)
    fail(feed, NOW + 90 * HOUR, HttpStatus(status=500))
    assert version_of(feed) == after


@pytest.mark.parametrize("is_document", [False, True])
def test_the_first_good_look_ends_it(is_document: bool) -> None:
    feed = fail_for_a_day(make_feed())
    before, later = version_of(feed), NOW + 50 * HOUR
    if is_document:
        store_items(feed, now=later)
    else:
        store_unchanged(lease(feed), make_response(feed), now=later)
    after = version_of(feed)
    assert public_trouble(feed) is None
    assert (after[1], after[2] > before[2]) == (before[1], True)


def test_one_that_is_paused_or_gone_says_that_and_nothing_else() -> None:
    feed = fail_for_a_day(make_feed())
    feeds.pause(Feed.objects.all(), NOW)
    feed.refresh_from_db()
    assert public_trouble(feed) is None


def test_a_feed_that_looks_different_says_so_until_a_curator_has_accepted_it() -> None:
    feed = make_feed(reported_id="urn:blog", language="en")
    store_items(feed, *(make_item(f"{n}") for n in range(3)))
    Feed.objects.filter(pk=feed.pk).update(is_drifting=True)
    before = version_of(feed)
    assert public_trouble(feed) == Trouble("changed")
    deciding.accept(Feed.objects.all(), NOW)
    assert public_trouble(Feed.objects.get()) is None
    assert version_of(feed)[1] > before[1]


def test_a_document_of_the_feed_itself_ends_that_it_looks_different() -> None:
    feed = make_feed()
    store_items(feed, make_item("one"))
    Feed.objects.filter(pk=feed.pk).update(is_drifting=True)
    before = version_of(feed)
    store_items(feed, make_item("one"), now=NOW + HOUR)
    after = version_of(feed)
    assert (public_trouble(feed), after[2] > before[2]) == (None, True)
