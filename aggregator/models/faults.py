"""When the database can't be used just now: said once and in plain words, and nothing is lost.

What was stored stays. Feeds that were not begun stay due. Those under way are made due at once if the database is back
by then, else when their leases run out, three minutes after they were claimed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

from aggregator.absence import Absence

logger = logging.getLogger(__name__)

DATABASE = Absence("the database")
"""As the worker finds it: a task that writes a row to begin with says when it was found."""

FAULTS = (OperationalError, InternalError, InterfaceError)
"""What databases raise when the trouble lies with them and not with what they were asked to do."""

_IN_PLAIN_WORDS = {
    r'database "(.+?)" does not exist': r"it has no database of that name; `createdb \1` makes it, or see DATABASE_URL",
    r'role "(.+?)" does not exist': r"it knows no user “\1”; see the user in DATABASE_URL, or `createuser \1`",
    r"password|authentication failed|pg_hba\.conf": "it refuses this user; see user and password in DATABASE_URL",
    "full|no space left": "its disk is full; make room there",
    "locked": "another program keeps it locked; end that program, or let it finish",
    "no such table": "it has no tables yet; `manage.py migrate` makes them, if this is the site's DATA_DIR",
    "no such column|has no column|does not exist": (
        "its tables are not those of this version; `manage.py migrate` makes what is missing"
    ),
    "readonly": "it may only be read; see who may write to its file and its folder",
    "read-only": "it may only be read; see who may write to it",
    "disk i/o error": "its disk fails or is full; look at the disk",
    "unable to open": "its file can't be opened; see DATABASE_URL, and who may write to its folder",
}
"""By what databases say (the first that is found), the end of our sentence."""


class StorageFailed(Exception):
    """The database took no more. `str()` is what to tell people; `reason` finishes "can't be used just now:"."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return f"The database can't be used just now: {self.reason}. Nothing is lost: what isn't stored stays due."


@contextmanager
def faults_in_plain_words() -> Iterator[None]:
    """Raises StorageFailed for what the database raises in the block."""
    try:
        yield
    except FAULTS as error:
        raise StorageFailed(reason=_reason(str(error))) from error
    except ProgrammingError as error:  # so PostgreSQL speaks of a table that is missing; all else is our own fault
        if "does not exist" not in str(error):
            raise
        raise StorageFailed(reason=_reason(str(error))) from error


@contextmanager
def ended_by_storage() -> Iterator[None]:
    """Ends the block, with one line in the log, when the database can't be used. For tasks: later ones go on."""
    try:
        with faults_in_plain_words():
            yield
    except StorageFailed as error:
        DATABASE.missed()
        logger.error("task ended: %s", error)


def _reason(words: str) -> str:
    found = ((re.search(said, words, re.IGNORECASE), reason) for said, reason in _IN_PLAIN_WORDS.items())
    known = (match.expand(reason) for match, reason in found if match)
    return next(known, (words.strip().splitlines() or ["it gives no reason"])[0])
