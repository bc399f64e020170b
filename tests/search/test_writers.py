"""Whoever changes an entry says what it is found by: all ways that there are, and that there are no others."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

import aggregator
from aggregator.curating.feeds import delete_feeds
from aggregator.curating.guests import GuestPost, add_post
from aggregator.models import Entry, EntryText, Feed, SearchState
from aggregator.polling.skew import set_right
from aggregator.retention.posts import let_go
from aggregator.search.catching_up import catch_up
from aggregator.search.checking import faults_of_index, wrong_entries
from aggregator.search.index import SOURCES, index
from tests.factories import NOW, make_entry, make_feed
from tests.stores import make_item, new_feed, store_items

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
TEXT = "<p>kingfisher</p><p>at the brook</p>"


def words(entry: Entry) -> set[str]:
    return set(EntryText.objects.get(pk=entry.pk).terms.split(" "))


def assert_clean() -> None:
    """Of all entries, as if the worker had been through."""
    SearchState.objects.update_or_create(pk=1, defaults={"version": 1, "is_done": True})
    assert (faults_of_index(), list(wrong_entries(lambda *_: None))) == ("", [])


# -- all ways --------------------------------------------------------------------------------------------------------


def by_a_first_poll(folder: Path) -> str:
    store_items(new_feed(), make_item("heron", content_html=TEXT))
    return "kingfisher"


def by_an_edit(folder: Path) -> str:
    feed = new_feed()
    store_items(feed, make_item("heron"), make_item("other"))
    store_items(feed, make_item("heron", content_html=TEXT, content_hash="2"), make_item("other"))
    return "kingfisher"


def by_a_title_alone(folder: Path) -> str:
    feed = new_feed()
    store_items(feed, make_item("heron", content_html=TEXT))
    store_items(feed, make_item("heron", title="Kingfisher", content_html=None, content_hash="hash of heron"))
    return "t:kingfisher"


def by_first_tags(folder: Path) -> str:
    feed = new_feed()
    store_items(feed, make_item("heron"))
    store_items(feed, make_item("heron", tags=("Water birds",)))
    return "g:water_birds"


def by_another_date(folder: Path) -> str:
    feed = new_feed()
    store_items(feed, make_item("heron", days_ago=1))
    store_items(feed, make_item("heron", days_ago=40))
    return "p:2026-05-15"


def by_a_guest(folder: Path) -> str:
    add_post(GuestPost("https://guest.example/heron", "Heron", author="Kingfisher"), NOW)
    return "a:kingfisher"


def by_a_clock_that_is_right_again(folder: Path) -> str:
    feed = make_feed(last_polled_at=NOW + YEAR, next_poll_at=NOW + YEAR)
    entry = make_entry(feed, timeline_at=NOW + YEAR, first_seen_at=NOW + YEAR, published_at=NOW - YEAR)
    assert "p:2027" in words(entry)
    set_right(NOW, lease_seconds=180)
    return "p:2025"


def by_a_fixture(folder: Path) -> str:
    """Of a site that knew nothing of words."""
    entry = make_entry(content_html=TEXT)
    path = folder / "rows.json"
    call_command(
        "dumpdata", "aggregator.category", "aggregator.feed", "aggregator.entry", output=str(path), verbosity=0
    )
    Feed.objects.get(pk=entry.feed_id).delete()
    call_command("loaddata", str(path), verbosity=0)
    return "kingfisher"


def by_a_fixture_with_words_of_another_entry(folder: Path) -> str:
    entry = make_entry(content_html=TEXT)
    path = folder / "rows.json"
    call_command("dumpdata", "aggregator", output=str(path), verbosity=0)
    rows = json.loads(path.read_text())
    for row in rows:
        if row["model"] == "aggregator.entrytext":
            row["fields"]["terms"] = "forged"
    path.write_text(json.dumps(rows))
    Feed.objects.get(pk=entry.feed_id).delete()
    call_command("loaddata", str(path), verbosity=0)
    return "kingfisher"


def by_save(folder: Path) -> str:
    entry = make_entry()
    entry.content_html = TEXT
    entry.save(update_fields=["content_html"])
    return "kingfisher"


def by_a_shell(folder: Path) -> str:
    Entry.objects.update_or_create(pk=make_entry().pk, defaults={"title": "Kingfisher"})
    return "t:kingfisher"


def by_the_worker(folder: Path) -> str:
    make_entry(content_html=TEXT)
    EntryText.objects.all().delete()
    assert catch_up(seconds=60) == 1
    return "kingfisher"


WAYS = [
    *(by_a_first_poll, by_an_edit, by_a_title_alone, by_first_tags, by_another_date, by_a_guest),
    *(by_a_clock_that_is_right_again, by_a_fixture, by_a_fixture_with_words_of_another_entry, by_save, by_a_shell),
    by_the_worker,
]


@pytest.mark.parametrize("way", WAYS)
def test_an_entry_is_found_by_what_it_says_now(way: Callable[[Path], str], tmp_path: Path) -> None:
    word = way(tmp_path)
    assert any(word in text.terms.split(" ") for text in EntryText.objects.all())
    assert_clean()


def test_an_emptied_entry_is_found_by_title_and_author(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS = 365
    feed = new_feed()
    store_items(feed, make_item("heron", days_ago=400, content_html=TEXT, tags=("Birds",)))
    assert let_go(NOW, seconds=60) == 1
    assert {"heron", "ada"} <= words(feed.entries.get())
    assert words(feed.entries.get()).isdisjoint({"kingfisher", "birds", "g:birds"})
    assert_clean()


def test_a_copy_of_an_emptied_entry_is_emptied_with_its_words(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS = 365
    item = make_item("heron", days_ago=400, content_html=f"<p>{'kingfisher ' * 60}</p>", excerpt="kingfisher " * 20)
    store_items(new_feed(), item)
    let_go(NOW, seconds=60)
    store_items(new_feed(), item, now=NOW + timedelta(hours=1))
    assert Entry.objects.filter(emptied_at__isnull=False).count() == 2
    assert not EntryText.objects.filter(terms__contains="kingfisher").exists()
    assert_clean()


@pytest.mark.parametrize("how", ["entry", "entries", "feed", "site"])
def test_what_is_deleted_leaves_no_words(how: str) -> None:
    entry = make_entry(content_html=TEXT)
    make_entry()
    if how == "entry":
        entry.delete()
    elif how == "entries":
        Entry.objects.filter(pk=entry.pk).delete()
    elif how == "feed":
        delete_feeds(Feed.objects.filter(pk=entry.feed_id), NOW)
    else:
        Feed.objects.all().delete()
    assert not EntryText.objects.filter(terms__contains="kingfisher").exists()
    assert_clean()


# -- nothing is written for nothing ----------------------------------------------------------------------------------


def test_what_is_unchanged_costs_the_index_nothing() -> None:
    feed = new_feed()
    items = [make_item(f"post {number}") for number in range(10)]
    store_items(feed, *items)
    with CaptureQueriesContext(connection) as queries:
        store_items(feed, *items)
    assert [query["sql"] for query in queries if "entrytext" in query["sql"]] == []


def test_equal_words_are_not_written_again() -> None:
    entry = make_entry()
    with CaptureQueriesContext(connection) as queries:
        assert index([entry.pk]) == 0
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_what_fails_leaves_the_words_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = new_feed()
    store_items(feed, make_item("heron"))

    def fail(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aggregator.storing.documents.fold", fail)
    with pytest.raises(KeyboardInterrupt):
        store_items(feed, make_item("heron", content_html=TEXT, content_hash="2"))
    assert "kingfisher" not in words(feed.entries.get())


# -- there are no others ---------------------------------------------------------------------------------------------

ROOT = Path(aggregator.__file__).parent
KNOWN = {
    "keeping/carrying.py": "all tables, of which that of the words is one",
    "models/author.py": "rows of who wrote entries, which have their places",
    "models/emptying.py": "those who call `empty` index: folding.fold and retention.posts",
    "models/tagging.py": "rows of tags, which have the places of their entries",
    "polling/skew.py": "indexes",
    "storing/authoring.py": "rows of who wrote entries",
    "storing/documents.py": "indexes",
    "storing/inserting.py": "indexes",
}
"""Where rows of entries are written with columns that words are made of, otherwise than by `save`."""
CALLERS_OF_EMPTY = {"folding/fold.py", "retention/posts.py"}
OF_OTHER_ROWS = {"feed", "title", "author"}
"""Rows of other kinds have such columns, too; none of ours writes them of an entry without another one of these."""
MANY = {"update", "save_each", "bulk_create", "bulk_update", "executemany"}


def written_columns(call: ast.Call) -> set[str]:
    """What a call names that words are made of, as keywords or as texts."""
    texts = {node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    named = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    keywords = {word.arg for word in call.keywords if word.arg}
    whole = {"content_html"} if named & {"FOLLOWED_FIELDS", "_TEXTLESS"} else set()
    return (texts | keywords | whole) & ({*SOURCES} - OF_OTHER_ROWS)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def test_nobody_writes_entries_in_a_way_that_is_not_known() -> None:
    paths = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py") if "migrations" not in path.parts}
    writers = {
        name
        for name, path in paths.items()
        for verb, call in calls(path)
        if verb in MANY and (written_columns(call) or ast.unparse(call.func) == "Entry.objects.bulk_create")
    }
    emptying = {name for name, path in paths.items() for verb, _ in calls(path) if verb == "empty"}
    assert writers - KNOWN.keys() == set()
    assert emptying == CALLERS_OF_EMPTY
