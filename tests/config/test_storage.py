"""A database or a queue that is away: visitors get a 503 in words, and the log a line a minute."""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import pytest
import redis
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client

from aggregator.models import Category
from aggregator.models.faults import FAULTS, StorageFailed
from config.storage import DATABASE_FAULTS, REPEAT_SECONDS, OneLineAMinute

REFUSED = 'connection to server at "127.0.0.1" failed: Connection refused'
Away = Callable[[], AbstractContextManager[None]]


def refuse(execute: object, *query: object) -> Any:
    raise OperationalError(f"{REFUSED}\n\tIs the server running?")


@pytest.fixture
def database_away() -> Away:
    return lambda: connection.execute_wrapper(refuse)


# -- visitors ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/sources/", "/atom.xml", "/feed.json", "/no/such/page/", "/admin/", "/admin/devices/"]
)
def test_a_page_that_cannot_be_read_just_now_is_a_503_in_plain_words(
    admin_client: Client, database_away: Away, path: str
) -> None:
    with database_away():
        response = admin_client.get(path)
    assert response.status_code == 503
    assert (response["Retry-After"], response["Cache-Control"]) == ("30", "no-store")
    assert "no post is lost" in response.content.decode()
    assert admin_client.get(path).status_code in {200, 404}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/no/such/page/", "/admin/"])
def test_a_damaged_database_is_told_without_a_promise(
    admin_client: Client, path: str, written: list[logging.LogRecord]
) -> None:
    def refuse(execute: object, *query: object) -> Any:
        raise DatabaseError("database disk image is malformed") from sqlite3.DatabaseError("malformed")

    with connection.execute_wrapper(refuse):
        response, ready = admin_client.get(path), admin_client.get("/readyz")
    assert (response.status_code, ready.status_code) == (503, 503)
    assert "has to be mended" in response.content.decode()
    assert "no post is lost" not in response.content.decode()
    assert "it is damaged; restore the last good backup (`manage.py restore FILE --replace`)" in ready.content.decode()
    assert [line.exc_info for line in written if line.name == "config.storage"] == [None]


@pytest.mark.django_db
def test_who_sends_something_is_told_to_look_before_sending_it_again(admin_client: Client, database_away: Away) -> None:
    with database_away():
        response = admin_client.post("/admin/aggregator/category/add/", {"name": "New", "slug": "new"})
    assert "may not have been saved" in response.content.decode()
    assert not Category.objects.exists()


@pytest.mark.django_db
def test_a_fault_of_our_own_is_no_absence(client: Client) -> None:
    client.raise_request_exception = False

    def wrong(execute: Callable[..., object], sql: str, *rest: object) -> object:
        return execute("SELECT FROM", *rest)

    with connection.execute_wrapper(wrong):
        assert client.get("/").status_code == 500


@pytest.mark.django_db
def test_tables_of_a_version_before_are_a_503_and_one_line_that_names_what_is_missing(
    client: Client, written: list[logging.LogRecord]
) -> None:
    """In the words of the database that it is."""

    def elsewhere(execute: Callable[..., object], sql: str, *rest: object) -> object:
        return execute(
            sql.replace('"aggregator_category"."plain_name"', '"aggregator_category"."name_of_tomorrow"'), *rest
        )

    client.get("/")  # and so finds the database, if a test before this one missed it
    written.clear()
    seen = []
    for path in ("/", "/", "/category/web/", "/no/such/page/"):
        with transaction.atomic(), connection.execute_wrapper(elsewhere):
            seen.append(client.get(path))
            transaction.set_rollback(True)
    assert [answer.status_code for answer in seen] == [503] * 4
    assert "no post is lost" in seen[0].content.decode()
    [line] = written
    assert "name_of_tomorrow" in line.getMessage()
    assert "`manage.py migrate` makes what is missing" in line.getMessage()
    assert line.exc_info
    assert client.get("/").status_code == 200
    assert len(written) == 1


