"""Which posts stand under which tags: whoever writes entries, rows and counts say what readers may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from aggregator.curating import entries as curating
from aggregator.curating.feeds import delete_feeds, pause, reject, resume
from aggregator.filtering.judging import judge_anew
from aggregator.folding.fold import count_what_was_left
from aggregator.models import Entry, EntryTag, Feed, FilterRule, Tag, site_change
from aggregator.models.entry_tag import through
from aggregator.models.tagging import MAX_ENTRY_TAGS, tag_entries
from aggregator.models.visible import LISTED, OF_PUBLIC_FEEDS
from aggregator.retention import posts
from tests.at_once import AT_ONCE, meanwhile, together
from tests.factories import NOW, make_feed
from tests.stores import POLICY, Polled, lease, make_document, make_item, make_response, store_documents, store_items

pytestmark = pytest.mark.django_db


def tags_of(title: str) -> list[str]:
    rows = EntryTag.objects.filter(entry__title=title).order_by("pk")
    return list(rows.values_list("tag__name", flat=True))


def counts() -> dict[str, int]:
    return dict(Tag.objects.filter(post_count__gt=0).values_list("name", "post_count"))


def assert_all_is_told() -> None:
    """Rows are listed where their entry is, stand where it stands, and tags count what is listed."""
    listed = set(EntryTag.objects.filter(through("entry", LISTED & OF_PUBLIC_FEEDS)).values_list("pk", flat=True))
    assert set(EntryTag.objects.filter(is_listed=True).values_list("pk", flat=True)) == listed
    assert [row for row in EntryTag.objects.select_related("entry") if row.timeline_at != row.entry.timeline_at] == []
    by_tag = Counter(EntryTag.objects.filter(is_listed=True).values_list("tag", flat=True))
    assert dict(Tag.objects.exclude(post_count=0).values_list("pk", "post_count")) == by_tag


def test_a_poll_puts_posts_under_their_tags() -> None:
    store_items(make_feed(), make_item("a", tags=("Python", "Web Dev")), make_item("b", tags=("python", "#web-dev")))
    assert tags_of("a") == tags_of("b")
    assert {*tags_of("a")} == {"python", "web-dev"}  # as the older post has it, which is stored first
    assert counts() == {"python": 2, "web-dev": 2}
    assert_all_is_told()


def test_spellings_of_one_post_are_one_tag() -> None:
    store_items(make_feed(), make_item("a", tags=("Python", "python", "#PYTHON", "Python3", "", "Uncategorized")))
    assert tags_of("a") == ["Python", "Python3"]


def test_a_post_stands_under_so_many_tags_and_no_more() -> None:
    store_items(make_feed(), make_item("a", tags=tuple(f"word {number}" for number in range(10_000))))
    assert len(tags_of("a")) == MAX_ENTRY_TAGS


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "x" * 300, "עברית", "👩‍👩‍👧", "機能", "a\nb", "\u202eturned", "'; DROP TABLE", "%s"],
)
def test_odd_names_are_tags(name: str) -> None:
    store_items(make_feed(), make_item("a", tags=(name,)), make_item("b", tags=(name,)))
    [tag] = Tag.objects.all()
    assert tag.post_count == 2
    assert "\n" not in tag.name


def test_an_edit_takes_tags_away_and_brings_others() -> None:
    feed, item = make_feed(), make_item("a", tags=("one", "two"))
    store_items(feed, item)
    store_items(feed, replace(item, tags=("two", "three")), now=NOW + timedelta(hours=1))
    assert {*tags_of("a")} == {"two", "three"}
    assert counts() == {"two": 1, "three": 1}
    assert_all_is_told()


def test_a_post_that_gets_another_date_moves_under_its_tags() -> None:
    feed, item = make_feed(), make_item("a", tags=("one",), published_at=NOW - timedelta(hours=3))
    store_items(feed, item)
    store_items(feed, replace(item, published_at=NOW - timedelta(hours=2)), now=NOW + timedelta(hours=1))
    assert EntryTag.objects.get().timeline_at == NOW - timedelta(hours=2)
    assert_all_is_told()


def test_entries_of_before_get_their_first_tags() -> None:
    feed, item = make_feed(), make_item("a")
    store_items(feed, item)
    store_items(feed, replace(item, tags=("one",)), now=NOW + timedelta(hours=1))
    assert counts() == {"one": 1}


def hide(feed: Feed) -> None:
    curating.hide(feed.entries.filter(title="a"), NOW)


def drop_by_a_rule(feed: Feed) -> None:
    FilterRule.objects.create(feed=feed, action="drop", field="title", pattern="a")
    with site_change():
        judge_anew(feed, NOW)


def swap_by_rules(feed: Feed) -> None:
    """On one day one post comes and one goes: no day's count tells."""
    drop_by_a_rule(feed)
    FilterRule.objects.update(pattern="b")
    with site_change():
        judge_anew(feed, NOW)


