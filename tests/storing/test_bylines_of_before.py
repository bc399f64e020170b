"""Authors of posts that were here before authors were: told from lines of names, in small steps."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Author, Entry, EntryAuthor, SiteState, steps
from aggregator.models.author import UnreadBylines
from aggregator.storing import bylines_of_before
from aggregator.storing.bylines_of_before import read_bylines
from tests.factories import NOW, make_entry, make_feed
from tests.stores import store_items
from tests.writers import by

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bylines_of_before, "STEP_ENTRIES", 3)
    feed = make_feed()
    for line in ("Ann Smith, Bob Jones", "Ann Smith", "admin", "", "King, Jr.", "Ann Smith", "Cleo"):
        make_entry(feed, f"By {line}", author=line)
    make_entry(feed, "emptied", author="Ann Smith", emptied_at=NOW)
    newest = Entry.objects.order_by("-pk")[0]
    UnreadBylines.objects.create(below=newest.pk + 1)


def names() -> list[str]:
    return sorted(EntryAuthor.objects.values_list("author__name", flat=True))


@pytest.mark.usefixtures("before")
def test_all_are_read_and_then_nothing_is_left_to_do() -> None:
    version = SiteState.objects.current().version
    assert read_bylines(NOW, seconds=60) == Entry.objects.count()
    assert names() == ["Ann Smith", "Ann Smith", "Ann Smith", "Bob Jones", "Cleo", "King, Jr."]
    assert SiteState.objects.current().version > version
    assert not UnreadBylines.objects.exists()
    assert read_bylines(NOW, seconds=60) == 0


@pytest.mark.usefixtures("before")
def test_a_run_goes_on_where_the_last_one_ended() -> None:
    steps = [read_bylines(NOW, seconds=0.0) for _ in range(2)]
    assert steps == [0, 0]
    assert [bylines_of_before._step(NOW) for _ in range(4)] == [3, 3, 2, 0]
    assert len(names()) == 6


@pytest.mark.usefixtures("before")
def test_what_a_poll_brought_since_stays_as_the_feed_said_it() -> None:
    store_items(make_feed(), by("new", "Smith, John", "Ann Smith"))
    read_bylines(NOW, seconds=60)
    assert set(EntryAuthor.objects.filter(entry__title="new").values_list("author__name", flat=True)) == {
        "Smith, John",
        "Ann Smith",
    }


@pytest.mark.usefixtures("before")
def test_names_that_the_feed_is_known_for_are_taken_whole() -> None:
    feed = Entry.objects.all()[0].feed
    make_entry(feed, "old", author="Ann, Bob")
    store_items(feed, by("new", "Ann", "Bob"))
    UnreadBylines.objects.update(below=Entry.objects.order_by("-pk")[0].pk + 1)
    read_bylines(NOW, seconds=60)
    assert set(EntryAuthor.objects.filter(entry__title="old").values_list("author__name", flat=True)) == {"Ann", "Bob"}


def test_a_site_without_posts_of_before_asks_one_question() -> None:
    make_entry(author="Ann")
    with CaptureQueriesContext(connection) as queries:
        assert read_bylines(NOW, seconds=60) == 0
    assert len(queries) == 1
    assert not Author.objects.exists()


def test_posts_that_a_worker_of_before_brings_after_an_upgrade_are_read_too() -> None:
    make_entry(author="Ann Smith")
    import_module("aggregator.migrations.0034_authors").note_posts_of_before(apps, None)
    make_entry(author="Bob Jones")
    assert read_bylines(NOW, seconds=60) == 2
    assert names() == ["Ann Smith", "Bob Jones"]
    assert not UnreadBylines.objects.exists()


@pytest.mark.usefixtures("before")
def test_others_have_the_database_as_long_as_the_worker_has(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("aggregator.models.steps.time.sleep", pauses.append)
    read_bylines(NOW, seconds=60)
    assert len(pauses) == 3
    assert min(pauses) >= steps.MIN_PAUSE_SECONDS
