"""All rows of one database into another that has the same tables, of whatever kind the two are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models

from .progress import Progress

ROWS_AT_ONCE = 100
"""A post can have a million characters, and what is carried together is in memory together."""


def carry(source: str, target: str, progress: Progress) -> None:
    """Replace all rows of the target by those of the source, both named as the ORM knows them.

    Both must be in a transaction: what the source has then comes over, all or nothing. New rows get numbers that the
    source never gave.
    """
    kinds = list(_models())
    _empty(target, kinds)
    total = sum(kind._base_manager.using(source).count() for kind in kinds)
    done = 0
    for kind in kinds:
        rows = kind._base_manager.using(source).order_by("pk").iterator(chunk_size=ROWS_AT_ONCE)
        for some in _chunks(rows):
            if connections[target].vendor == "postgresql":
                _without_nul(kind, some)
            kind._base_manager.using(target).bulk_create(some)
            done += len(some)
            progress.at(done, total)
    _go_on_counting(target, kinds, _counters(source, kinds))


def _models() -> Iterator[type[models.Model]]:
    """Each that has a table of its own, also those that stand between two others."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _empty(target: str, kinds: list[type[models.Model]]) -> None:
    line = connections[target]
    line.ops.execute_sql_flush(line.ops.sql_flush(no_style(), [kind._meta.db_table for kind in kinds]))


def _chunks(rows: Iterator[models.Model]) -> Iterator[list[models.Model]]:
    some: list[models.Model] = []
    for row in rows:
        some.append(row)
        if len(some) == ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _without_nul(kind: type[models.Model], rows: list[models.Model]) -> None:
    """PostgreSQL takes every character but this one, which SQLite does."""
    texts = [f for f in kind._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
    structures = [f for f in kind._meta.concrete_fields if isinstance(f, models.JSONField)]
    for row in rows:
        for field in texts:
            value = getattr(row, field.attname)
            if isinstance(value, str) and "\0" in value:
                setattr(row, field.attname, value.replace("\0", ""))
        for structure in structures:
            setattr(row, structure.attname, _clean(getattr(row, structure.attname)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    return value


def _counters(source: str, kinds: list[type[models.Model]]) -> dict[str, int]:
    """By table, the highest number that a row has had there; the row may be gone."""
    line = connections[source]
    with line.cursor() as cursor:
        if line.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return dict(cursor.fetchall())
        found = {}
        for kind, column in _counted(kinds):
            # Null where no row has ever had one.
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                [line.ops.quote_name(kind._meta.db_table), column],
            )
            [last] = cursor.fetchone()
            found[kind._meta.db_table] = last or 0
        return found


def _go_on_counting(target: str, kinds: list[type[models.Model]], counters: dict[str, int]) -> None:
    """A number that a deleted post had must not become another's: its address would lead there."""
    line = connections[target]
    with line.cursor() as cursor:
        for kind, column in _counted(kinds):
            table = kind._meta.db_table
            highest = kind._base_manager.using(target).aggregate(highest=models.Max("pk"))["highest"] or 0
            number = max(counters.get(table, 0), highest)
            if line.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                    [line.ops.quote_name(table), column, max(number, 1), number > 0],
                )


def _counted(kinds: list[type[models.Model]]) -> Iterator[tuple[type[models.Model], str]]:
    """The tables that number their rows by themselves, each with the column."""
    for kind in kinds:
        if isinstance(kind._meta.pk, models.AutoField):
            yield kind, str(kind._meta.pk.column)
