"""A database or a queue that is away: what visitors see meanwhile, and what the log says of it."""

from __future__ import annotations

import logging
import sqlite3
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from traceback import walk_tb
from typing import TYPE_CHECKING, TypeGuard

from django.db import (
    DatabaseError,
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import page_not_found, server_error

from aggregator.absence import Absence

if TYPE_CHECKING:
    import psycopg
    import redis

logger = logging.getLogger(__name__)

DATABASE_FAULTS = (OperationalError, InternalError, InterfaceError)
"""As in `aggregator.models.faults`, which can't be imported yet when the log is set up."""
DAMAGED = ("malformed", "not a database")
AWAY_BY_SQLITE = ("locked", "full", "unable to open", "readonly", "disk i/o error", *DAMAGED)
"""What SQLite says of a file that can't be used just now."""
LACKING_BY_SQLITE = ("no such table", "no such column", "has no column")
LACKING_BY_POSTGRESQL = ("42P01", "42703")
"""What they say of a table or a column that isn't there: tables of an older version, or a slip of ours."""
AWAY_BY_REDIS = (
    *("ConnectionError", "TimeoutError", "OutOfMemoryError", "ReadOnlyError"),
    *("NoPermissionError", "ClusterDownError"),
)
"""Its refusals that are no fault of who asks."""
MAX_SAID = 200
"""Characters of what is wrong with a task; it can be anything."""
RETRY_SECONDS = 30
"""After which a visitor is told to try again."""
REPEAT_SECONDS = 60
"""Between two lines that say the same. Each of a worker's threads looks into the queue many times a minute."""

MAX_TEXTS = 100
"""Remembered at most: a text can have something in it that differs each time."""

DATABASE = Absence("the database")
"""As a process of the web server finds it."""


class ToldWhileAway:
    """A middleware: a page that the database keeps from being made is a 503 in plain words, and no error of ours.

    That is what views and templates raise; `failed` is for what other middlewares do, such as the session that is saved
    after the view. The first answer afterwards that finds it tells the log so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if DATABASE.is_on and _is_page(request, response) and _answers():
            DATABASE.found()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _away(request, exception) if _keeps_pages_away(exception) else None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's page for what isn't here: it has our navigation, so it needs the database, too."""
    try:
        return page_not_found(request, exception)
    except (DatabaseError, InterfaceError) as error:
        if not _keeps_pages_away(error):
            raise
        return _away(request, error)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's page for a fault of ours, unless the database is away."""
    error = sys.exc_info()[1]
    if error is not None and _keeps_pages_away(error):
        return _away(request, error)
    return server_error(request)


def _keeps_pages_away(error: BaseException) -> bool:
    return lacks_tables(error) or (_is_of_database(error) and is_away(error))


def _is_of_database(error: BaseException) -> bool:
    """Whether the database raised it, and not what it was asked to do. A damaged file has no class of its own: of that,
    Django says what all others are derived from."""
    return isinstance(error, DATABASE_FAULTS) or type(error) is DatabaseError or lacks_tables(error)


def lacks_tables(error: BaseException) -> bool:
    """Whether Django raised it because a table or a column isn't there."""
    said_by = error.__cause__
    if not isinstance(error, OperationalError | ProgrammingError):
        return False
    if _is_by_postgresql(said_by):
        return said_by.sqlstate in LACKING_BY_POSTGRESQL
    return isinstance(said_by, sqlite3.Error) and any(words in str(said_by) for words in LACKING_BY_SQLITE)


def is_away(error: BaseException) -> bool:
    """Whether such a fault means that its database or queue can't be reached or used just now, and not a fault of ours.

    That is for PostgreSQL no connection, or a state of the classes 08, 53 and 57P (its appendix A); for SQLite one of a
    few sentences.
    """
    said_by = error.__cause__ or error
    if isinstance(said_by, sqlite3.Error):
        return any(words in str(said_by).lower() for words in AWAY_BY_SQLITE)
    if _is_by_postgresql(said_by):
        return said_by.sqlstate is None or said_by.sqlstate.startswith(("08", "53", "57P"))
    if _is_by_redis(said_by):
        has_no_room = str(said_by).startswith("MISCONF")  # it can't save, so it takes nothing
        return has_no_room or isinstance(said_by, _errors("redis.exceptions", *AWAY_BY_REDIS))
    return True


def _is_by_queue(error: BaseException) -> bool:
    """Huey's storages raise what their clients do. Django's own errors wrap those of the database."""
    return isinstance(error, sqlite3.Error) or _is_by_postgresql(error) or _is_by_redis(error)


def _is_by_postgresql(error: BaseException | None) -> TypeGuard[psycopg.Error]:
    return isinstance(error, _errors("psycopg", "Error"))


def _is_by_redis(error: BaseException | None) -> TypeGuard[redis.RedisError]:
    return isinstance(error, _errors("redis.exceptions", "RedisError"))


def _errors(client: str, *names: str) -> tuple[type[BaseException], ...]:
    """Classes of a client's errors; none where nothing has imported it, which can't have raised any then.

    To import both clients for their errors would take a fifth of the time of a poll that brings nothing.
    """
    module = import_module(client) if client in sys.modules else None
    return tuple(getattr(module, name) for name in names) if module else ()


def _away(request: HttpRequest, error: BaseException) -> HttpResponse:
    is_sent, is_lacking = request.method not in {"GET", "HEAD"}, lacks_tables(error)
    # Pages that need no such column are shown, and what a full disk refuses can be read all the while: the worker finds
    # when it takes rows again.
    if not is_sent and not is_lacking:
        DATABASE.missed()
    remedy = "; `manage.py migrate` makes what is missing, or else it is a fault of the program" if is_lacking else ""
    logger.error("pages can't be shown%s", remedy, exc_info=error)
    is_damaged = any(words in str(error).lower() for words in DAMAGED)
    page = render_to_string("503.html", {"is_sent": is_sent, "is_damaged": is_damaged})
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django writes a line for each visitor
    return response


def _is_page(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a view answered, and not only that the web server lives: who asks for that waits for no database."""
    view = request.resolver_match.url_name if request.resolver_match else "healthz"
    return view != "healthz" and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


class OneLineAMinute(logging.Filter):
    """Of a database or a queue that is away there is a line a minute, without a traceback, whoever misses it.

    Other faults that they find, which can be ours, keep their traceback: each text of each logger once a minute.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, str], tuple[float, int]] = {}
        """By logger and text, or by what is away: when there was a line, and how many were left out since."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = _error_of(record)
        fault = _fault_in(error)
        if fault is None:
            return True
        words = str(fault).partition("\n")[0] if lacks_tables(fault) else str(fault)  # below stands what was asked
        said, now, is_no_fault_of_ours = " ".join(words.split()), self._clock(), is_away(fault)
        kind = (_what_raised(fault), "") if is_no_fault_of_ours else (record.name, said)
        said_at, left_out = self._last.get(kind, (now - REPEAT_SECONDS, 0))
        if now - said_at < REPEAT_SECONDS:
            self._last[kind] = said_at, left_out + 1
            return False
        if len(self._last) >= MAX_TEXTS:
            self._last.clear()
        self._last[kind] = now, 0
        more = f" ({left_out} more like this since the last line)" if left_out else ""
        is_told = fault is not error  # in other words, by the line itself
        text = record.getMessage() if is_told else f"{record.getMessage().rstrip('.')}: {said}"
        record.msg, record.args = "%s%s", (text, more)
        if is_no_fault_of_ours:
            record.exc_info = record.exc_text = None
        return True


def _error_of(record: logging.LogRecord) -> BaseException | None:
    """What a line is about: the error whose traceback it has, or one that its text names."""
    named = record.args if isinstance(record.args, tuple) else ()
    return record.exc_info[1] if record.exc_info else next((arg for arg in named if isinstance(arg, Exception)), None)


def _fault_in(error: BaseException | None) -> BaseException | None:
    """What a database or a queue raised: the error, or what it was raised from in other words."""
    while error is not None and not (_is_of_database(error) or _is_by_queue(error)):
        error = error.__cause__
    return error


def _what_raised(fault: BaseException) -> str:
    return "the database" if _is_of_database(fault) else "the queue"


class UnreadTasks(logging.Filter):
    """A task that another version put into the queue, or that is none, is one line of the log without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        trace = record.exc_info[2] if record.exc_info else None
        frames = (frame for frame, _ in walk_tb(trace)) if record.name.startswith("huey") else ()
        if any(frame.f_code.co_name == "deserialize_task" for frame in frames):  # Huey's; polls do without importing it
            said = " ".join(ascii(str(record.exc_info and record.exc_info[1]))[1:-1].split())[:MAX_SAID]
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg = "A task in the queue is left out, as this version can't read it: %s"
            record.args, record.exc_info, record.exc_text = (said,), None, None
        return True
