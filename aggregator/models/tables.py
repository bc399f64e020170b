"""Whether the database's tables are those of this version: the migrations that they have had tell."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def are_older() -> bool:
    """Whether `manage.py migrate` has something to do. It costs a look into a short table, so it can be asked often."""
    return not _known_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
