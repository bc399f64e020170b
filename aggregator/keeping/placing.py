"""What was prepared takes the site's place: the rows, and the files beside them.

Killed before the mark is made, the old site is there; after it is taken away, the new one; between the two, the mark
says that it has to be done again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.db.utils import DataError

from . import interruption, kept_files
from .carrying import carry
from .errors import Refused, files_in_plain_words
from .other_database import COPY, beside
from .progress import Progress
from .unfinished import put

LOCK_SECONDS = 20
"""To wait for others who use the database, before it is given up."""
IN_USE = (
    "Others use the database: {who}. Stop the site's web server and worker, on every machine, and what else is "
    "connected to it; then restore again."
)


def place(made: Path, files: Mapping[str, Path], backup: Path, progress: Progress) -> None:
    """Put the prepared database and files where the site has its own. Raises Refused."""
    progress.begin("Putting it in its place")
    if connection.vendor == "sqlite":
        database = sqlite_file()
        connection.close()
        with (
            files_in_plain_words(database, verb="written"),
            kept_files.staged(files) as put_files,
            _closed_for_all(database),
            interruption.told_of(backup),
        ):
            put_files()
            put(made, database)
    else:
        with kept_files.staged(files) as put_files:
            call_command("migrate", interactive=False, verbosity=0)
            _replace_rows(made, backup, progress)
            put_files()
            interruption.end()


def sqlite_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def refuse_others() -> None:
    """Raises Refused if another process has the site's database open, as far as that can be known."""
    if connection.vendor == "sqlite":
        connection.close()
        with _closed_for_all(sqlite_file()):
            return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        [others] = cursor.fetchone()
    if others:
        raise Refused(IN_USE.format(who="1 connection" if others == 1 else f"{others} connections"))


@contextmanager
def _closed_for_all(database: Path) -> Iterator[None]:
    """The site's database, with nothing beside its file, and nobody else can open it. Raises Refused if it is open.

    To leave the write-ahead log is given only to who is alone with a database; a damaged one needs no such care.
    """
    if not database.exists():
        yield
        return
    line = sqlite3.connect(f"file:{quote(str(database))}?mode=rw", uri=True, timeout=1, isolation_level=None)
    try:
        try:
            line.execute("PRAGMA journal_mode=DELETE")
            line.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise Refused(IN_USE.format(who="its file is open")) from error
            for name in ("-wal", "-shm", "-journal"):  # else they would be taken for those of the new one
                database.with_name(database.name + name).unlink(missing_ok=True)
        yield
    finally:
        line.close()


def _replace_rows(made: Path, backup: Path, progress: Progress) -> None:
    """PostgreSQL's, in one transaction."""
    was_interrupted = interruption.was_interrupted()
    try:
        with beside(made), transaction.atomic(using=COPY), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            carry(COPY, DEFAULT_DB_ALIAS, progress)
            interruption.begin(backup)
    except (IntegrityError, DataError) as error:
        if not was_interrupted:
            interruption.end()
        said = " ".join(str(error).split())[:300]
        raise Refused(
            f"PostgreSQL takes the rows of this backup not as they are: {said}. Nothing was changed."
        ) from error
