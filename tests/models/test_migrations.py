"""The tests' database is made from the models, a site's by the migrations: both have the same tables."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, site_variables

NAMED_INDEXES = {
    "sqlite": "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}
"""Django tells the columns of an index, but not for which rows it is."""

NUMBERED = re.compile(r"^(__unnamed_constraint_\d+__|fk_\d+)$")
"""How Django calls what has no name in SQLite, by its place."""


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The name of a database beside the tests' own, with nothing in it."""
    if connection.vendor == "sqlite":
        yield str(folder / "migrated.sqlite3")
        return
    name = f"{connection.settings_dict['NAME']}_migrated"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
        yield name
        cursor.execute(f"DROP DATABASE {name}")


@contextmanager
def migrated_database(folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """A connection to a database on which the site's own command ran."""
    with empty_database(folder) as name:
        variables = site_variables()
        variables["DATABASE_URL"] = variables["DATABASE_URL"].replace(str(connection.settings_dict["NAME"]), name)
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, env=variables, check=True, timeout=PATIENCE_SECONDS)
        migrated = ConnectionHandler({"default": {**connection.settings_dict, "NAME": name}})["default"]
        yield migrated
        migrated.close()


def is_ours(table: str) -> bool:
    return table.startswith(("aggregator_", "notifications_"))


def tables_of(database: BaseDatabaseWrapper) -> dict[str, set[str]]:
    """What a database says of each table of ours, whatever the order of its columns."""
    with database.cursor() as cursor:
        tables: dict[str, set[str]] = {}
        for name in filter(is_ours, database.introspection.table_names(cursor)):
            columns = map(repr, database.introspection.get_table_description(cursor, name))
            constraints = database.introspection.get_constraints(cursor, name)
            tables[name] = {*columns, *(f"{NUMBERED.sub('', name)} {said}" for name, said in constraints.items())}
        cursor.execute(NAMED_INDEXES[database.vendor])
        tables["indexes"] = {sql for table, sql in cursor.fetchall() if is_ours(table)}
    return tables


@pytest.mark.django_db(transaction=True)
def test_migrations_make_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    with migrated_database(tmp_path) as migrated:
        by_migrations, by_models = tables_of(migrated), tables_of(connection)
    assert by_migrations.keys() == by_models.keys()
    assert {name: table ^ by_models[name] for name, table in by_migrations.items() if table != by_models[name]} == {}
