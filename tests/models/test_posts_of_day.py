"""Posts of each day are kept: whatever changes what readers find, the kept numbers are those that counting finds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from aggregator.curating import entries, feeds
from aggregator.models import DaysOfFeed, Entry, Feed, PostsOfDay, site_change
from aggregator.models.counting import refresh_counts
from tests.at_once import AT_ONCE, together
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.stores import lease, make_item, make_response, new_feed, store_items, store_unchanged
from tests.test_last_statement import CHANGES

pytestmark = pytest.mark.django_db

Committing = Callable[..., AbstractContextManager[Any]]
DAY = date(2026, 6, 23)
MORE_CHANGES: dict[str, Callable[[Feed], object]] = {
    "resume": lambda feed: feeds.resume(Feed.objects.filter(pk=feed.pk), NOW),
    "another date": lambda feed: store_items(feed, make_item("two", days_ago=1.9)),
    "a copy that is edited": lambda feed: store_items(feed, make_item("one", title="Another one")),
    "the shown copy is hidden": lambda _: entries.hide(Entry.objects.filter(url__endswith="/one/"), NOW),
    "a reject and a hide": lambda feed: (
        feeds.reject(Feed.objects.filter(pk=feed.pk), NOW),
        entries.hide(Entry.objects.filter(feed=feed, title="two"), NOW),
    ),
}


@pytest.fixture
def feed() -> Feed:
    """One with a copy of another's post, a held post, and posts of several days."""
    store_items(make_feed(), make_item("one"), make_item("older", days_ago=400))
    feed = make_feed(category=make_category("Shelf"))
    store_items(feed, make_item("one"), make_item("two"), make_item("three", days_ago=2))
    make_entry(feed, is_held=True)
    refresh_counts([feed])
    return feed


def kept() -> dict[date, int]:
    return PostsOfDay.objects.between(date(1990, 1, 1), date(2100, 1, 1))


def counted() -> dict[date, int]:
    moments = Entry.objects.listed().values_list("timeline_at", flat=True)
    return dict(Counter(moment.astimezone(UTC).date() for moment in moments))


@site_change()
def reject_and_fail(feed: Feed) -> None:
    feeds.reject(Feed.objects.filter(pk=feed.pk), NOW)
    raise ZeroDivisionError


@pytest.mark.parametrize("name", [*CHANGES, *MORE_CHANGES])
def test_what_is_kept_is_what_counting_finds(
    feed: Feed, name: str, django_capture_on_commit_callbacks: Committing
) -> None:
    assert kept() == counted() != {}
    with django_capture_on_commit_callbacks(execute=True):  # copies in other feeds are counted after the commit
        (CHANGES | MORE_CHANGES)[name](feed)
    assert kept() == counted()


def test_so_it_is_after_any_changes_in_any_order(feed: Feed, django_capture_on_commit_callbacks: Committing) -> None:
    changes = CHANGES | MORE_CHANGES
    del changes["delete"], changes["use a proposed address"], changes["a new address"]  # they leave nothing to change
    for _ in range(3):
        for name in random.sample(sorted(changes), len(changes)):
            feed.refresh_from_db()
            with django_capture_on_commit_callbacks(execute=True):
                changes[name](feed)
            assert (name, kept()) == (name, counted())


def test_folding_that_is_switched_off_counts_the_copies_too(
    feed: Feed, settings: LazySettings, django_capture_on_commit_callbacks: Committing
) -> None:
    before = kept()[DAY]
    settings.FOLD_DUPLICATES = False
    with django_capture_on_commit_callbacks(execute=True):
        store_items(feed, make_item("four"))
    assert kept() == counted()
    assert kept()[DAY] == before + 2


def test_a_new_feed_counts_as_soon_as_readers_may_know_of_it() -> None:
    feed = new_feed()
    make_entry(feed)
    refresh_counts([feed])
    assert kept() == {}
    store_unchanged(lease(feed), make_response(feed, status=304))
    assert kept() == counted() == {DAY: 1}


def test_days_begin_at_midnight_in_utc() -> None:
    midnight = NOW.replace(hour=0)
    feed = make_feed()
    for moment in (midnight, midnight - timedelta(microseconds=1)):
        make_entry(feed, timeline_at=moment)
    refresh_counts([feed])
    assert kept() == {date(2026, 6, 24): 1, DAY: 1}


def test_a_part_of_a_change_that_fails_counts_nothing(feed: Feed) -> None:
    before = kept()
    with site_change():
        with pytest.raises(ZeroDivisionError):
            reject_and_fail(feed)
        entries.hide(Entry.objects.none(), NOW)
    assert kept() == counted() == before


def test_nothing_is_written_where_no_day_changes(feed: Feed) -> None:
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        refresh_counts([feed])
    written = [query["sql"] for query in queries if "INSERT" in query["sql"]]
    assert written == []


def test_days_are_changed_in_their_order_and_right_before_the_sites_row(feed: Feed) -> None:
    """So no two transactions wait for each other, and all wait for the commit only."""
    written: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        written.append((sql.partition("(")[0], params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note), site_change():
        store_items(feed, *(make_item(f"new {number}", days_ago=number) for number in (3, 1, 2)))
        feeds.reject(Feed.objects.exclude(pk=feed.pk), NOW)
    [place] = [at for at, (sql, _) in enumerate(written) if "aggregator_postsofday" in sql]
    days = [str(day) for day, _ in written[place][1]]
    assert days == sorted(days) != []
    assert written[place + 1][0].startswith('UPDATE "aggregator_sitestate"')


@pytest.mark.django_db(transaction=True)
def test_polls_side_by_side_count_the_same_days_and_wait_for_nobody_who_waits() -> None:
    made = [make_feed() for _ in range(AT_ONCE)]
    orders = [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)]

    def poll_thrice(number: int) -> None:
        with site_change():
            for days in orders[number]:
                store_items(made[number], make_item(f"{number} {days}", days_ago=days), make_item(f"first of {number}"))

    assert together(poll_thrice) == [None] * AT_ONCE
    assert kept() == counted()
    assert sum(kept().values()) == 4 * AT_ONCE


def test_the_migration_counts_what_is_there(feed: Feed) -> None:
    make_entry(make_feed(state="rejected"))
    rows = dict(DaysOfFeed.objects.exclude(days={}).values_list("feed", "days"))
    PostsOfDay.objects.all().delete()
    DaysOfFeed.objects.all().delete()
    import_module("aggregator.migrations.0021_posts_of_day").count(apps, None)
    assert kept() == counted()
    assert dict(DaysOfFeed.objects.values_list("feed", "days")) == rows
