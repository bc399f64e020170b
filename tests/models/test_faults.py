"""Databases that can't be used, in words."""

from __future__ import annotations

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


def test_a_question_that_we_put_wrongly_is_no_fault_of_the_database() -> None:
    with pytest.raises(ProgrammingError), faults_in_plain_words():
        raise ProgrammingError('syntax error at or near "FROM"')
