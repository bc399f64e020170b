"""The newest posts of some feeds are those that a look at every entry finds."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from aggregator.models import Entry, Feed, newest
from aggregator.models.counting import refresh_counts
from aggregator.models.newest import leading, newer_post_ids, newest_posts, older_posts
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
FEEDS = 12


@pytest.fixture
def site() -> None:
    """Feeds in two categories, of all kinds; many posts share their moment, and some may not be seen."""
    shelves = make_category("Web"), make_category("Django")
    for number in range(FEEDS):
        feed = make_feed(category=shelves[number % 2], state="rejected" if number == 3 else "active")
        for _ in range(random.choice((0, 1, 7))):
            entry = make_entry(feed, timeline_at=NOW - timedelta(hours=random.randrange(30)))
            Entry.objects.filter(pk=entry.pk).update(is_hidden=random.random() < 0.2)
    make_entry(Feed.objects.latest("pk"))
    refresh_counts(Feed.objects.all())


def in_page_order(entries: list[Entry]) -> list[int]:
    return [entry.pk for entry in sorted(entries, key=lambda entry: (entry.timeline_at, entry.pk), reverse=True)]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("posts_of_each", [1, 3])
def test_a_page_shows_the_newest_few_of_each_feed(posts_of_each: int) -> None:
    of_feeds = [list(Entry.objects.listed().from_feed(feed).newest_first()) for feed in Feed.objects.public()]
    expected = in_page_order([entry for entries in of_feeds for entry in entries[:posts_of_each]])
    for count in (1, 5, 60):
        feeds = leading(Feed.objects.public(), count, posts_of_each=posts_of_each)
        # Of posts of one moment, one feed's or the other's stand there; so moments are compared.
        moments = dict(Entry.objects.values_list("pk", "timeline_at"))
        found = [entry.timeline_at for entry in newest_posts(feeds, count)]
        assert found == [moments[pk] for pk in expected[:count]]


@pytest.mark.usefixtures("site")
def test_feeds_without_posts_come_last() -> None:
    feeds = leading(Feed.objects.all(), FEEDS, posts_of_each=1)
    moments = [feed.newest_at for feed in feeds]
    known = [moment for moment in moments if moment]
    assert moments == [*sorted(known, reverse=True), *[None] * (FEEDS - len(known))]


def test_what_is_older_than_the_newest_of_each_feed_is_not_read() -> None:
    feeds = [make_feed() for _ in range(3)]
    for number, feed in enumerate(feeds):
        for age in range(10):
            make_entry(feed, days_ago=1 + age * 3 + number)
    refresh_counts(feeds)
    assert [len(feed.places) for feed in leading(Feed.objects.all(), 3, posts_of_each=10)] == [1, 1, 1]
    assert [len(feed.places) for feed in leading(Feed.objects.all(), 4, posts_of_each=10)] == [10, 10, 10]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("walked", [1, 7, 500])
@pytest.mark.parametrize("count", [1, 4, 60])
def test_pages_of_a_category_meet_without_a_gap(monkeypatch: pytest.MonkeyPatch, count: int, walked: int) -> None:
    """Whether they are found by a short walk or, as here with most of the others, from the feeds."""
    monkeypatch.setattr(newest, "WALKED_ENTRIES", walked)
    feeds = Feed.objects.public().filter(category__name="Django")
    order = in_page_order(list(Entry.objects.listed().filter(feed__in=feeds)))
    for place, pk in enumerate(order):
        entry = Entry.objects.get(pk=pk)
        older = [each.timeline_at for each in older_posts(feeds, entry, count)]
        assert older == [Entry.objects.get(pk=each).timeline_at for each in order[place + 1 : place + 1 + count]]
        newer = Entry.objects.in_bulk(newer_post_ids(feeds, entry, count))
        assert sorted(each.timeline_at for each in newer.values()) == [
            Entry.objects.get(pk=each).timeline_at for each in order[max(place - count, 0) : place][::-1]
        ]
