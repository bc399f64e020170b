"""Databases that can't be used, in words."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

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
