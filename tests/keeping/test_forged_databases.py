"""A backup that a stranger forged, and its database: what no version of Orrery left is refused, and runs nowhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.utils import timezone

from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.keeping.in_use import FILE
from aggregator.keeping.inspection import what_it_brings_in_plain_words
from aggregator.models import Feed
from tests.commands.running import refusal
from tests.factories import make_feed
from tests.keeping.forging import Forger
from tests.keeping.sites import SILENT, fill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


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
    make_feed("Since then")
    return path


@pytest.fixture
def forger(backup: Path) -> Forger:
    return Forger(backup)


def check_that_it_is_refused(backup: Path, said: str) -> None:
    _, sentence = refusal("restore", str(backup), "--replace")
    assert sentence.startswith("This is no backup of Orrery's, or it is damaged: ")
    assert said in sentence
    assert sentence.isprintable()
    assert len(sentence) < 600
    assert Feed.objects.count() == 3
    assert [user.username for user in get_user_model().objects.all()] == ["ann"]
    assert [path.name for path in (backup.parent / "data").iterdir()] == [FILE]


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            ["CREATE TRIGGER own AFTER DELETE ON django_session BEGIN UPDATE auth_user SET username = 'mallory'; END"],
            "the trigger “own”",
        ),
        (['CREATE VIEW "\x1b[2J" AS SELECT 1'], "the view “[2J”"),
        (
            [
                "ALTER TABLE aggregator_category RENAME TO other",
                "CREATE VIEW aggregator_category AS SELECT * FROM other",
            ],
            "the view “aggregator_category”",
        ),
        (
            [
                "DROP TABLE django_session",
                f"CREATE VIEW django_session AS {ENDLESS} SELECT x AS session_key, x AS expire_date FROM c",
            ],
            "the view “django_session”",
        ),
        (["CREATE VIRTUAL TABLE own USING fts5(x)"], "the table “own”"),
        (["DROP TABLE aggregator_filterrule"], "the table aggregator_filterrule"),
        (["DROP TABLE aggregator_entry"], "no such table"),
        (["ALTER TABLE aggregator_feed RENAME COLUMN title TO titel"], ""),
        (["ALTER TABLE aggregator_feed ADD COLUMN more integer"], "the table aggregator_feed"),
        (["ALTER TABLE aggregator_feed ADD COLUMN more AS (id + 1)"], "the table aggregator_feed"),
        (["DELETE FROM aggregator_entry"], "it says that it has 2 posts, and has 0"),
        (["DELETE FROM django_migrations"], "doesn't say which version's it is"),
        (["DROP TABLE django_migrations"], "no such table"),
        (["DELETE FROM django_migrations WHERE app = 'aggregator' AND name LIKE '0005%'"], "brought up"),
        (["DELETE FROM django_migrations WHERE app = 'aggregator'"], "brought up"),
    ],
    ids=lambda change: ascii(change)[:50],
)
def test_a_database_that_no_version_left_is_refused(
    forger: Forger, backup: Path, tmp_path: Path, changes: list[str], said: str
) -> None:
    forger.write_rows(tmp_path, *changes)
    check_that_it_is_refused(backup, said)


def torn(database: bytes) -> bytes:
    """Within a page that is in use: nobody misses others."""
    with closing(sqlite3.connect(":memory:")) as line:
        line.deserialize(database)
        [page] = line.execute("SELECT rootpage FROM sqlite_master WHERE name = 'auth_permission'").fetchone()
    at = (page - 1) * 4096
    return database[:at] + b"torn" * 1024 + database[at + 4096 :]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: b"", "its database"),
        (lambda _: b"no database" * 1000, "file is not a database"),
        (torn, "its database is damaged"),
        (lambda database: database[: len(database) // 2], "its database"),
    ],
    ids=["empty", "other", "torn", "half"],
)
def test_what_is_no_whole_database_is_refused(forger: Forger, backup: Path, change: Any, said: str) -> None:
    forger.write([(DATABASE, change(forger.database))])
    check_that_it_is_refused(backup, said)


def test_the_tables_of_a_newer_version_are_known_by_themselves(forger: Forger, backup: Path, tmp_path: Path) -> None:
    """Whatever the manifest says."""
    forger.write_rows(
        tmp_path, "INSERT INTO django_migrations (app, name, applied) VALUES ('aggregator', '9999_new\x1b[2J', '2030')"
    )
    _, said = refusal("restore", str(backup), "--replace")
    assert "A newer version of Orrery" in said
    assert "aggregator.9999_new [2J" in said
    assert said.isprintable()
    assert Feed.objects.count() == 3


def test_a_full_disk_is_not_told_of_the_backup() -> None:
    with pytest.raises(OperationalError), what_it_brings_in_plain_words():
        raise OperationalError("database or disk is full")
