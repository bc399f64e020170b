"""Long lists: added step by step, by whoever has time; wherever it breaks off, it goes on, and nothing is doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from django.db import connection, transaction
from huey.contrib.djhuey import HUEY

from aggregator.curating import imports
from aggregator.curating.feeds import delete_feeds
from aggregator.curating.imports import add_next, add_waiting, begin_import
from aggregator.exchange.opml import Outline
from aggregator.models import Category, Feed, FeedImport, ImportLine
from aggregator.models.feed_import import KEPT_DAYS, KEPT_IMPORTS
from aggregator.tasks import go_on_with_imports
from tests.at_once import AT_ONCE, together
from tests.factories import NOW, make_feed
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, site_variables

pytestmark = [pytest.mark.django_db, pytest.mark.queue]

PASSWORD = "correct-horse"


def outlines(count: int) -> list[Outline]:
    return [Outline(url=f"https://blog{number}.example/feed", title=f"Blog {number}") for number in range(count)]


def begin(entries: list[Outline], *, category: str = "") -> FeedImport:
    return begin_import(entries, category=category, curator="ada", now=NOW)


def counts(row: FeedImport) -> tuple[int, int, int]:
    row.refresh_from_db()
    return row.added_count, row.known_count, row.refused_count


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many feeds there were after each step; nobody waits between two of them."""
    found: list[int] = []
    monkeypatch.setattr(imports.time, "sleep", lambda _: found.append(Feed.objects.count()))
    return found  # type: ignore[return-value]


def test_the_worker_adds_a_list_a_hundred_at_a_time(steps: list[int]) -> None:
    row = begin(outlines(250))
    go_on_with_imports.call_local()
    assert steps == [100, 200, 250]
    assert counts(row) == (250, 0, 0)
    assert row.finished_at


def test_feeds_of_a_list_are_pending_due_and_named_as_in_the_list() -> None:
    entry = Outline(url="https://a.example/feed", title="A", site_url="https://a.example/", category="Friends")
    add_next(begin([entry]).pk, NOW)
    feed = Feed.objects.get()
    assert (feed.title, feed.site_url, feed.category.name, feed.state) == ("A", entry.site_url, "Friends", "pending")
    assert Feed.objects.due(datetime.now(UTC)).get() == feed


def test_a_chosen_category_goes_before_the_lists_own() -> None:
    add_next(begin([Outline(url="https://a.example/feed", category="Theirs")], category="Ours").pk, NOW)
    assert Feed.objects.get().category.name == "Ours"


def test_a_category_that_is_renamed_during_an_import_takes_the_others_too() -> None:
    row = begin([Outline(url=f"https://blog{number}.example/", category="Friends") for number in range(150)])
    add_next(row.pk, NOW)
    Category.objects.update(name="Neighbors")
    add_next(row.pk, NOW)
    assert set(Feed.objects.values_list("category__name", flat=True)) == {"Neighbors"}


def test_a_category_that_is_deleted_during_an_import_is_made_anew() -> None:
    row = begin([Outline(url=f"https://blog{number}.example/", category="Friends") for number in range(150)])
    add_next(row.pk, NOW)
    Category.objects.all().delete()
    add_next(row.pk, NOW)
    assert Category.objects.get().feeds.count() == 50


def test_each_line_tells_what_became_of_it() -> None:
    known = make_feed("Known", url="https://known.example/feed")
    row = begin(
        [Outline(url=url) for url in ("https://a.example/feed", "http://known.example/feed", "http://10.0.0.1/")]
    )
    add_next(row.pk, NOW)
    assert counts(row) == (1, 1, 1)
    lines = list(row.lines.looked_at())
    assert [(line.kind, line.url) for line in lines] == [
        ("refused", "http://10.0.0.1/"),
        ("known", "http://known.example/feed"),
        ("added", "https://a.example/feed"),
    ]
    assert lines[1].feed == known
    assert lines[1].text == "Already here: Known (active)."


def test_every_minute_the_worker_looks_for_imports_that_lie_unfinished() -> None:
    assert "go_on_with_imports" in {task.name for task in HUEY.read_periodic(NOW.replace(tzinfo=None))}
    row = begin(outlines(3))
    go_on_with_imports.call_local()
    assert counts(row) == (3, 0, 0)


def test_several_imports_are_done_in_turn_and_what_there_is_no_time_for_stays() -> None:
    first, second = begin(outlines(2)), begin(outlines(3))
    assert add_waiting(NOW, seconds=0) == 0
    assert add_waiting(NOW, seconds=60) == 5
    assert (counts(first), counts(second)) == ((2, 0, 0), (1, 2, 0))


