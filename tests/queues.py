"""The queue of one process among several that run tests: its own, and for the processes that its tests start, too."""

from __future__ import annotations

import os

import psycopg


def queue_of_this_process(url: str) -> str:
    """The address of a queue that no other process of this run uses; as it is where there is one process only."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not number:
        return url
    if url.startswith(("redis://", "rediss://")):
        return f"{url.rsplit('/', 1)[0]}/{int(number) + 1}"  # a database for each, of the sixteen that Redis has
    if url.startswith(("postgres://", "postgresql://")):
        schema = f"queue_{number}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
    return f"{url}.{number}"  # SQLite: a file