def let_all_go(feed: Feed) -> None:
    posts._step(feed.pk, posts.Limits(days=1), NOW + timedelta(days=100))


def turn_down(feed: Feed) -> None:
    reject(Feed.objects.filter(pk=feed.pk), NOW)


def turn_down_and_take_back(feed: Feed) -> None:
    turn_down(feed)
    resume(Feed.objects.filter(pk=feed.pk), NOW)


def stop(feed: Feed) -> None:
    pause(Feed.objects.filter(pk=feed.pk), NOW)


def delete(feed: Feed) -> None:
    delete_feeds(Feed.objects.filter(pk=feed.pk), NOW)


def copy(feed: Feed) -> None:
    """Another feed brings the same post, from the host of its link: the first is folded into it."""
    home = make_feed(url="https://blog.example/feed")
    store_items(home, make_item("a", tags=("copied",)))


def copy_elsewhere(feed: Feed) -> None:
    """A feed that brings nothing but copies: they are folded as they come, and none of its days shows a post."""
    store_items(make_feed(), make_item("a", tags=("copied",)))


def swap_by_a_copy(feed: Feed) -> None:
    """On one day a feed loses one post to another feed, and brings one: no day's count tells."""
    home = make_feed(url="https://blog.example/feed")
    with site_change():
        store_items(home, make_item("a", tags=("copied",)))
        store_items(feed, make_item("b", tags=("both", "b")), make_item("c", tags=("c",)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (hide, {"both": 1, "b": 1}),
        (drop_by_a_rule, {"both": 1, "b": 1}),
        (swap_by_rules, {"both": 1, "a": 1}),
        (let_all_go, {}),
        (turn_down, {}),
        (turn_down_and_take_back, {"both": 2, "a": 1, "b": 1}),
        (stop, {"both": 2, "a": 1, "b": 1}),
        (delete, {}),
        (copy, {"both": 1, "b": 1, "copied": 1}),
        (copy_elsewhere, {"both": 2, "a": 1, "b": 1}),
        (swap_by_a_copy, {"both": 1, "b": 1, "copied": 1, "c": 1}),
    ],
)
def test_who_may_see_a_post_decides_what_counts(
    change: Callable[[Feed], None], expected: dict[str, int], django_capture_on_commit_callbacks
) -> None:
    feed = make_feed()
    store_items(feed, make_item("a", tags=("both", "a")), make_item("b", tags=("both", "b")))
    with django_capture_on_commit_callbacks(execute=True):
        change(feed)
    assert counts() == expected
    assert_all_is_told()


def test_what_is_shown_again_counts_again() -> None:
    feed = make_feed()
    store_items(feed, make_item("a", tags=("one",)))
    curating.hide(Entry.objects.all(), NOW)
    assert counts() == {}
    curating.unhide(Entry.objects.all(), NOW)
    assert counts() == {"one": 1}
    assert_all_is_told()


