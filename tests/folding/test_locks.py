"""Who stores, folds or adds waits for those alone who have the same feed, name or post (PostgreSQL)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from aggregator.curating.adding import add_feed
from aggregator.curating.entries import hide
from aggregator.folding import locks
from aggregator.folding.fold import identify
from aggregator.folding.locks import lock_posts
from aggregator.models import Entry, Tick
from aggregator.models.names import lock_names
from tests.at_once import AT_ONCE, is_kept_waiting, locked_words, meanwhile, together
from tests.factories import NOW, make_entry, make_feed
from tests.stores import make_item, new_feed, store_items

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all writers"),
]

FIRST, SECOND = "https://one.example/post", "https://two.example/post"


def draft(url: str = "", guid: str = "", title: str = "") -> Entry:
    entry = Entry(url=url, guid=guid, title=title, content_html="<p>Some words</p>", first_seen_at=NOW)
    identify(entry)
    return entry


@transaction.atomic
def words_of(*drafts: Entry) -> set[tuple[int, int]]:
    lock_posts([], drafts=drafts)
    return locked_words()


def test_a_poll_that_brings_another_post_need_not_wait() -> None:
    one, two = make_feed(), make_feed()
    assert not is_kept_waiting(
        lambda: store_items(one, make_item("one", author="Ann")),
        lambda: store_items(two, make_item("another", author="Bob")),
    )
    assert Entry.objects.listed().count() == 2


def test_a_poll_that_brings_the_same_post_waits_and_it_is_shown_once() -> None:
    one, two = make_feed(), make_feed()
    assert is_kept_waiting(lambda: store_items(one, make_item("one")), lambda: store_items(two, make_item("one")))
    assert Entry.objects.listed().count() == 1


def test_first_polls_of_feeds_with_other_names_need_not_wait() -> None:
    one, two = new_feed(), new_feed()
    one.title, two.title = "One", "Two"
    one.save(), two.save()
    assert not is_kept_waiting(
        lambda: store_items(one, make_item("a", author="Ann")), lambda: store_items(two, make_item("b", author="Bob"))
    )


@pytest.mark.parametrize("link", [FIRST, SECOND])
def test_an_edit_waits_for_who_has_what_the_post_was_or_becomes(link: str) -> None:
    """Of what it was, others may change its row; what it becomes, others may have, too."""
    feed = make_feed()
    store_items(feed, make_item("one", url=FIRST, guid="1"))
    assert is_kept_waiting(
        lambda: lock_posts([], drafts=[draft(link)]),
        lambda: store_items(feed, make_item("new title", url=SECOND, guid="1")),
    )


def test_a_post_between_two_keeps_one_waiting_for_the_other() -> None:
    """It has its link in common with the one and its id with the other; each of them decides what becomes of it."""
    make_entry(make_feed(), url=FIRST, guid=SECOND, link_key=draft(FIRST).link_key, id_key=draft("", SECOND).id_key)
    assert is_kept_waiting(lambda: lock_posts([], drafts=[draft(FIRST)]), lambda: words_of(draft(SECOND)))


def test_a_post_that_comes_between_two_while_one_waits_is_locked_with_all_that_it_has() -> None:
    def between() -> None:
        lock_posts([], drafts=[draft(FIRST, SECOND)])
        keys = draft(FIRST, SECOND)
        make_entry(make_feed(), url=FIRST, guid=SECOND, link_key=keys.link_key, id_key=keys.id_key)

    assert meanwhile(between, lambda: None, lambda: words_of(draft(FIRST))) == words_of(draft(FIRST, SECOND))


def test_many_posts_are_alone_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.models.sql.MAX_LOCKED_WORDS", 3)
    monkeypatch.setattr(locks, "MAX_LOCKED_WORDS", 3)
    one, two = make_feed(), make_feed()
    items = [make_item(f"post {number}") for number in range(4)]
    assert is_kept_waiting(lambda: store_items(one, *items), lambda: store_items(two, make_item("another")))


def test_a_curator_waits_for_who_stores_a_copy() -> None:
    store_items(make_feed(), make_item("one"))
    other = make_feed()
    assert is_kept_waiting(
        lambda: store_items(other, make_item("one")), lambda: hide(Entry.objects.exclude(feed=other), NOW)
    )
    assert [entry.feed for entry in Entry.objects.listed()] == [other]


def test_a_verb_changes_no_post_that_comes_to_be_among_its_own_while_it_waits() -> None:
    """Such a post was neither locked nor folded."""
    one, two = make_feed(), make_feed()
    store_items(one, make_item("one"), make_item("two"))
    first = Entry.objects.filter(title__contains="one").get()
    Entry.objects.filter(pk=first.pk).update(is_held=True)

    def hold_the_other() -> None:
        store_items(two, make_item("one"))
        Entry.objects.filter(feed=one).update(is_held=True)

    assert is_kept_waiting(hold_the_other, lambda: hide(Entry.objects.filter(feed=one).held(), NOW))
    assert list(Entry.objects.filter(is_hidden=True)) == [first]


def test_the_poller_notes_that_it_lives_whoever_stores() -> None:
    Tick.objects.note(NOW)
    assert not is_kept_waiting(lambda: store_items(make_feed(), make_item("one")), lambda: Tick.objects.note(NOW))


@pytest.mark.parametrize(
    ("first", "second", "is_waiting"),
    [
        ("https://a.example/feed", "https://b.example/feed", False),
        ("https://a.example/feed", "http://a.example/feed", True),
        ("https://a.example/feed", "https://a.example/other", True),  # their pages here would have one address
    ],
)
def test_a_feed_is_added_while_another_is(first: str, second: str, is_waiting: bool) -> None:
    assert is_kept_waiting(lambda: add_feed(first), lambda: add_feed(second)) is is_waiting


def test_names_that_differ_by_a_number_are_one() -> None:
    """A second blog "Notes" has the slug that the title "Notes 2" would make."""
    assert is_kept_waiting(
        lambda: lock_names(slug_stems=["notes"]), lambda: transaction.atomic()(lock_names)(slug_stems=["notes-2"])
    )


def test_polls_that_bring_many_posts_in_other_orders_all_end() -> None:
    feeds = [make_feed() for _ in range(AT_ONCE)]

    def work(number: int) -> int:
        names = [f"post {post}" for post in range(12)]
        return sum(store_items(feeds[number], *map(make_item, names[visit:] + names[:visit])).new for visit in range(6))

    assert together(work) == [12] * AT_ONCE
    assert Entry.objects.listed().count() == 12
