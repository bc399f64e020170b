"""When the database can't be used just now: said once and in plain words, and nothing is lost.

What was stored stays. Feeds that were not begun stay due. Those under way are made due at once if the database is back
by then, else when their leases run out, three minutes after they were claimed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)

from aggregator.absence import Absence

logger = logging.getLogger(__name__)

DATABASE = Absence("the database")
"""As the worker finds it: a task that writes a row to begin with says when it was found."""

FAULTS = (OperationalError, InternalError, InterfaceError)
"""What databases raise when the trouble lies with them and not with what they were asked to do."""

TABLES_ARE_OLDER = "its tables are not those of this version; `manage.py migrate` makes what is missing"
_IN_PLAIN_WORDS = {
    r'database "(.+?)" does not exist': r"it has no database of that name; `createdb \1` makes it, or see DATABASE_URL",
    r'role "(.+?)" does not exist': r"it knows no user “\1”; see the user in DATABASE_URL, or `createuser \1`",
    r"password|authentication failed|pg_hba\.conf": "it refuses this user; see user and password in DATABASE_URL",
    "malformed|invalid page in block|could not read block|unexpected data beyond eof|checksum|data_corrupted": (
        "it is damaged; restore the last good backup (`manage.py restore FILE --replace`), and look at the disk"
    ),
    "not a database|file is encrypted": (
        "its file is no database; see DATABASE_URL, or restore a backup (`manage.py restore FILE --replace`)"
    ),
    "unsupported file format": "another version of SQLite wrote its file; see DATABASE_URL",
    "out of memory|cannot allocate": "its machine is out of memory; make room there",
    "full|no space left": "its disk is full; make room there",
    "too many (clients|connections)|connection slots|connection limit": (
        "it gives no more connections; see max_connections there, and WEB_WORKERS here"
    ),
    "starting up|shutting down|recovery mode|administrator command": "it is being started or stopped; try again soon",
    "deadlock detected|could not serialize|lock timeout": "others are changing the same rows; try again soon",
    "statement timeout|canceling statement": "it took longer than it is allowed to; see statement_timeout there",
    "permission denied|must be owner": "it lets its user not do that; see the user in DATABASE_URL, and GRANT there",
    "locked": "another program keeps it locked; end that program, or let it finish",
    "no such table": "it has no tables yet; `manage.py migrate` makes them, if this is the site's DATA_DIR",
    "no such column|has no column|does not exist": TABLES_ARE_OLDER,
    "readonly": "it may only be read; see who may write to its file and its folder",
    "read-only": "it may only be read; see who may write to it",
    "disk i/o error|input/output error": "its disk fails or is full; look at the disk",
    "translate host name|not known|no address associated": (
        "the name of its machine leads nowhere; see the host in DATABASE_URL"
    ),
    "connection refused|no such file or directory": "nobody answers there; is it running? See DATABASE_URL",
    "timeout expired|timed out|unreachable|no route": "its machine doesn't answer; see the host in DATABASE_URL",
    "server closed the connection|connection (already |is )?(closed|lost|reset)|terminating|broken pipe": (
        "it broke the connection off; is it being started anew?"
    ),
    "unable to open": "its file can't be opened; see who owns it, who may write to its folder, and DATABASE_URL",
}
"""By what databases say (the first that is found), the end of our sentence."""


_NOT_OURS = re.compile(r"does not exist|permission denied|must be owner")


class StorageFailed(Exception):
    """The database took no more. `str()` is what to tell people; `reason` finishes "can't be used just now:"."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        promise = "" if "manage.py restore" in self.reason else " Nothing is lost: what isn't stored stays due."
        return f"The database can't be used just now: {_with_path(self.reason)}.{promise}"


@contextmanager
def faults_in_plain_words() -> Iterator[None]:
    """Raises StorageFailed for what the database raises in the block."""
    try:
        yield
    except FAULTS as error:
        raise StorageFailed(reason=_reason(str(error))) from error
    except ProgrammingError as error:
        # So PostgreSQL speaks of a table that is missing, or not for us; all else is our own fault.
        if not _NOT_OURS.search(str(error)):
            raise
        raise StorageFailed(reason=_reason(str(error))) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # a row that can't be: our own fault
            raise
        raise StorageFailed(reason=_reason(str(error))) from error  # so SQLite speaks of a file that is damaged


@contextmanager
def ended_by_storage() -> Iterator[None]:
    """Ends the block, with one line in the log, when the database can't be used. For tasks: later ones go on."""
    try:
        with faults_in_plain_words():
            yield
    except StorageFailed as error:
        DATABASE.missed()
        logger.error("task ended: %s", error)


def _with_path(reason: str) -> str:
    """For who runs the site. A visitor who asks for /readyz is told the reason without."""
    if connection.vendor != "sqlite":
        return reason
    return re.sub(r"\bits file(?= can't)", lambda its: f"{its[0]}, {connection.settings_dict['NAME']},", reason)


def _reason(words: str) -> str:
    found = ((re.search(said, words, re.IGNORECASE), reason) for said, reason in _IN_PLAIN_WORDS.items())
    known = (match.expand(reason) for match, reason in found if match)
    return next(known, (words.strip().splitlines() or ["it gives no reason"])[0])
