"""The queue of one process among several that run tests: its own, and for the processes that its tests start, too."""

from __future__ import annotations

import os
from importlib import import_module
from urllib.parse import urlsplit

REDIS_DATABASES = 16
"""As many as a Redis has that nobody has told otherwise."""


def queue_of_this_process(url: str) -> str:
    """The address of a queue that no other process of this run uses; as it is where there is one process only."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not number:
        return url
    if url.startswith(("redis://", "rediss://")):
        return urlsplit(url)._replace(path=f"/{_redis_database(int(number))}").geturl()
    if url.startswith(("postgres://", "postgresql://")):
        schema = f"queue_{number}"
        # Only now, as most runs need no psycopg.
        with import_module("psycopg").connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
    return f"{url}.{number}"  # SQLite: a file


def _redis_database(number: int) -> int:
    """Database 0 is left to whoever else uses the server."""
    if number + 1 >= REDIS_DATABASES:
        raise ValueError(f"Redis has {REDIS_DATABASES} databases: run {REDIS_DATABASES - 1} processes at most (-n).")
    return number + 1
