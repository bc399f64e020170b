"""The site's rows at one moment, as a SQLite database in a file: whatever the site has, a backup holds this.

So one that was made with either database can be restored to either, and needs no program of PostgreSQL's, whose
versions have to fit.
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from aggregator.models import EntryText
from aggregator.models.entry_text import FULL_TEXT_DROPPED

from .carrying import carry
from .errors import Refused, shown
from .other_database import COPY, beside, in_place_of_the_site
from .progress import Progress
from .versions import refuse_newer_tables

PAGES_AT_ONCE = 4096
"""Of the database, between two looks at how far the copy is."""
_WORDS = EntryText._meta.db_table
MAX_FAULTS = 3
"""That are named of a damaged database."""


def take(path: Path, progress: Progress) -> None:
    """Write a copy of all that is committed now; whoever writes meanwhile goes on. Raises Refused."""
    progress.begin("Copying the database")
    if connection.vendor == "sqlite":
        whole = path.with_name(f"{path.name}-whole")
        with connection.wrap_database_errors:
            try:
                _copy_file(whole, progress)
                _forget_words(whole)
                progress.begin("Checking the copy")
                _check(whole)
                _copy_compact(whole, path)
            except sqlite3.OperationalError as error:
                if "full" not in str(error):
                    raise
                raise OSError(errno.ENOSPC, str(error)) from error  # the copy's disk: of the other it is only read
        whole.unlink()
    else:
        _copy_rows(path, progress)
        progress.begin("Checking the copy")
        _check(path)


def _copy_file(path: Path, progress: Progress) -> None:
    own = f"file:{quote(str(connection.settings_dict['NAME']))}?mode=rw"
    with closing(sqlite3.connect(own, uri=True, isolation_level=None)) as site, closing(sqlite3.connect(path)) as copy:
        # From here on it sees nothing of what others commit. Without that, each commit would begin the copy anew.
        site.execute("BEGIN")
        site.execute("SELECT count(*) FROM sqlite_master").fetchone()
        site.backup(copy, pages=PAGES_AT_ONCE, progress=lambda _, left, pages: progress.at(pages - left, pages))
        copy.execute("PRAGMA journal_mode=DELETE")  # all of it in one file


def _forget_words(path: Path) -> None:
    """What entries are found by is as much again as they are, and can be made of them. So it isn't kept."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")
        try:
            for statement in FULL_TEXT_DROPPED:
                copy.execute(statement)
            if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [_WORDS]).fetchone():
                copy.execute(f"DELETE FROM {_WORDS}")  # noqa: S608 -- ours
        except sqlite3.DatabaseError:
            _check(path)
            raise


def _copy_compact(whole: Path, path: Path) -> None:
    """Without the room that others had."""
    with closing(sqlite3.connect(whole, isolation_level=None)) as copy:
        copy.execute("VACUUM INTO ?", [str(path)])


def _copy_rows(path: Path, progress: Progress) -> None:
    """PostgreSQL's, in one transaction that sees nothing of what others commit."""
    refuse_newer_tables("Make the backup with that version.")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused(
            "The tables are not those of this version. Make the backup with the version that the site runs with, or "
            "`manage.py migrate` first."
        )
    with in_place_of_the_site(path):
        call_command("migrate", interactive=False, verbosity=0)
        for statement in FULL_TEXT_DROPPED:
            connection.cursor().execute(statement)
    with beside(path), transaction.atomic(), transaction.atomic(using=COPY):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        carry(DEFAULT_DB_ALIAS, COPY, progress, but=[EntryText])


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        found = faults_of(copy)
    if found:
        raise Refused(
            f"The database is damaged ({found}). Look at the disk, and restore the last good backup; "
            "if there is none, SQLite's `.recover` saves what can be read."
        )


def faults_of(database: sqlite3.Connection) -> str:
    """What is damaged in it, in SQLite's words; empty if nothing is."""
    try:
        found = [fault for (fault,) in database.execute(f"PRAGMA integrity_check({MAX_FAULTS})")]
    except sqlite3.DatabaseError as error:  # it is so damaged that it can't even be looked through
        found = [str(error)]
    return "" if found == ["ok"] else shown("; ".join(found))
