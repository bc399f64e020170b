"""A database or a queue that is away: what visitors see meanwhile, and what the log says of it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from http import HTTPStatus

import psycopg
import redis
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

logger = logging.getLogger(__name__)

DATABASE_FAULTS = (OperationalError, InternalError, InterfaceError)
"""As in `aggregator.models.faults`, which can't be imported yet when the log is set up."""
FAULTS = (*DATABASE_FAULTS, redis.RedisError, psycopg.OperationalError, sqlite3.OperationalError)
"""The same for queues: Huey's storages raise what their clients do."""
DAMAGED = ("malformed", "not a database")
AWAY_BY_SQLITE = ("locked", "full", "unable to open", "readonly", "disk i/o error", *DAMAGED)
"""What SQLite says of a file that can't be used just now."""
RETRY_SECONDS = 30
"""After which a visitor is told to try again."""
REPEAT_SECONDS = 60
"""Between two lines that say the same. Each of a worker's threads looks into the queue many times a minute."""

MAX_TEXTS = 100
"""Remembered at most: a text can have something in it that differs each time."""


class ToldWhileAway:
    """A middleware: a page that the database keeps from being made is a 503 in plain words, and no error of ours.

    That is what views and templates raise; what other middlewares raise, such as the session that is saved after the
    view, is a 500 still.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _away(request, exception) if _is_fault(exception) and is_away(exception) else None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's page for what isn't here: it has our navigation, so it needs the database, too."""
    try:
        return page_not_found(request, exception)
    except (DatabaseError, InterfaceError) as error:
        if not (_is_fault(error) and is_away(error)):
            raise
        return _away(request, error)


def _is_fault(error: BaseException) -> bool:
    """Whether a database or a queue raised it, and not what it was asked to do. A damaged file has no class of its own:
    SQLite and Django raise what all others are derived from."""
    return isinstance(error, FAULTS) or type(error) in {DatabaseError, sqlite3.DatabaseError}


def is_away(error: BaseException) -> bool:
    """Whether such a fault means that its database or queue can't be reached or used just now, and not a fault of ours.

    That is for PostgreSQL no connection, or a state of the classes 08, 53 and 57P (its appendix A); for SQLite one of a
    few sentences.
    """
    said_by = error.__cause__ or error
    if isinstance(said_by, sqlite3.Error):
        return any(words in str(said_by).lower() for words in AWAY_BY_SQLITE)
    if isinstance(said_by, psycopg.Error):
        return said_by.sqlstate is None or said_by.sqlstate.startswith(("08", "53", "57P"))
    if isinstance(said_by, redis.RedisError):
        return isinstance(said_by, redis.ConnectionError | redis.TimeoutError)
    return True


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("pages can't be shown", exc_info=error)
    is_damaged = any(words in str(error).lower() for words in DAMAGED)
    is_sent = request.method not in {"GET", "HEAD"}
    page = render_to_string("503.html", {"is_sent": is_sent, "is_damaged": is_damaged})
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django writes a line for each visitor
    return response


class OneLineAMinute(logging.Filter):
    """What a database or a queue says when it is away is a line without a traceback; of equal ones one a minute.

    Other faults that they find, which can be ours, keep their traceback, once a minute, too.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, str], tuple[float, int]] = {}
        """By logger and text: when there was a line, and how many were left out since."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not _is_fault(error):
            return True
        said, now = " ".join(str(error).split()), self._clock()
        said_at, left_out = self._last.get((record.name, said), (now - REPEAT_SECONDS, 0))
        if now - said_at < REPEAT_SECONDS:
            self._last[record.name, said] = said_at, left_out + 1
            return False
        if len(self._last) >= MAX_TEXTS:
            self._last.clear()
        self._last[record.name, said] = now, 0
        more = f" ({left_out} more like this since the last line)" if left_out else ""
        record.msg, record.args = f"{record.getMessage().rstrip('.')}: {said}{more}", ()
        if is_away(error):
            record.exc_info = record.exc_text = None
        return True
