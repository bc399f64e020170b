"""A feed that brings more posts in a day than it may waits for a curator from there on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from aggregator.curating.deciding import accept
from aggregator.curating.entries import hide, unhide
from aggregator.diagnosis import diagnose, held_note, held_question
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.models.feed import MANY_A_DAY
from aggregator.storing.feed_row import Stored
from tests.curators import ENTRIES, FEED, FEEDS, log_in, page
from tests.factories import NOW, make_entry, make_feed, make_rule
from tests.stores import lease, make_item, make_response, new_feed, store_items, store_unchanged

pytestmark = pytest.mark.django_db
LIMIT = 6


@pytest.fixture(autouse=True)
def limit(settings: Settings) -> None:
    settings.FEED_POSTS_PER_DAY = LIMIT


def posts(count: int, name: str = "Post", *, at: datetime = NOW) -> list[Item]:
    """The newest first, as feeds have them; number 0 is the newest."""
    return [make_item(f"{name} {number}", published_at=at - timedelta(seconds=number)) for number in range(count)]


def bring(feed: Feed, count: int, name: str = "Post", *, now: datetime = NOW) -> Stored:
    return store_items(feed, *posts(count, name, at=now), now=now)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def shown() -> set[str]:
    return set(Entry.objects.listed().values_list("title", flat=True))


def test_as_many_as_may_come_in_a_day_pass() -> None:
    assert bring(make_feed(), LIMIT).held == 0


def test_those_that_are_too_many_wait_and_the_first_pass() -> None:
    assert bring(make_feed(), LIMIT + 2).held == 2
    assert shown() == {f"Post {number}" for number in range(2, LIMIT + 2)}


def test_a_first_poll_brings_as_many_as_it_likes_and_the_second_has_its_whole_share() -> None:
    feed = new_feed()
    assert bring(feed, 3 * LIMIT, "Old", now=NOW - hours(1)).held == 0
    feed.refresh_from_db()
    assert bring(feed, LIMIT, "New").held == 0


def test_a_feed_of_which_we_have_nothing_and_that_is_read_anew_is_a_newcomer() -> None:
    assert bring(make_feed(content_version=""), 3 * LIMIT).held == 0
    assert bring(make_feed(content_version="", last_ok_at=NOW), LIMIT).held == 0


def test_a_day_is_24_hours_whatever_the_calendar_says() -> None:
    feed = make_feed()
    late = NOW.replace(hour=23)
    assert [bring(feed, 4, f"{at}", now=late + hours(at)).held for at in (0, 2)] == [0, 2]
    feed.refresh_from_db()
    assert [bring(feed, 1, f"{at}", now=late + hours(at)).held for at in (23.9, 24.1)] == [1, 0]


def test_what_is_held_stays_so_on_the_next_day() -> None:
    feed = make_feed()
    bring(feed, LIMIT + 2)
    store_items(feed, *posts(LIMIT + 2), now=NOW + hours(30))
    assert Entry.objects.held().count() == 2


def test_edits_are_no_new_posts() -> None:
    feed = make_feed()
    bring(feed, LIMIT)
    edited = [make_item(item.title, published_at=item.published_at, content_hash="other") for item in posts(LIMIT)]
    stored = store_items(feed, *edited)
    assert (stored.changed, stored.held) == (LIMIT, 0)


def test_to_hide_delete_or_date_anew_what_has_passed_makes_no_room() -> None:
    feed = make_feed()
    bring(feed, LIMIT)
    store_items(feed, *(make_item(item.title, days_ago=1.5) for item in posts(LIMIT)))
    hide(Entry.objects.filter(title="Post 1"), NOW)
    Entry.objects.filter(title="Post 2").delete()
    assert bring(feed, 1, "More", now=NOW + hours(1)).held == 1


def test_what_a_rule_drops_takes_no_room() -> None:
    feed = make_feed()
    make_rule(feed, "Advert")
    assert store_items(feed, *posts(LIMIT), *posts(3 * LIMIT, "Advert")).held == 0
    assert Entry.objects.filter(is_filtered=True, is_held=False).count() == 3 * LIMIT


def test_an_archive_is_held_as_such_and_takes_no_room() -> None:
    feed = make_feed()
    make_entry(feed, published_at=NOW - timedelta(days=1))
    archive = [make_item(f"Old {number}", days_ago=400 + number) for number in range(2 * LIMIT)]
    assert store_items(feed, *posts(LIMIT), *archive).held == 2 * LIMIT
    feed.refresh_from_db()
    assert held_question(feed) == "republished archive?"


def test_a_feed_that_looks_like_another_is_held_as_such() -> None:
    feed = make_feed()
    bring(feed, 3, "Before")
    Feed.objects.update(held_reason="its id is another one", is_drifting=True, held_count=1)
    feed.refresh_from_db()
    bring(feed, 2 * LIMIT, now=NOW + hours(1))
    feed.refresh_from_db()
    assert feed.held_reason == "its id is another one"


def test_a_feed_that_was_away_brings_what_its_days_brought() -> None:
    """As after a week in which its server, or ours, was down."""
    feeds = [make_feed(last_ok_at=NOW - timedelta(days=days)) for days in (0.1, 1.5, 3, 100)]
    passed = [50 - store_items(feed, *posts(50, feed.title)).held for feed in feeds]
    assert passed == [LIMIT, 9, 3 * LIMIT, 7 * LIMIT]


def test_a_poll_that_brings_nothing_gives_the_day_back_to_nobody() -> None:
    feed = make_feed()
    bring(feed, LIMIT)
    feed.refresh_from_db()
    store_unchanged(lease(feed), make_response(feed, status=304), now=NOW + hours(1))
    assert bring(feed, 1, "More", now=NOW + hours(2)).held == 1


def test_what_a_clock_ahead_noted_counts_no_more_once_it_is_right() -> None:
    feed = make_feed()
    bring(feed, LIMIT, now=NOW + timedelta(days=3000))
    Feed.objects.update(last_ok_at=NOW)
    assert bring(feed, LIMIT, "More").held == 0


def test_a_late_post_that_is_held_is_no_news_and_stands_at_its_date() -> None:
    feed = make_feed()
    bring(feed, LIMIT)
    (late,) = (make_item("Late", days_ago=9),)
    store_items(feed, late, now=NOW + hours(1))
    entry = Entry.objects.get(title="Late")
    assert (entry.is_held, entry.announced_at is None, entry.timeline_at) == (True, False, late.published_at)
    assert Entry.objects.unannounced().count() == LIMIT


@pytest.mark.parametrize("exempt", ["the feed", "all"])
def test_the_curators_or_the_site_may_let_any_number_pass(settings: Settings, exempt: str) -> None:
    if exempt == "all":
        settings.FEED_POSTS_PER_DAY = 0
    assert bring(make_feed(is_unlimited=exempt == "the feed"), 5 * LIMIT).held == 0


# -- what curators see and do ----------------------------------------------------------------------------------------


@pytest.fixture
def flooding() -> Feed:
    feed = make_feed("Flooding")
    bring(feed, LIMIT + 3)
    feed.refresh_from_db()
    return feed


def test_the_feed_says_why_and_what_to_do(flooding: Feed) -> None:
    assert held_note(flooding) == f"3 posts held: {MANY_A_DAY}"
    found = diagnose(flooding, NOW)
    assert (found.word, "Any number of posts a day" in found.advice) == ("held", True)


@pytest.mark.parametrize("name", [FEEDS, FEED, ENTRIES])
def test_the_desk_says_so_where_the_posts_are(flooding: Feed, name: str) -> None:
    words = "held: too many in a day?" if name == ENTRIES else "3 posts held: "
    assert words in page(log_in(), name, *([flooding.pk] if name == FEED else []))


def test_one_by_one_they_are_shown(flooding: Feed) -> None:
    assert unhide(Entry.objects.filter(title="Post 0"), NOW) == 1
    flooding.refresh_from_db()
    assert (flooding.held_count, flooding.held_reason) == (2, MANY_A_DAY)


def test_all_are_shown_and_the_reason_is_gone(flooding: Feed) -> None:
    assert accept(Feed.objects.filter(pk=flooding.pk), NOW) == 3
    flooding.refresh_from_db()
    assert (flooding.held_count, flooding.held_reason, len(shown())) == (0, "", LIMIT + 3)


def test_a_curator_says_in_the_form_that_this_feed_may(flooding: Feed) -> None:
    client = log_in()
    assert "Any number of posts a day" in page(client, FEED, flooding.pk)
    form = client.get(f"/admin/aggregator/feed/{flooding.pk}/change/").context["adminform"].form
    fields = {name: form[name].value() or "" for name in form.fields}
    rules = {f"rules-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    address = f"/admin/aggregator/feed/{flooding.pk}/change/"
    answer = client.post(address, {**fields, **rules, "is_unlimited": "on"}, follow=True)
    told = f'3 posts that came before still wait: <a href="{address}">Show its held posts</a> is on its page.'
    assert told in answer.content.decode()
    flooding.refresh_from_db()
    assert flooding.is_unlimited
    assert "Any number" not in diagnose(flooding, NOW).advice
    assert bring(flooding, 5 * LIMIT, "More", now=NOW + hours(1)).held == 0
