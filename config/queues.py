"""The queue's storages: Huey's own, which here may be away. A start needs none of them, and no request is kept long.
And what the log says of a task that nobody here can read.

Tables are made when a storage is first reached. A connection that its server has ended meanwhile is replaced before it
is used, so the first task after a restart of the server goes in.
"""

from __future__ import annotations

import functools
import select
from datetime import datetime
from typing import Any

import psycopg
import redis
from huey import Huey
from huey.storage import BaseSqlStorage, BaseStorage, PostgresStorage, RedisStorage, SqliteStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

from aggregator.absence import Absence

CONNECT_SECONDS = 2
"""For a connection to a server. Somebody may be waiting for a page."""
ANSWER_SECONDS = 3
"""For an answer of Redis, which itself waits a second for tasks when a worker asks."""
MAKE_TABLES_ALONE = 6_873_539
"""PostgreSQL's lock under which tables are made: two that make the same one disturb each other."""


class _Watched(BaseStorage):  # type: ignore[misc]
    """Tells the log when it is back. Of what Huey does often, only that which fails whenever the storage is away."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._absence = Absence("the queue")
        super().__init__(*arguments, **options)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        with self._absence.watched():
            super().enqueue(data, priority)

    def dequeue(self) -> bytes | None:
        """A fault says that the storage is away, and a task that it is there. To be given nothing says neither: Redis
        may have been too slow."""
        try:
            data: bytes | None = super().dequeue()
        except Exception:
            self._absence.missed()
            raise
        if data is not None:
            self._absence.found()
        return data

    def read_schedule(self, ts: datetime) -> Any:
        """A worker does so every second."""
        with self._absence.watched():
            return super().read_schedule(ts)

    def queue_size(self) -> Any:
        with self._absence.watched():
            return super().queue_size()


class _MadeWhenReached(BaseSqlStorage):  # type: ignore[misc]
    """Makes its tables over the first connection, where Huey's own would end the start of a process without one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._has_tables = False
        super().__init__(*arguments, create_tables=False, **options)

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        try:
            if not self._has_tables:
                self._make_tables(connection)
        except BaseException:
            connection.close()
            raise
        self._has_tables = True
        return connection

    def _make_tables(self, connection: Any) -> None:
        for statement in self.ddl:
            connection.execute(statement)


class RedisQueue(_Watched, RedisStorage):  # type: ignore[misc]
    def __init__(self, name: str, url: str) -> None:
        pool = redis.ConnectionPool.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            # At once, and only where the connection was lost: redis-py's own retries keep a page for half a minute.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        super().__init__(name, connection_pool=pool)

    def close(self) -> Any:
        self.pool.disconnect()
        return super().close()


class SqliteQueue(_Watched, _MadeWhenReached, SqliteStorage):  # type: ignore[misc]
    pass


class PostgresQueue(_Watched, _MadeWhenReached, PostgresStorage):  # type: ignore[misc]
    _conn: Any

    def __init__(self, name: str, dsn: str) -> None:
        super().__init__(name, dsn=dsn, connect_timeout=CONNECT_SECONDS)

    @property
    def conn(self) -> Any:
        """The connection, which the server hasn't ended as far as is known here."""
        if self._conn is not None and _has_something_to_say(self._conn):
            self._close_quiet(self._conn)
            self._conn = None
        return super().conn

    def _make_tables(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKE_TABLES_ALONE,))
            super()._make_tables(connection)


def _has_something_to_say(connection: psycopg.Connection[Any]) -> bool:
    """Whether something came in that nobody asked for: the server's farewell, or the end of the line."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


RedisHuey, SqliteHuey, PostgresHuey = (
    functools.partial(Huey, storage_class=storage) for storage in (RedisQueue, SqliteQueue, PostgresQueue)
)
"""As `settings.HUEY` names them."""