def test_a_step_that_fails_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch, steps: list[int]) -> None:
    row = begin(outlines(150))
    add_next(row.pk, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(imports, "save_each", fail)
        with pytest.raises(RuntimeError):
            add_next(row.pk, NOW)
    assert Feed.objects.count() == 100
    assert counts(row) == (100, 0, 0)
    add_waiting(NOW, seconds=60)
    assert counts(row) == (150, 0, 0)


def fail(*_: object) -> None:
    raise RuntimeError


KILLED_IN_ITS_SECOND_STEP = """
import os, signal, django
django.setup()
from django.utils import timezone
from aggregator.curating import imports
save_each, steps = imports.save_each, []
def save_or_die(rows, names):
    save_each(rows, names)
    steps.append(1)
    if len(steps) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
imports.save_each = save_or_die
imports.add_waiting(timezone.now(), seconds=3600)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_a_step_loses_nothing_and_doubles_nothing() -> None:
    row = begin(outlines(250))
    command = [sys.executable, "-c", KILLED_IN_ITS_SECOND_STEP]
    killed = subprocess.run(command, cwd=ROOT, env=site_variables(), timeout=PATIENCE_SECONDS, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert counts(row) == (100, 0, 0)
    assert Feed.objects.count() == 100
    add_waiting(NOW, seconds=3600)
    assert counts(row) == (250, 0, 0)
    assert Feed.objects.count() == 250


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_import_never_do_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ADDED_AT_ONCE", 5)
    row = begin(outlines(120))

    def work(_: int) -> list[str]:
        return [line.url for _ in range(60) for line in add_next(row.pk, NOW)]

    done = [url for found in together(work) for url in cast("list[str]", found)]
    assert done
    add_waiting(NOW, seconds=3600)  # the rest, if all of them looked away at once
    assert counts(row) == (120, 0, 0)
    assert len(done) == len(set(done))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all writers")
def test_an_import_that_somebody_is_at_is_left_alone() -> None:
    row = begin(outlines(3))
    with transaction.atomic():
        assert FeedImport.objects.take(row.pk)
        assert together(lambda _: add_next(row.pk, NOW)) == [[]] * AT_ONCE
    assert len(add_next(row.pk, NOW)) == 3


def test_a_line_that_fails_by_a_fault_of_ours_is_refused_and_stops_no_other(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAUSE_SECONDS", 0)
    row, other = begin(outlines(5)), begin([Outline(url="https://other.example/feed")])
    ImportLine.objects.filter(feed_import=row, number=2).update(wanted={"of": "an older version"})
    assert add_waiting(NOW, seconds=3600) == 6
    assert (counts(row), counts(other)) == ((4, 0, 1), (1, 0, 0))
    assert "fault on our side" in row.lines.get(kind="refused").text
    assert any(record.exc_info for record in caplog.records)


def test_a_feed_that_is_deleted_leaves_its_line() -> None:
    row = begin(outlines(1))
    add_next(row.pk, NOW)
    delete_feeds(Feed.objects.all(), NOW)
    line = row.lines.looked_at().get()
    assert (line.kind, line.feed) == ("added", None)


def test_a_password_is_in_no_report_and_forgotten_once_its_line_is_looked_at() -> None:
    row = begin([Outline(url=f"https://ada:{PASSWORD}@a.example/feed"), *outlines(1)])
    assert PASSWORD not in "".join(row.lines.values_list("url", flat=True))
    add_next(row.pk, NOW)
    assert PASSWORD not in str(list(ImportLine.objects.values()))
    assert set(map(str, row.lines.values_list("wanted", flat=True))) == {"{}"}


def finished(days_ago: float) -> FeedImport:
    row = begin(outlines(1))
    FeedImport.objects.filter(pk=row.pk).update(finished_at=NOW - timedelta(days=days_ago))
    return row


def test_reports_are_kept_for_some_days() -> None:
    finished(KEPT_DAYS + 1)
    kept = finished(KEPT_DAYS - 1)
    FeedImport.objects.forget_old(NOW)
    assert FeedImport.objects.get() == kept
    assert ImportLine.objects.get().feed_import == kept


def test_of_many_imports_the_last_reports_are_kept() -> None:
    rows = [finished(1 - number / 100) for number in range(KEPT_IMPORTS + 2)]
    FeedImport.objects.forget_old(NOW)
    assert list(FeedImport.objects.order_by("pk")) == rows[2:]


def test_an_import_that_is_not_done_is_never_forgotten() -> None:
    row = begin(outlines(1))
    for _ in range(KEPT_IMPORTS + 1):
        finished(0)
    FeedImport.objects.forget_old(NOW + timedelta(days=2 * KEPT_DAYS))
    assert FeedImport.objects.get() == row


def test_the_workers_tick_forgets_old_reports() -> None:
    finished(10 * KEPT_DAYS)
    FeedImport.objects.update(finished_at=datetime.now(UTC) - timedelta(days=KEPT_DAYS + 1))
    go_on_with_imports.call_local()
    assert not FeedImport.objects.exists()
