"""Databases that can't be used, in words."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.utils import ConnectionHandler

from aggregator.models.faults import StorageFailed, faults_in_plain_words


def test_a_database_that_was_never_set_up_is_told_from_one_that_fails(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "empty.sqlite3")) as line, pytest.raises(sqlite3.OperationalError) as fault:
        line.execute("SELECT * FROM aggregator_feed")
    with pytest.raises(StorageFailed, match=r"no tables yet; `manage\.py migrate`"), faults_in_plain_words():
        raise OperationalError(str(fault.value))


@pytest.mark.parametrize("missing", ["aggregator_no_table", "aggregator_feed.no_column"])
@pytest.mark.django_db
def test_tables_of_another_version_are_told_from_a_database_that_fails(missing: str) -> None:
    table, _, column = missing.partition(".")
    with (
        connection.cursor() as cursor,
        pytest.raises(StorageFailed, match=r"`manage\.py migrate`"),
        faults_in_plain_words(),
        transaction.atomic(),
    ):
        cursor.execute(f"SELECT {column or '*'} FROM {table}")


TO_A_SERVER = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: FATAL:  '


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('database "fulltext" does not exist', "it has no database of that name; `createdb fulltext` makes it"),
        ('role "orrery" does not exist', "it knows no user “orrery”; see the user in DATABASE_URL"),
        ('password authentication failed for user "orrery"', "see user and password in DATABASE_URL"),
        ('no pg_hba.conf entry for host "127.0.0.1", user "o"', "see user and password in DATABASE_URL"),
        ("fe_sendauth: no password supplied", "see user and password in DATABASE_URL"),
    ],
)
def test_a_server_that_lets_us_not_in_is_told_from_tables_that_are_missing(said: str, meant: str) -> None:
    with pytest.raises(StorageFailed, match=re.escape(meant)), faults_in_plain_words():
        raise OperationalError(TO_A_SERVER + said)


def test_a_question_that_we_put_wrongly_is_no_fault_of_the_database() -> None:
    with pytest.raises(ProgrammingError), faults_in_plain_words():
        raise ProgrammingError('syntax error at or near "FROM"')


TORN = "invalid page in block 7 of relation base/16384/16397"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (TORN, "it is damaged; restore the last good backup"),
        ("unsupported file format", "another version of SQLite wrote its file"),
        ("out of memory", "its machine is out of memory"),
        ('could not extend file "base/1/2": No space left on device', "its disk is full"),
        ("database or disk is full", "its disk is full"),
        (TO_A_SERVER + "sorry, too many clients already", "it gives no more connections"),
        (TO_A_SERVER + "the database system is starting up", "it is being started or stopped"),
        ("terminating connection due to administrator command", "it is being started or stopped"),
        ("deadlock detected", "others are changing the same rows"),
        ("canceling statement due to lock timeout", "others are changing the same rows"),
        ("canceling statement due to statement timeout", "see statement_timeout there"),
        ("cannot execute UPDATE in a read-only transaction", "it may only be read"),
        ("attempt to write a readonly database", "it may only be read; see who may write to its file and its folder"),
        ("disk I/O error", "its disk fails or is full"),
        ('failed to resolve host "db": Name or service not known', "the name of its machine leads nowhere"),
        ('server at "127.0.0.1", port 1 failed: Connection refused', "nobody answers there; is it running?"),
        ("connection timeout expired", "its machine doesn't answer"),
        ("server closed the connection unexpectedly", "it broke the connection off"),
        ("the connection is closed", "it broke the connection off"),
        ("unable to open database file", "can't be opened; see who owns it, who may write to its folder"),
        ("database is locked", "another program keeps it locked"),
    ],
)
def test_each_fault_has_its_sentence(said: str, meant: str) -> None:
    with pytest.raises(StorageFailed, match=re.escape(meant)), faults_in_plain_words():
        raise OperationalError(said)


@pytest.mark.django_db
@pytest.mark.any_database
@pytest.mark.parametrize("is_torn", [True, False])
def test_a_file_that_is_damaged_or_no_database_is_said_so(tmp_path: Path, *, is_torn: bool) -> None:
    """With real files: SQLite raises the class that all its others are derived from."""
    path = tmp_path / "site.sqlite3"
    with closing(sqlite3.connect(path)) as line:
        line.executescript("CREATE TABLE posts (text); WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n "
                           "LIMIT 9000) INSERT INTO posts SELECT hex(randomblob(50)) FROM n")  # fmt: skip
    with path.open("r+b") as file:
        file.seek(4096 if is_torn else 0)
        file.write(b"torn" * 4096)
    site = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}})["default"]
    meant = "it is damaged; restore the last good backup" if is_torn else "its file is no database"
    with (
        closing(site),
        pytest.raises(StorageFailed, match=meant) as told,
        faults_in_plain_words(),
        site.cursor() as cursor,
    ):
        cursor.execute("SELECT sum(length(text)) FROM posts")
    assert "Nothing is lost" not in str(told.value)


def test_what_postgresql_lets_its_user_not_do_is_told() -> None:
    with pytest.raises(StorageFailed, match="it lets its user not do that"), faults_in_plain_words():
        raise ProgrammingError("permission denied for table aggregator_feed")


def test_a_row_that_cannot_be_is_no_fault_of_the_database() -> None:
    with pytest.raises(IntegrityError), faults_in_plain_words():
        raise IntegrityError("UNIQUE constraint failed: aggregator_feed.url")
    with pytest.raises(StorageFailed), faults_in_plain_words():
        raise DatabaseError("database disk image is malformed")