@pytest.mark.django_db
def test_health_needs_no_database(client: Client, database_away: Away) -> None:
    with database_away():
        assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_many_visitors_are_one_line_and_no_traceback(
    client: Client, database_away: Away, written: list[logging.LogRecord]
) -> None:
    with database_away():
        for _ in range(5):
            client.get("/")
    assert [line.getMessage() for line in written] == [f"pages can't be shown: {REFUSED} Is the server running?"]
    assert (written[0].exc_info, written[0].exc_text) == (None, None)


@pytest.fixture
def written() -> Iterator[list[logging.LogRecord]]:
    """What a handler with this filter writes from now on, of this thread and of ours or Django's.

    What a test before this one left behind can still say something: a thread, or an event loop when it is freed.
    """
    records: list[logging.LogRecord] = []
    here = threading.get_ident()

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                records.append(record)

    handler = Noting()
    handler.addFilter(OneLineAMinute())
    # Below the root, whose handlers' own filters change what they let pass.
    loggers = [logging.getLogger(name) for name in ("aggregator", "notifications", "config", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield records
    for logger in loggers:
        logger.removeHandler(handler)


def test_faults_are_one_list() -> None:
    assert DATABASE_FAULTS == FAULTS


# -- the log -----------------------------------------------------------------------------------------------------------


def record_of(error: Exception, name: str = "huey.consumer.Worker") -> logging.LogRecord:
    try:
        raise error
    except type(error):
        return logging.LogRecord(name, logging.ERROR, "", 0, "Error reading from queue", (), sys.exc_info())


def said_by_redis() -> Exception:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        with pytest.raises(redis.RedisError) as caught:
            redis.Redis(port=unheard.getsockname()[1], retry=None).ping()
    return caught.value


def test_a_queue_that_is_away_is_said_once_a_minute_with_what_was_left_out() -> None:
    now = [0.0]
    one_line = OneLineAMinute(lambda: now[0])
    passed, away = [], said_by_redis()
    for second in range(0, 3 * REPEAT_SECONDS, 10):
        now[0] = float(second)
        record = record_of(away)
        if one_line.filter(record):
            passed.append(record)
    assert [record.exc_info for record in passed] == [None] * 3
    assert "Connection refused" in passed[0].getMessage()
    counted = [record.getMessage().endswith("(5 more like this since the last line)") for record in passed]
    assert counted == [False, True, True]


def test_what_is_away_has_one_line_whoever_misses_it_and_however() -> None:
    one_line, away, otherwise = OneLineAMinute(), OperationalError("away"), OperationalError("closed")
    records = record_of(away), record_of(otherwise, "huey"), record_of(said_by_redis()), record_of(away)
    assert [one_line.filter(record) for record in records] == [True, False, True, False]


def test_what_tells_of_it_in_other_words_counts_too() -> None:
    one_line = OneLineAMinute()
    retold = StorageFailed(reason="it is away")
    retold.__cause__ = OperationalError("away")
    assert [one_line.filter(record_of(error)) for error in (retold, OperationalError("away"))] == [True, False]


@pytest.mark.parametrize(
    "refusal",
    [
        redis.ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to"),
        redis.ReadOnlyError("You can't write against a read only replica."),
        redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        sqlite3.DatabaseError("database disk image is malformed"),
        sqlite3.DatabaseError("file is not a database"),
    ],
)
def test_a_queue_that_takes_nothing_is_away_too(refusal: Exception) -> None:
    assert OneLineAMinute().filter(record := record_of(refusal))
    assert record.exc_info is None


def test_each_text_has_its_own_line_and_what_may_be_our_fault_its_traceback() -> None:
    one_line, records = OneLineAMinute(), []
    for statement in ("SELECT FROM", "SELECT nothing FROM nowhere", "SELECT FROM"):
        with closing(sqlite3.connect(":memory:")) as database, pytest.raises(sqlite3.OperationalError) as caught:
            database.execute(statement)
        records.append(record_of(caught.value))
    assert [one_line.filter(record) for record in records] == [True, True, False]
    assert all(record.exc_info for record in records)


def test_a_fault_of_ours_keeps_its_traceback_each_time() -> None:
    one_line, records = OneLineAMinute(), [record_of(ValueError("ours")) for _ in range(2)]
    assert all(one_line.filter(record) and record.exc_info for record in records)
