"""Who wrote posts becomes rows, in the poll's transaction; whom addresses join, and whom they don't."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.ingest.types import Person
from aggregator.models import Author, Entry, EntryAuthor, Feed, FormerAuthorSlug, SiteState
from aggregator.polling import skew
from aggregator.storing import authoring
from aggregator.storing.joining import joining_key
from tests.factories import NOW, make_feed
from tests.stores import make_item, store_items
from tests.writers import by

pytestmark = pytest.mark.django_db

ANN = Person("Ann", "https://ann.example/")
BLOG, NOTES = "https://ann.example/blog/feed", "https://notes.ann.example/feed"
EVIL = "https://evil.example/feed"
TABLES = ('"aggregator_author"', '"aggregator_entryauthor"')


def feed_at(url: str) -> Feed:
    return make_feed(url=url)


def rows() -> set[tuple[str, str]]:
    return set(EntryAuthor.objects.values_list("entry__title", "author__name"))


def persons() -> set[frozenset[str]]:
    """Who is one, by the hosts of their feeds."""
    found: dict[int, set[str]] = {}
    for author in Author.objects.select_related("feed", "joined_to"):
        found.setdefault(author.person.pk, set()).add(author.feed.host)
    return {frozenset(hosts) for hosts in found.values()}


# -- rows --------------------------------------------------------------------------------------------------------------


def test_each_who_wrote_a_post_has_a_row_with_its_moment() -> None:
    store_items(make_feed(), by("a", "Ann", "Bob"), by("b", "ann"), by("c", "admin"), make_item("d", author=""))
    assert rows() == {("a", "Ann"), ("a", "Bob"), ("b", "Ann")} or rows() == {("a", "ann"), ("a", "Bob"), ("b", "ann")}
    assert all(row.timeline_at == row.entry.timeline_at for row in EntryAuthor.objects.select_related("entry"))


def test_two_feeds_have_two_authors_of_one_name_at_addresses_of_their_own() -> None:
    for _ in range(2):
        store_items(make_feed(), by("a", "Ann"))
    assert sorted(Author.objects.values_list("slug", flat=True)) == ["ann", "ann-2"]


def test_rows_follow_what_the_author_changes() -> None:
    feed = make_feed()
    store_items(feed, by("a", "Ann", "Bob"), by("b", "Ann"))
    moved = by("a", "Bob", "Cleo", published_at=NOW - timedelta(hours=30))
    store_items(feed, moved, by("b", "Ann"))
    assert rows() == {("a", "Bob"), ("a", "Cleo"), ("b", "Ann")}
    entry = Entry.objects.get(title="a")
    assert {row.timeline_at for row in entry.authors.all()} == {entry.timeline_at}


def test_a_document_that_brings_nothing_new_asks_and_writes_nothing() -> None:
    feed = make_feed()
    store_items(feed, by("a", "Ann"))
    with CaptureQueriesContext(connection) as queries:
        store_items(feed, by("a", "Ann"))
    assert not any(table in query["sql"] for query in queries for table in TABLES)


def test_many_posts_cost_no_more_questions_than_one() -> None:
    def questions(count: int) -> int:
        feed = make_feed()
        with CaptureQueriesContext(connection) as queries:
            store_items(feed, *(by(f"{feed.pk} {number}", f"A{number}", "Bob") for number in range(count)))
        return sum("author" in query["sql"] and '_entry"' not in query["sql"] for query in queries)

    questions(1)
    assert questions(40) <= questions(2)


def test_a_feed_that_makes_up_names_gets_only_so_many_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "MAX_AUTHORS", 5)
    feed = make_feed()
    for poll in range(3):
        store_items(feed, *(by(f"{poll}-{number}", f"A{poll}-{number}") for number in range(4)))
    assert (Author.objects.count(), Entry.objects.count()) == (5, 12)


def test_an_address_that_somebody_had_before_goes_to_no_newcomer() -> None:
    store_items(make_feed(), by("a", "Cleo"))
    FormerAuthorSlug.objects.create(slug="ann", author=Author.objects.get())
    store_items(make_feed(), by("b", "Ann"))
    assert Author.objects.get(name="Ann").slug == "ann-2"


@pytest.mark.parametrize("name", ["שָׁלוֹם כהן", "山田 太郎", "🎈", "<script>alert(1)</script>", "x" * 300, "a\u202eb"])
def test_odd_names_are_stored_as_they_are(name: str) -> None:
    store_items(make_feed(), by("a", name))
    assert Author.objects.get().name == name


def test_a_title_that_names_its_author_does_so_here() -> None:
    names = ("Ann Smith", "Bob Jones")
    items = [make_item(f"{n}", title=f"{names[n % 2]}: Post {n}", author="") for n in range(6)]
    store_items(make_feed(), *items)
    assert set(Author.objects.values_list("name", flat=True)) == set(names)
    assert EntryAuthor.objects.count() == 6


def test_what_goes_with_a_feed_goes_with_it() -> None:
    feed = make_feed()
    store_items(feed, by("a", "Ann"))
    feed.delete()
    assert (Author.objects.count(), EntryAuthor.objects.count()) == (0, 0)


# -- who is one person -------------------------------------------------------------------------------------------------


def test_feeds_below_one_address_that_both_give_are_by_one_person() -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    before = SiteState.objects.current()
    store_items(feed_at(NOTES), by("b", ANN))
    assert persons() == {frozenset({"ann.example", "notes.ann.example"})}
    assert SiteState.objects.current().shared_version > before.shared_version


def test_a_hostile_feed_that_copies_name_and_address_joins_nobody() -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(feed_at(EVIL), by("spam", ANN), by("more spam", "Ann"))
    store_items(feed_at(NOTES), by("b", ANN))
    assert persons() == {frozenset({"ann.example", "notes.ann.example"}), frozenset({"evil.example"})}


def test_a_hostile_feed_that_comes_first_joins_nobody_either() -> None:
    store_items(feed_at(EVIL), by("spam", ANN))
    store_items(feed_at(BLOG), by("a", ANN))
    assert len(persons()) == 2


@pytest.mark.parametrize(
    ("address", "feed_url"),
    [
        ("https://ann.example/", "https://evil.example/ann.example/feed"),
        ("https://ann.example/", "https://evilann.example/feed"),
        ("https://ann.example/", "https://ann.example.evil.example/feed"),
        ("https://home.example/~ann/", "https://home.example/~evil/feed"),
        ("https://home.example/~ann", "https://home.example/~annette/feed"),
        ("https://home.example/~ann/", "https://x.home.example/~ann/feed"),
        ("https://home.example/?u=ann", "https://home.example/feed"),
        ("https://example/", "https://evil.example/feed"),
        ("https://ann.example/", ""),
        ("", "https://ann.example/feed"),
    ],
)
def test_these_feeds_dont_lie_below_the_address(address: str, feed_url: str) -> None:
    assert joining_key(address, feed_url) == ""


def test_one_address_is_one_in_all_its_spellings() -> None:
    spellings = ("https://ann.example/", "http://ann.example", "https://www.ann.example/")
    assert len({joining_key(one, BLOG) for one in spellings} - {""}) == 1


def test_other_names_at_one_address_are_other_persons() -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(feed_at(NOTES), by("b", Person("Bob", ANN.url)))
    assert len(persons()) == 2


def test_an_address_of_two_names_joins_nobody_and_takes_apart_what_it_joined() -> None:
    blog = feed_at(BLOG)
    store_items(blog, by("a", ANN))
    store_items(feed_at(NOTES), by("b", ANN))
    assert len(persons()) == 1
    store_items(blog, by("c", Person("Bob", ANN.url)))
    assert len(persons()) == 2
    assert Author.objects.exclude(joined_to=None).count() == 0


def test_who_gets_another_address_comes_apart() -> None:
    notes = feed_at(NOTES)
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(notes, by("b", ANN))
    store_items(notes, by("c", Person("Ann", "https://elsewhere.example/")))
    assert len(persons()) == 2


def test_a_feed_that_stops_naming_the_address_changes_nothing() -> None:
    notes = feed_at(NOTES)
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(notes, by("b", ANN))
    store_items(notes, by("c", "Ann"))
    assert len(persons()) == 1


@pytest.mark.parametrize("field", ["is_apart", "is_hidden"])
def test_whom_a_curator_took_apart_or_hid_no_address_joins(field: str) -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    Author.objects.update(**{field: True})
    store_items(feed_at(NOTES), by("b", ANN))
    assert len(persons()) == 2


def test_three_feeds_are_one_person_and_a_curator_s_word_outlives_a_shared_address() -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(feed_at(NOTES), by("b", ANN))
    store_items(feed_at("https://ann.example/3/feed"), by("c", ANN))
    assert len(persons()) == 1
    Author.objects.exclude(joined_to=None).update(joined_by=Author.JoinedBy.CURATOR)
    store_items(feed_at("https://ann.example/4/feed"), by("d", ANN), by("e", Person("Bob", ANN.url)))
    assert Author.objects.persons().count() == 3  # she, the fourth feed's Ann, and Bob


def test_whom_a_curator_joined_elsewhere_is_left_there() -> None:
    store_items(feed_at(BLOG), by("a", ANN))
    store_items(feed_at("https://group.example/feed"), by("g", "A. Lee"))
    lee, ann = Author.objects.get(name="A. Lee"), Author.objects.get(name="Ann")
    Author.objects.filter(pk=ann.pk).update(joined_to=lee, joined_by=Author.JoinedBy.CURATOR)
    for poll in range(2):
        store_items(feed_at(f"https://ann.example/{poll}/feed"), by(f"b{poll}", ANN))
    assert Author.objects.get(pk=ann.pk).joined_to == lee
    assert Author.objects.persons().count() > 1


def test_many_names_at_many_addresses_are_stored_in_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(authoring, "_FEEDS_AT_ONCE", 1)
    people = [Person(f"Ann {number}", f"https://ann.example/{number}/") for number in range(8)]
    store_items(feed_at("https://ann.example/feed"), *(by(f"{n}", person, "Bob") for n, person in enumerate(people)))
    assert (Author.objects.count(), EntryAuthor.objects.count()) == (9, 16)


def test_rows_stand_where_posts_stand_once_a_clock_is_set_right() -> None:
    store_items(make_feed(), by("a", "Ann"))
    Entry.objects.update(timeline_at=NOW + timedelta(days=9), published_at=NOW - timedelta(hours=3))
    skew._place_anew(Entry.objects.all(), NOW)
    assert EntryAuthor.objects.get().timeline_at == Entry.objects.get().timeline_at == NOW - timedelta(hours=3)


def test_who_is_joined_in_one_lot_keeps_nobody_from_being_joined_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "_ROWS_AT_ONCE", 1)
    bob = Person("Bob", "https://ann.example/bob/")
    for place in ("1", "2"):
        store_items(feed_at(f"https://ann.example/bob/{place}/feed"), by(f"a{place}", ANN), by(f"b{place}", bob))
    assert (Author.objects.count(), Author.objects.persons().count()) == (4, 2)
