"""The same site in several sizes, measured in turns: what disturbs one disturbs the others, too."""

from __future__ import annotations

import shutil

from django.db import connection


def keep_copy(number: int) -> str:
    """Copy the database as it is now, and return the copy's name, for `use`."""
    name = str(connection.settings_dict["NAME"])
    copy = f"{name}_{number}"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copyfile(name, copy)
        return copy
    use("postgres")  # a database that somebody is connected to can't be copied
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    use(name)
    return copy


def use(name: str) -> None:
    """Ask this database from now on."""
    connection.close()
    connection.settings_dict["NAME"] = name


def drop(name: str) -> None:
    """Forget a copy; another database has to be in use."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
