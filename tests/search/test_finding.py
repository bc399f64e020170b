"""What is found, in which order, by whom, and in how long."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from aggregator.curating.entries import hide
from aggregator.models import Entry, EntryQuerySet, EntryText, Feed, Tag, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.tagging import tag_entries
from aggregator.search import deadline, finding, matches, ranking, windows
from aggregator.search.condition import Condition
from aggregator.search.deadline import TooSlow, within_a_second
from aggregator.search.finding import BEST, find
from aggregator.search.index_rows import ids_meeting
from aggregator.search.nearest import nearest_titles
from aggregator.search.query import parse
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db


def found(text: str, entries: EntryQuerySet | None = None, **how: Any) -> list[str]:
    listed = Entry.objects.listed() if entries is None else entries
    titles = dict(Entry.objects.values_list("pk", "title"))
    return [titles[pk] for pk in find(parse(text), listed, **{"limit": 20, **how}).entry_ids]


def about(title: str, text: str, **fields: Any) -> Entry:
    return make_entry(title=title, content_html=f"<p>{text}</p>", **fields)


def test_posts_are_found_newest_first_and_those_of_one_moment_in_page_order() -> None:
    about("Day 3", "about django", days_ago=3)
    for number in range(3):
        about(f"Day 1.{number}", "about django", days_ago=1)
    about("Other", "about flask")
    newest = [entry.title for entry in Entry.objects.listed().newest_first() if "Day" in entry.title]
    assert found("django") == newest == ["Day 1.2", "Day 1.1", "Day 1.0", "Day 3"]
    assert found("about -django") == ["Other"]
    assert found("django flask") == []


# -- windows of time -------------------------------------------------------------------------------------------------


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """Posts of forty days, of which the index names more than are asked for at once."""
    monkeypatch.setattr(windows, "FIRST_POSTS", 3)
    monkeypatch.setattr(windows, "_READ_DAYS", 2)
    monkeypatch.setattr(matches, "MAX_AT_ONCE", 2)
    feed, other = make_feed(category=make_category("Shelf")), make_feed()
    entries = [
        about(f"P{number}", "class based" if number % 3 else "based class", feed=feed if number % 4 else other)
        for number in range(40)
    ]
    for number, entry in enumerate(entries):
        entry.timeline_at = NOW - timedelta(days=number + number // 10 * 30, minutes=number)
        entry.is_held = number % 10 == 9
        entry.save()
    with site_change():
        refresh_counts(Feed.objects.all())
    return [entry for entry in entries if not entry.is_held]


QUERIES = ["class", '"class based"', "class -p3", "class category:shelf", "class after:2026-04-03 before:2026-06-11"]


@pytest.mark.parametrize("text", [*QUERIES, "class source:blog", "before:2026-05", "category:shelf -p7"])
def test_windows_find_what_one_question_finds(many: list[Entry], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_windows = [found(text, limit=limit) for limit in (3, 40)]
    monkeypatch.setattr(matches, "MAX_AT_ONCE", 1_000)
    at_once = found(text, limit=40)
    assert in_windows == [at_once[:3], at_once]
    assert len(at_once) > 5


@pytest.mark.parametrize("text", QUERIES)
def test_a_page_begins_after_the_last_entry_of_the_one_before(many: list[Entry], text: str) -> None:
    pages, before = [], None
    while True:
        page = find(parse(text), Entry.objects.listed(), limit=4, before=before)
        pages += page.entry_ids
        if not page.is_more:
            break
        assert len(page.entry_ids) == 4
        before = Entry.objects.get(pk=page.entry_ids[-1])
    assert pages == list(find(parse(text), Entry.objects.listed(), limit=100).entry_ids)


def test_posts_that_no_day_counts_are_found(many: list[Entry]) -> None:
    """Those that readers don't see have no part in the counts by which windows are cut."""
    for entry, at in ((many[0], "1999-01-01"), (many[1], "2031-01-01")):
        entry.timeline_at, entry.is_hidden = datetime.fromisoformat(f"{at}T00:00:00+00:00"), True
        entry.save()
    titles = found("class", Entry.objects.all(), limit=100)
    assert (titles[0], titles[-1], len(titles)) == (many[1].title, many[0].title, 40)


def test_where_few_entries_may_be_found_those_are_read(many: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matches, "_MANY", 1)
    held = Entry.objects.held()
    assert found('"class based"', held) == ["P19", "P29"]
    assert found("class -p9", held) == ["P19", "P29", "P39"]


