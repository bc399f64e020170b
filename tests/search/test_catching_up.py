"""The worker reads posts of before, from the newest down, and whoever asks is told how far it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from aggregator.models import Entry, EntryText, SearchState, steps
from aggregator.models.counting import refresh_counts
from aggregator.models.entry_text import FULL_TEXT, FULL_TEXT_DROPPED
from aggregator.search import catching_up
from aggregator.search.catching_up import catch_up, step
from aggregator.search.index import index
from aggregator.search.progress import progress
from aggregator.search.terms import VERSION
from aggregator.tasks import index_older_entries
from tests.at_once import meanwhile, together
from tests.factories import make_feed, unsaved_entry

DAY = timedelta(days=1)
sqlite_alone = pytest.mark.skipif(connection.vendor != "sqlite", reason="a table of SQLite's")


def fill(count: int = 4) -> list[Entry]:
    """Entries of before the index, the newest first."""
    feed = make_feed()
    entries = [unsaved_entry(feed, f"Post {number}", days_ago=1 + number) for number in range(count)]
    Entry.objects.bulk_create(entries[::-1])
    refresh_counts([feed])
    return entries


def found() -> set[int]:
    return set(EntryText.objects.filter(version=VERSION).values_list("pk", flat=True))


def check() -> str:
    """What `search --check` finds."""
    try:
        call_command("search", check=True)
    except CommandError as error:
        return str(error)
    return ""


@pytest.fixture
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching_up, "STEP_ROWS", 2)
    monkeypatch.setattr(steps, "MIN_PAUSE_SECONDS", 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("two_at_a_time")
def test_it_goes_from_the_newest_down_and_says_how_far_it_is() -> None:
    first, second, third, fourth = fill()
    begun = progress()
    assert begun
    assert (begun.reached_at, begun.percent) == (None, 0)
    assert step() == 2
    assert found() == {first.pk, second.pk}
    so_far = progress()
    assert so_far
    assert (so_far.reached_at, so_far.percent) == (second.timeline_at, 25)  # of that day there may be more
    assert catch_up(seconds=60) == 2
    assert found() == {first.pk, second.pk, third.pk, fourth.pk}
    assert progress() is None
    assert check() == ""


@pytest.mark.django_db
def test_a_site_without_posts_has_nothing_to_read() -> None:
    assert progress() is None


@pytest.mark.django_db
def test_a_tick_that_has_nothing_to_do_asks_once_and_writes_nothing() -> None:
    fill()
    index_older_entries.call_local()
    with CaptureQueriesContext(connection) as queries:
        index_older_entries.call_local()
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db
def test_what_is_found_already_is_not_read_again() -> None:
    fill()
    index(Entry.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        assert catch_up(seconds=60) == 4
    assert not [query["sql"] for query in queries if "content_html" in query["sql"]]


@pytest.mark.django_db
@pytest.mark.usefixtures("two_at_a_time")
def test_other_terms_begin_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    catch_up(seconds=60)
    for module in ("catching_up", "index", "progress", "checking"):
        monkeypatch.setattr(f"aggregator.search.{module}.VERSION", VERSION + 1)
    assert progress()
    assert check() == ""  # they are still to be read
    assert catch_up(seconds=60) == 4
    assert set(EntryText.objects.values_list("version", flat=True)) == {VERSION + 1}


@pytest.mark.django_db(transaction=True)
def test_a_check_names_what_is_wrong_and_a_rebuild_mends_it() -> None:
    entries = fill(3)
    catch_up(seconds=60)
    EntryText.objects.filter(pk=entries[0].pk).delete()
    EntryText.objects.filter(pk=entries[1].pk).update(terms="forged")
    said = check()
    assert said.startswith("2 posts aren't found by what stands in it:")
    assert f"  {entries[0].pk}  Post 0" in said
    assert "search --rebuild" in said
    call_command("search", rebuild=True)
    assert check() == ""


@sqlite_alone
@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["ghost", "triggers", "table", "segments"])
def test_a_damaged_index_is_noticed_and_made_anew(damage: str) -> None:
    [entry] = fill(1)
    catch_up(seconds=60)
    with connection.cursor() as cursor:
        if damage == "ghost":  # as REPLACE leaves it
            cursor.execute(f"INSERT INTO {FULL_TEXT} (rowid, terms) VALUES (%s, 'ghost')", [entry.pk])
        elif damage == "segments":
            cursor.execute(f"DELETE FROM {FULL_TEXT}_data WHERE id > 10")
        else:
            for statement in FULL_TEXT_DROPPED[:-1] if damage == "triggers" else FULL_TEXT_DROPPED:
                cursor.execute(statement)
    assert "The search index is damaged: " in check()
    call_command("search", rebuild=True)
    assert check() == ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid FROM {FULL_TEXT} WHERE {FULL_TEXT} MATCH 'post'")
        assert cursor.fetchall() == [(entry.pk,)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_each_post_once() -> None:
    fill(40)
    results = together(lambda _: catch_up(seconds=60))
    assert [result for result in results if isinstance(result, Exception)] == []
    while catch_up(seconds=60):
        pass
    assert SearchState.objects.get().is_done
    assert check() == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_undone", [False, True])
def test_a_step_against_a_poll_that_edits_an_entry(is_undone: bool) -> None:
    """On PostgreSQL the step passes over it, and the next one finds it as it is then. SQLite has it wait."""
    entry, other = fill(2)
    Entry.objects.filter(pk=entry.pk).update(title="Before")

    def edit() -> None:
        Entry.objects.filter(pk=entry.pk).update(title="Kingfisher")
        index([entry.pk])

    def end() -> None:
        if is_undone:
            transaction.set_rollback(True)

    meanwhile(edit, end, step)
    while not SearchState.objects.current().is_done:
        step()
    assert found() == {entry.pk, other.pk}
    terms = EntryText.objects.get(pk=entry.pk).terms.split(" ")
    assert ("t:kingfisher" in terms, "t:before" in terms) == (not is_undone, is_undone)
    assert check() == ""
