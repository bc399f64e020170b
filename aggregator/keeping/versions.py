"""Which version tables belong to: their migrations tell, as a program knows only those of before."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from .errors import Refused


def newer_than_this(migrations: Iterable[str]) -> str | None:
    """Of migrations ("app.name") that tables have had, the first that this version doesn't know; None if all are."""
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    return min(set(migrations) - known, default=None)


def refuse_newer_tables(way_out: str) -> None:
    """Raises Refused if a later version has changed the site's tables: what stands in them can't be known here."""
    applied = MigrationRecorder(connection).applied_migrations()
    if newer := newer_than_this(".".join(key) for key in applied):
        raise Refused(f"The database is that of a newer version of Orrery: its tables have had {newer}. {way_out}")