def test_counts_stop(many: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MAX_COUNT", 10)
    page = find(parse("class"), Entry.objects.listed(), limit=4)
    assert (page.count, page.is_more_than_count, page.is_more) == (10, True, True)
    page = find(parse("class before:2026-02-25"), Entry.objects.listed(), limit=4)
    assert (page.count, page.is_more_than_count) == (9, False)
    assert find(parse("class"), Entry.objects.listed(), limit=4, before=many[3]).count is None


# -- best first ------------------------------------------------------------------------------------------------------


def test_best_first() -> None:
    about("Once", "django and much else " + "word " * 200, days_ago=1)
    about("Often", "django, django and django", days_ago=2)
    about("Django", "said once", days_ago=3)
    assert found("django", order=BEST) == ["Django", "Often", "Once"]
    assert found("django", order=BEST, limit=1, skip=1) == ["Often"]
    assert found("django") == ["Once", "Often", "Django"]


def test_of_posts_that_are_equally_good_the_newest_is_first() -> None:
    for hours in (3, 1, 2):
        about(f"Old {hours}", "django", days_ago=hours / 24)
    about("Years ago", "django", days_ago=1500)
    about("Long ago, and twice", "django and django", days_ago=9000)
    assert found("django", order=BEST) == ["Old 1", "Old 2", "Old 3", "Years ago", "Long ago, and twice"]


def test_best_are_ranked_among_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MAX_FOUND", 2)
    for days in (1, 2, 3):
        about("Django" if days == 3 else f"Day {days}", "django", days_ago=days)
    assert sorted(found("django", order=BEST)) == ["Day 1", "Day 2"]


# -- who sees what ---------------------------------------------------------------------------------------------------

TAKEN_AWAY: dict[str, dict[str, Any]] = {
    "held": {"is_held": True},
    "dropped": {"is_filtered": True},
    "let go": {"emptied_at": NOW},
}


def assert_gone(entry: Entry, is_in_desk: bool = True) -> None:
    page = find(parse("needle"), Entry.objects.listed(), limit=5)
    assert (page.entry_ids, page.count) == ((), 0)
    assert find(parse("needle"), Entry.objects.listed(), limit=5, order=BEST).entry_ids == ()
    assert nearest_titles(parse("needle neeedle"), Entry.objects.listed()) == []
    assert (entry.pk in find(parse("needle"), Entry.objects.all(), limit=5).entry_ids) == is_in_desk


@pytest.mark.parametrize("fields", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_what_is_taken_away_is_found_no_more_in_the_same_transaction(fields: dict[str, Any]) -> None:
    entry = make_entry(title="Needle")
    assert found("needle") == ["Needle"]
    with transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(**fields)
        assert_gone(entry)


def test_what_is_hidden_folded_or_of_a_rejected_feed_is_found_no_more() -> None:
    entry, other = make_entry(title="Needle"), make_entry(title="Hay")
    with transaction.atomic():
        hide(Entry.objects.filter(pk=entry.pk), NOW)
        assert_gone(entry)
    Entry.objects.filter(pk=entry.pk).update(is_hidden=False)
    assert found("needle") == ["Needle"]
    Entry.objects.filter(pk=entry.pk).update(duplicate_of=other)
    assert_gone(entry)
    Entry.objects.filter(pk=entry.pk).update(duplicate_of=None)
    Feed.objects.filter(pk=entry.feed_id).update(state="rejected")
    assert_gone(entry)
    entry.delete()
    assert_gone(Entry(pk=0), is_in_desk=False)


# -- names -----------------------------------------------------------------------------------------------------------


def test_sources_are_found_by_address_or_words_among_those_the_asker_may_know() -> None:
    make_entry(make_feed("Ada's blog"), "One")
    make_entry(make_feed("Blog of Bob"), "Two")
    secret = make_entry(make_feed("Secret blog", state="pending"), "Three")
    assert found("source:adas-blog") == ["One"]
    assert found('source:"ada\'s"') == ["One"]
    assert sorted(found("source:blog")) == ["One", "Two"]
    assert found("source:ada source:bob -source:ada") == ["Two"]
    unknown = find(parse("source:secret x"), Entry.objects.listed(), limit=5)
    assert (unknown.entry_ids, unknown.count, unknown.unknown) == ((), 0, ("No source is called “secret”.",))
    everything = find(parse("source:secret"), Entry.objects.all(), limit=5, feeds=Feed.objects.all())
    assert everything.entry_ids == (secret.pk,)


def test_of_many_sources_the_rows_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.search.asked.MAX_MARKED_FEEDS", 1)
    for name in ("Ada", "Bob", "Carl"):
        make_entry(make_feed(f"{name} {'blog' if name != 'Carl' else 'notes'}"), name)
    assert sorted(found("source:blog")) == ["Ada", "Bob"]
    assert found("-source:blog before:2027") == ["Carl"]


def test_categories_are_found_by_address_or_name() -> None:
    make_entry(make_feed(category=make_category("Web & more", slug="web")), "One")
    make_entry(title="Two")
    assert found("category:WEB") == found('category:"web & MORE"') == ["One"]
    assert found("-category:web before:2027") == ["Two"]
    told = "No source stands in a category called “x”."
    assert find(parse("category:x"), Entry.objects.listed(), limit=5).unknown == (told,)


def test_a_tag_may_have_signs_that_mean_something_to_databases() -> None:
    entry, mark = make_entry(), 'g:19"_{monitor},_\\'
    EntryText.objects.filter(entry=entry).update(terms=f"{mark} post")
    assert ids_meeting(Condition(one_of=((mark, 'g:"'),))) == [entry.pk]


def test_a_tag_that_was_joined_into_another_is_one_with_it_and_a_hidden_one_is_none() -> None:
    for number, tag in enumerate(["Python", "Snakes", "Eels"]):
        entry = make_entry(title=f"Of {tag}", tags=[tag], days_ago=number)
        with site_change():
            tag_entries([entry])
    python, snakes, eels = (Tag.objects.get(name=name) for name in ("Python", "Snakes", "Eels"))
    Tag.objects.filter(pk=snakes.pk).update(joined_into=python)
    Tag.objects.filter(pk=eels.pk).update(is_hidden=True)
    assert found("tag:python") == found("tag:snakes") == ["Of Python", "Of Snakes"]
    assert found("tag:eels") == []


def test_a_tag_that_nothing_has_is_named_as_a_hidden_one_is() -> None:
    for name in ("Eels", "Secret", "Seen"):
        entry = make_entry(title=f"Of {name}", tags=[name])
        with site_change():
            tag_entries([entry])
    Tag.objects.filter(name="Eels").update(is_hidden=True)
    Tag.objects.filter(name="Secret").update(post_count=0)
    for name in ("eels", "secret", "nowhere"):
        for asked in (f"tag:{name} else", f"tag:seen tag:{name} else", f"source:x tag:{name}"):
            told = find(parse(asked), Entry.objects.listed(), limit=5).unknown
            assert told[-1:] == (f"No tag is called “{name}”.",), asked
    assert find(parse("tag:seen else"), Entry.objects.listed(), limit=5).unknown == ()


# -- one second ------------------------------------------------------------------------------------------------------


def endless() -> str:
    series = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000)"
    return f"{series} SELECT count(*) FROM n"


@pytest.mark.parametrize("is_in_transaction", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_question_ends_and_leaves_the_connection_usable(
    monkeypatch: pytest.MonkeyPatch, *, is_in_transaction: bool
) -> None:
    monkeypatch.setattr(deadline, "MAX_SECONDS", 0.1)
    entry = make_entry(title="Needle")
    with transaction.atomic() if is_in_transaction else nullcontext():
        if is_in_transaction:
            Entry.objects.filter(pk=entry.pk).update(title="Needles")
        with pytest.raises(TooSlow, match="a second"), within_a_second(), connection.cursor() as cursor:
            cursor.execute(endless())
        assert Entry.objects.get().title == ("Needles" if is_in_transaction else "Needle")
        monkeypatch.setattr(deadline, "MAX_SECONDS", 60)
        assert found("needle") == [Entry.objects.get().title]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                assert cursor.fetchone() == ("0",)
                cursor.execute("SHOW enable_seqscan")
                assert cursor.fetchone() == ("on",)
    assert Entry.objects.get().title == ("Needles" if is_in_transaction else "Needle")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), within_a_second():
        raise ZeroDivisionError
    assert Entry.objects.count() == 0


@contextmanager
def somebody_writes() -> Iterator[None]:
    """SQLite has one lock for all who write; on PostgreSQL, nobody waits for whom they don't disturb."""
    if connection.vendor != "sqlite":
        yield
        return
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.django_db(transaction=True)
def test_a_search_takes_no_lock_and_changes_nothing() -> None:
    make_entry(title="Needle")
    with somebody_writes(), connection.execute_wrapper(refusing_to_write):
        assert found("needle") == ["Needle"]
        assert found('"needle" source:blog tag:x -y', order=BEST) == []
        assert nearest_titles(parse("needel"), Entry.objects.listed())


def refusing_to_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.startswith(("SELECT", "SET LOCAL")), sql
    return execute(sql, params, many, context)


@pytest.mark.parametrize(("text", "order"), [("word", BEST), ('"long word"', finding.NEWEST)])
def test_few_texts_of_posts_are_in_memory_at_a_time(text: str, order: str) -> None:
    """A blog can bring posts of a megabyte, and one search reads thousands of posts."""
    feed = make_feed()
    for number in range(80):
        about(f"Post {number}", "long word", feed=feed)
    EntryText.objects.update(terms=Concat("terms", Value(" long word" * 20_000)))
    tracemalloc.start()
    try:
        assert len(found(text, order=order)) == 20
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_ranking_ends_with_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        about(f"Post {number}", "some word")
    read: list[int] = []
    of = ranking._Rank.of

    def rank(self: ranking._Rank, padded: str) -> float:
        read.append(1)
        return of(self, padded)

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return 100.0 * deadline.MAX_SECONDS * (len(read) > 1)

    monkeypatch.setattr(ranking._Rank, "of", rank)
    monkeypatch.setattr(deadline, "time", Clock)
    with pytest.raises(TooSlow):
        found("word", order=BEST)
