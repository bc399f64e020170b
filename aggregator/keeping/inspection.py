"""The database that a backup brings, whoever made it: looked through before it is used, and once it is migrated."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory

from .backing_up import counted_kinds
from .carrying import kinds_of_rows
from .errors import NoBackup, shown
from .other_database import COPY, beside
from .snapshots import faults_of

_OF_WHAT_IT_BRINGS = (
    DatabaseError,
    InconsistentMigrationHistory,
    ObjectDoesNotExist,
    MultipleObjectsReturned,
    ValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)
"""What migrations raise that meet rows or tables which no version of ours left."""
_OF_THE_DISK = ("full", "disk i/o")


def migrations_of(path: Path, counts: Mapping[str, int]) -> list[str]:
    """The migrations that the tables in this file have had, as "app.name"; nothing of what it brings is run.

    Raises NoBackup unless it is a whole database with nothing but tables, and with as many rows as the backup says.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            _refuse_what_runs(database)
            if faults := faults_of(database):
                raise NoBackup(f"its database is damaged ({faults})")
            rows = database.execute("SELECT app, name FROM django_migrations").fetchall()
        _compare(counts, path)
    except (sqlite3.DatabaseError, DatabaseError) as error:
        raise NoBackup(f"its database can't be read ({shown(str(error))})") from error
    if not rows:
        raise NoBackup("its database doesn't say which version's it is")
    return sorted(f"{app}.{name}" for app, name in rows)


def _refuse_what_runs(database: sqlite3.Connection) -> None:
    """Triggers and views would go on to run in the site; a virtual table has no pages, but a program behind it.

    `PRAGMA trusted_schema=OFF` can't help: SQLite's versions differ in whether they trust JSON_VALID, and Django's own
    tables call it.
    """
    for kind, name, first_page in database.execute("SELECT type, name, rootpage FROM sqlite_master"):
        if kind not in {"table", "index"} or (kind == "table" and not first_page):
            raise NoBackup(f"its database has what none of Orrery's has, the {kind} “{shown(name, 100)}”")


def _compare(counts: Mapping[str, int], path: Path) -> None:
    """Before migrations, as some make one row of two."""
    with beside(path):
        for what, kind in counted_kinds().items():
            found = kind._base_manager.using(COPY).count()
            if found != counts.get(what, found):
                raise NoBackup(f"it says that it has {counts[what]} {what}, and has {found}")


@contextmanager
def what_it_brings_in_plain_words() -> Iterator[None]:
    """Raises NoBackup for what the block raises because of rows and tables; a disk that is full is not their fault."""
    try:
        yield
    except _OF_WHAT_IT_BRINGS as error:
        if isinstance(error, OperationalError) and any(word in str(error).lower() for word in _OF_THE_DISK):
            raise
        raise NoBackup(f"its database can't be brought up to this version ({shown(str(error))})") from error


def refuse_other_tables() -> None:
    """Raises NoBackup unless the ORM's database, migrated, has the tables and columns of this version's models."""
    for kind in kinds_of_rows():
        table = kind._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, pk FROM pragma_table_xinfo(%s) WHERE hidden = 0", [table])
            found = {(name, bool(place)) for name, place in cursor.fetchall()}
            cursor.execute("SELECT count(*) FROM pragma_table_xinfo(%s) WHERE hidden > 0", [table])
            [reckoned] = cursor.fetchone()
        keys = kind._meta.pk_fields  # a key can be made of several columns
        if reckoned or found != {(field.column, field in keys) for field in kind._meta.local_concrete_fields}:
            raise NoBackup(f"the table {table} in its database has other columns than Orrery's")
