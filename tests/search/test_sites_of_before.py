"""A site of before that had no search, no tags and no authors gets all three, by the worker alone; and the way back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from aggregator.curating import authors, tags
from aggregator.models import (
    Author,
    Entry,
    EntryAuthor,
    EntryTag,
    EntryText,
    Feed,
    SearchState,
    Tag,
    TagBacklog,
    site_change,
)
from aggregator.models.author import FormerAuthorSlug, UnreadBylines
from aggregator.models.counting import refresh_counts
from aggregator.search.checking import faults_of_index, wrong_entries
from aggregator.search.finding import find
from aggregator.search.index import index
from aggregator.search.query import parse
from aggregator.search.terms import VERSION
from aggregator.tasks import index_older_entries, look_after_tags, read_bylines_of_before
from tests.factories import NOW, make_feed, unsaved_entry
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, site_variables
from tests.stores import store_items
from tests.tagged import tag_all
from tests.writers import by

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BEFORE = "0031_ownership_looks"
NEW_TABLES = (
    *("EntryText", "SearchState", "Tag", "EntryTag", "TagBacklog", "TagOfMonth"),
    *("Author", "EntryAuthor", "FormerAuthorSlug", "UnreadBylines"),
)
TASKS = (index_older_entries, look_after_tags, read_bylines_of_before)
KILLED_BEFORE = (1, 4, 7, 11, 16, 22, 29)
"""Statements of a task."""


def migrate(name: str = "") -> Any:
    executor = MigrationExecutor(connection)
    return executor.migrate([("aggregator", name)] if name else executor.loader.graph.leaf_nodes()).apps


@pytest.fixture(autouse=True)
def tables_of_today() -> Iterator[None]:
    yield
    migrate()


def tables() -> set[str]:
    """All that a database has, also what SQLite keeps beside a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master")
        else:
            cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        return {name for (name,) in cursor.fetchall()}


def kept() -> list[Any]:
    return list(Entry.objects.order_by("pk").values())


def said() -> tuple[Any, ...]:
    """What is told of posts, whatever the numbers of rows: words, tags and authors."""
    return (
        dict(EntryText.objects.values_list("pk", "terms")),
        Counter(EntryTag.objects.values_list("entry", "tag__key", "is_listed", "timeline_at")),
        Counter(EntryAuthor.objects.values_list("entry", "author__feed", "author__name", "timeline_at")),
        dict(Tag.objects.filter(post_count__gt=0).values_list("key", "post_count")),
    )


def fill() -> None:
    """Posts that polls brought, of two blogs."""
    for number in range(2):
        both = by(f"Two {number}", "Ann Smith", "Bob Jones", days_ago=2)
        store_items(make_feed(), by(f"One {number}", "Ann Smith"), both, by(f"Three {number}", "Cleo", days_ago=3))
    tag_all("Birds", "Grey herons")
    index(Entry.objects.values_list("pk", flat=True))


def fill_other_tables() -> None:
    """Rows in each table that is new, also in those that are mostly empty."""
    SearchState.objects.update_or_create(pk=1, defaults={"version": 1})
    TagBacklog.objects.create(pk=1, below=3)
    UnreadBylines.objects.create(below=3)
    FormerAuthorSlug.objects.create(slug="old", author=Author.objects.all()[0])
    tags.join(Tag.objects.all(), NOW)
    authors.join(Author.objects.filter(name="Ann Smith"), NOW)


def older_posts(count: int, entry: Any = Entry) -> list[Any]:
    """Unsaved: of a site that has never told of them but in a list. `entry` is the model as it was then."""
    feed = make_feed("Older")
    columns = [field.attname for field in entry._meta.concrete_fields if not field.primary_key]
    rows = (
        unsaved_entry(feed, f"Egret {n}", days_ago=1 + n / 99, author=f"Dora {n % 7}", tags=[f"Tag {n % 5}", "Birds"])
        for n in range(count)
    )
    return [entry(**{name: getattr(row, name) for name in columns}) for row in rows]


def is_caught_up() -> bool:
    is_read = SearchState.objects.filter(is_done=True, version=VERSION).exists()
    return is_read and not (TagBacklog.objects.exists() or UnreadBylines.objects.exists())


def catch_up() -> None:
    while not is_caught_up():
        for task in TASKS:
            task.call_local()


def assert_all_is_told() -> None:
    """Each post is found by its words, and stands under its tags and authors, once."""
    assert (faults_of_index(), list(wrong_entries(lambda *_: None))) == ("", [])
    entries = list(Entry.objects.order_by("pk"))
    assert EntryText.objects.count() == len(entries)
    listed = EntryTag.objects.filter(is_listed=True)
    assert Counter(listed.values_list("entry", flat=True)) == Counter({entry.pk: len(entry.tags) for entry in entries})
    written = Counter(EntryAuthor.objects.values_list("entry", flat=True))
    assert written == Counter({entry.pk: len(entry.author.split(", ")) for entry in entries})
    counted = Counter(key for [key] in listed.values_list("tag__key"))
    assert dict(Tag.objects.values_list("key", "post_count")) == counted


def test_there_and_back_and_there_again_with_rows_in_all_tables() -> None:
    fill()
    told, tables_before = said(), tables()
    fill_other_tables()
    assert [name for name in NEW_TABLES if not apps.get_model("aggregator", name).objects.exists()] == []
    posts = kept()
    for _ in range(2):
        old = migrate(BEFORE)
        left = {name for name in tables() if re.search("entryte|entryta|search|tag|author|byline", name)}
        assert left == set()
        migrate()
        assert tables() == tables_before
        assert kept() == posts
        assert [said_of for said_of in said() if said_of] == []
        catch_up()
        assert said() == told
        assert_all_is_told()
        assert len(find(parse("three"), Entry.objects.listed(), limit=9).entry_ids) == 2
    migrate(BEFORE)
    entry = old.get_model("aggregator", "Entry")
    entry.objects.bulk_create(older_posts(3, entry))
    migrate()
    catch_up()
    assert Entry.objects.count() == len(posts) + 3
    assert_all_is_told()


def test_a_large_site_of_before_catches_up_however_often_its_worker_is_killed() -> None:
    migrate(BEFORE)
    migrate()
    Entry.objects.bulk_create(older_posts(2_000))
    with site_change():
        refresh_counts(Feed.objects.locked())
    newest = Entry.objects.latest("pk").pk
    TagBacklog.objects.create(pk=1, below=newest + 1)
    UnreadBylines.objects.create(below=newest + 1)
    variables = site_variables() | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.search.catching_up_killed"]
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for part, statement in product(range(len(TASKS)), KILLED_BEFORE):
            print(part, statement, file=process.stdin, flush=True)
            assert process.stdout.readline().strip() == "killed"
            assert faults_of_index() == ""
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)
    assert not is_caught_up()
    catch_up()
    assert_all_is_told()
