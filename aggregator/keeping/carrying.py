"""All rows of one database into another that has the same tables, of whatever kind the two are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from .progress import Progress

_Row = tuple[Any, ...]
_Rows = list[_Row]

TAKEN_AS_THEY_ARE = (models.IntegerField, models.BooleanField, models.CharField, models.TextField)
"""Fields whose values are Python's own: to ask Django what it makes of each is half of the work."""
ROWS_AT_ONCE = 100
"""A post can have a million characters, and what is carried together is in memory together."""


def carry(source: str, target: str, progress: Progress, *, but: Collection[type[models.Model]] = ()) -> None:
    """Replace all rows of the target by those of the source, both named as the ORM knows them, but those of a kind.

    Both must be in a transaction: what the source has then comes over, all or nothing. New rows get numbers that the
    source never gave.
    """
    kinds = list(kinds_of_rows())
    _empty(target, kinds)
    carried = [kind for kind in kinds if kind not in but]
    total = sum(kind._base_manager.using(source).count() for kind in carried)
    done = 0
    for kind in carried:
        fields = kind._meta.local_concrete_fields
        rows = kind._base_manager.using(source).order_by("pk").values_list(*(field.attname for field in fields))
        with _writing(kind, target) as write:
            for some in _chunks(rows.iterator(chunk_size=ROWS_AT_ONCE)):
                write(some)
                done += len(some)
                progress.at(done, total)
    _go_on_counting(target, kinds, _counters(source, kinds))


def kinds_of_rows() -> Iterator[type[models.Model]]:
    """Each that has a table of its own, also those that stand between two others."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _empty(target: str, kinds: list[type[models.Model]]) -> None:
    line = connections[target]
    line.ops.execute_sql_flush(line.ops.sql_flush(no_style(), [kind._meta.db_table for kind in kinds]))


def _chunks(rows: Iterable[_Row]) -> Iterator[_Rows]:
    rows = iter(rows)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield some


@contextmanager
def _writing(kind: type[models.Model], target: str) -> Iterator[Callable[[_Rows], None]]:
    """What writes rows to the table as they are. As objects, by `bulk_create`, they would take twice the time."""
    line = connections[target]
    fields = kind._meta.local_concrete_fields
    changing = list(_changing(fields, line))
    table = line.ops.quote_name(kind._meta.db_table)
    names = ", ".join(line.ops.quote_name(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))

    def prepared(rows: _Rows) -> list[list[Any]]:
        changed = [list(row) for row in rows]
        for number, change in changing:
            for row in changed:
                row[number] = change(row[number])
        return changed

    def insert(rows: _Rows) -> None:
        cursor.executemany(f"{line.ops.insert_statement()} {table} ({names}) VALUES ({marks})", prepared(rows))

    def copy(rows: _Rows) -> None:
        for row in prepared(rows):
            copying.write_row(row)

    with line.cursor() as cursor:
        if line.vendor == "postgresql":
            with line.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copying:
                yield copy
        else:
            yield insert


def _changing(
    fields: Iterable[models.Field[Any, Any]], line: BaseDatabaseWrapper
) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    """The columns whose values the database doesn't take as they are, by number, and what makes it take them."""
    for number, field in enumerate(fields):
        kind = field.target_field if isinstance(field, models.ForeignKey) else field
        if line.vendor == "postgresql" and isinstance(kind, models.CharField | models.TextField):
            yield number, _clean
        elif line.vendor == "postgresql" and isinstance(kind, models.JSONField):
            yield number, partial(_clean_structure, kind, line)
        elif not isinstance(kind, TAKEN_AS_THEY_ARE):
            yield number, partial(field.get_db_prep_save, connection=line)


def _clean_structure(field: models.JSONField[Any, Any], line: BaseDatabaseWrapper, value: Any) -> Any:
    return field.get_db_prep_save(_clean(value), line)


def _clean(value: Any) -> Any:
    """Without the one character that PostgreSQL doesn't take, and SQLite does."""
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
