"""A program that is older than the tables of the site: it can't know what they hold, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from aggregator.keeping.backing_up import back_up
from aggregator.models import Feed
from tests.commands.running import refusal, run
from tests.factories import make_feed
from tests.keeping.sites import SILENT, fill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
NEWER = "9999_of_a_later_version"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    fill()
    path = tmp_path / "site.tar.gz"
    back_up(path, timezone.now(), SILENT)
    return path


@pytest.fixture
def newer_tables(backup: Path) -> Iterator[None]:
    """As a later version leaves them: a column that must be filled, and a table that refers to another."""
    make_feed("Since the upgrade")
    recorder = MigrationRecorder(connection)
    recorder.record_applied("aggregator", NEWER)
    with connection.cursor() as cursor:
        key = "INTEGER PRIMARY KEY, feed_id BIGINT NOT NULL REFERENCES aggregator_feed (id)"
        cursor.execute(f"CREATE TABLE aggregator_newer (id {key})")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS aggregator_newer")
    recorder.record_unapplied("aggregator", NEWER)


def test_the_way_back_on_postgresql_is_a_new_database_and_it_says_so(backup: Path, newer_tables: None) -> None:
    """There rows go into the tables that are there; on SQLite the whole file is replaced, newer tables and all."""
    if connection.vendor == "sqlite":
        run("restore", str(backup), "--replace")
        assert NEWER not in {name for _, name in MigrationRecorder(connection).applied_migrations()}
        assert Feed.objects.count() == 2
        return
    _, said = refusal("restore", str(backup), "--replace")
    assert NEWER in said
    assert "createdb" in said
    assert "DATABASE_URL" in said
    assert Feed.objects.count() == 3


def test_it_makes_a_backup_of_all_or_none(newer_tables: None, tmp_path: Path) -> None:
    """SQLite's file is copied whole; from PostgreSQL, an older program would take only what it knows."""
    path = tmp_path / "later.tar.gz"
    if connection.vendor == "sqlite":
        run("backup", str(path))
        return
    _, said = refusal("backup", str(path))
    assert NEWER in said
    assert "Make the backup with" in said
    assert not path.exists()