def test_a_poll_that_is_undone_leaves_no_count() -> None:
    def fail() -> None:
        with site_change():
            store_items(make_feed(), make_item("a", tags=("one",)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert counts() == {}
    assert not Tag.objects.exists()


def test_a_poll_without_news_asks_nothing_of_tags() -> None:
    feed, item = make_feed(), make_item("a", tags=("one", "two"))
    store_items(feed, item)
    with CaptureQueriesContext(connection) as queries:
        store_items(feed, item, now=NOW + timedelta(hours=1))
    assert [query["sql"] for query in queries if "tag" in query["sql"].replace('"tags"', "").replace("etag", "")] == []


def test_a_hundred_posts_cost_no_more_questions_than_two() -> None:
    def questions(count: int) -> int:
        items = [make_item(f"{count} {n}", tags=(f"t{n}", "one", f"u{n}")) for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            store_items(make_feed(), *items)
        return len([query for query in queries if "tag" in query["sql"]])

    assert questions(100) <= questions(2) + 10  # SQLite takes 999 values in a statement


def test_new_feeds_whose_posts_are_of_many_days_and_fold_are_looked_at_together() -> None:
    def questions(count: int) -> int:
        feeds = [make_feed(last_ok_at=None) for _ in range(count)]
        items = [make_item(f"{count} {n}", days_ago=3 * n + 1, tags=("one",)) for n in range(9)]
        polled = [Polled(lease(feed), make_response(feed), make_document(*items)) for feed in feeds]
        with CaptureQueriesContext(connection) as queries:
            store_documents(polled, now=NOW, policy=POLICY)
        return len([query for query in queries if query["sql"].startswith("SELECT") and "entrytag" in query["sql"]])

    assert questions(1) == 1
    assert questions(5) == questions(9) == 3  # those that were folded are looked at once more
    assert_all_is_told()


@pytest.mark.django_db(transaction=True)
def test_polls_that_bring_the_same_new_tags_at_once_neither_wait_for_ever_nor_double() -> None:
    feeds = [make_feed() for _ in range(AT_ONCE)]
    names = [f"word {number}" for number in range(12)]

    def bring(number: int) -> None:
        order = names if number % 2 else names[::-1]
        items = [make_item(f"{number} {at}", tags=tuple(order[at : at + 6])) for at in range(6)]
        store_items(feeds[number], *items)

    assert together(bring) == [None] * AT_ONCE
    assert Tag.objects.count() == len(names)
    assert_all_is_told()
    connections.close_all()


def test_tagging_twice_changes_nothing() -> None:
    store_items(make_feed(), make_item("a", tags=("one", "two")))
    before = list(EntryTag.objects.order_by("pk").values())
    entries = list(Entry.objects.all())
    with site_change():
        tag_entries(entries, known={entry.pk for entry in entries})
    assert list(EntryTag.objects.order_by("pk").values()) == before
    assert counts() == {"one": 1, "two": 1}


@pytest.mark.parametrize("change", [curating.hide, curating.choose])
def test_posts_that_change_places_with_their_copies_on_one_day_are_told(
    change: Callable[..., int], django_capture_on_commit_callbacks
) -> None:
    """Of each feed one is shown as before: no count of a day tells."""
    first, other = [
        make_item(name, tags=(name,), url=f"https://shared.example/{name}/", content_hash=name) for name in "ab"
    ]
    feeds = make_feed(), make_feed()
    with django_capture_on_commit_callbacks(execute=True):
        store_items(feeds[0], first)
        store_items(feeds[1], other)
    with django_capture_on_commit_callbacks(execute=True):
        store_items(feeds[0], first, other)
        store_items(feeds[1], other, first)
    assert sorted(Entry.objects.listed().values_list("feed", "title")) == [(feeds[0].pk, "a"), (feeds[1].pk, "b")]
    assert_all_is_told()
    chosen = Entry.objects.filter(duplicate_of__isnull=change is curating.hide)
    with django_capture_on_commit_callbacks(execute=True):
        change(Entry.objects.filter(pk__in=[entry.pk for entry in chosen]), NOW)
    assert sorted(Entry.objects.listed().values_list("feed", "title")) == [(feeds[0].pk, "b"), (feeds[1].pk, "a")]
    assert_all_is_told()
    assert counts() == {"a": 1, "b": 1}


def test_what_was_to_be_told_when_a_worker_was_ended_is_told_by_the_next() -> None:
    item = make_item("a", tags=("one",), url="https://shared.example/a/", content_hash="a")
    for feed in (make_feed(), make_feed()):
        store_items(feed, item)  # nothing follows the commit
    count_what_was_left(NOW)
    assert_all_is_told()
    assert counts() == {"one": 1}


@pytest.mark.django_db(transaction=True)
def test_a_post_that_two_take_away_at_once_is_one_less() -> None:
    """A home brings it, so that it is folded, while its feed is turned down: each does so under other locks."""
    feed, home = make_feed(), make_feed(url="https://blog.example/feed")
    store_items(feed, make_item("a", tags=("one",)), make_item("b", tags=("one",)))
    result = meanwhile(lambda: store_items(home, make_item("a", tags=("two",))), lambda: None, lambda: turn_down(feed))
    assert result is None
    assert counts() == {"two": 1}
    assert_all_is_told()
    connections.close_all()
