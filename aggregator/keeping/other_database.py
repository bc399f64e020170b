"""A database in a file, beside the site's own or in its place, for as long as a block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

COPY = "copy"
"""The name of a database beside the site's own."""
_SETTINGS = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        # Who is killed begins anew, so nothing has to be on the disk before all is. And it stays one file.
        "init_command": "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;",
    },
}


@contextmanager
def beside(path: Path) -> Iterator[None]:
    """The ORM finds it as `using(COPY)`."""
    connections[COPY] = _connection(path, COPY)
    try:
        yield
    finally:
        connections[COPY].close()
        del connections[COPY]


@contextmanager
def in_place_of_the_site(path: Path) -> Iterator[None]:
    """The ORM, and migrations, have it where the site's own database was."""
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = _connection(path, DEFAULT_DB_ALIAS)
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections[DEFAULT_DB_ALIAS] = own
        ContentType.objects.clear_cache()


def _connection(path: Path, alias: str) -> BaseDatabaseWrapper:
    databases = {DEFAULT_DB_ALIAS: _SETTINGS, alias: {**_SETTINGS, "NAME": str(path)}}
    return ConnectionHandler(databases)[alias]
