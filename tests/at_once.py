"""Several threads that do something in the same instant, or while a transaction is half done."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Thread

from django.db import connection

from aggregator.models import site_change
from tests.patience import PATIENCE_SECONDS

AT_ONCE = 4


def together(work: Callable[[int], object]) -> list[object]:
    """What becomes of the work, done by several threads in the same instant: its results and its errors."""
    results: list[object] = []
    start = Barrier(AT_ONCE, timeout=PATIENCE_SECONDS)

    def run(number: int) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            results.append(work(number))
        except Exception as error:  # noqa: BLE001 -- whatever it is, whoever asked must see it
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def meanwhile(first: Callable[[], object], second: Callable[[], object], work: Callable[[], object]) -> object:
    """What becomes of `work`, begun when a transaction has done `first`; that does `second` when the work can't go on.

    With its errors, or those of the transaction: PostgreSQL ends one of two who wait for each other.
    """
    with ThreadPoolExecutor(1) as pool:
        with site_change():
            first()
            working, _ = _begun(pool, work)
            second()
        return working.result()


def is_kept_waiting(first: Callable[[], object], work: Callable[[], object]) -> bool:
    """Whether `work` waits for a lock of a transaction that has done `first`; both are done afterwards.

    On PostgreSQL: SQLite keeps everybody waiting who writes.
    """
    with ThreadPoolExecutor(1) as pool:
        with site_change():
            first()
            working, is_waiting = _begun(pool, work)
        working.result()
    return is_waiting


def _begun(pool: ThreadPoolExecutor, work: Callable[[], object]) -> tuple[Future[object], bool]:
    """The work, which has come to its end or waits for a lock; and whether it waits."""
    if connection.vendor == "sqlite":  # it says of nobody that he waits
        working = pool.submit(_apart, work)
        time.sleep(0.3)
        return working, not working.done()
    backend: Future[int] = Future()

    def begin() -> object:
        backend.set_result(_backend())
        return work()

    working = pool.submit(_apart, begin)
    return working, _waits(backend.result(), until=working)


def locked_words() -> set[tuple[int, int]]:
    """The kind and the number of each word (`lock_words`) that this transaction is alone with."""
    asked = "SELECT classid, objid FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND granted"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {(int(kind), int(number)) for kind, number in cursor.fetchall()}


def _apart(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connection.close()


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _waits(backend: int, *, until: Future[object]) -> bool:
    while not until.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", [backend])
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.01)
    return False
