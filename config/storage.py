"""A database or a queue that is away: what visitors see meanwhile, and what the log says of it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from http import HTTPStatus

import psycopg
import redis
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

logger = logging.getLogger(__name__)

DATABASE_FAULTS = (OperationalError, InternalError, InterfaceError)
"""As in `aggregator.models.faults`, which can't be imported yet when the log is set up."""
FAULTS = (*DATABASE_FAULTS, redis.RedisError, psycopg.OperationalError, sqlite3.OperationalError)
"""The same for queues: Huey's storages raise what their clients do."""
RETRY_SECONDS = 30
"""After which a visitor is told to try again."""
REPEAT_SECONDS = 60
"""Between two lines that say the same. Each of a worker's threads looks into the queue many times a minute."""


class ToldWhileAway:
    """A middleware: a page that the database keeps from being made is a 503 in plain words, and no error of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _away(exception) if isinstance(exception, DATABASE_FAULTS) else None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's page for what isn't here: it has our navigation, so it needs the database, too."""
    try:
        return page_not_found(request, exception)
    except DATABASE_FAULTS as error:
        return _away(error)


def _away(error: Exception) -> HttpResponse:
    logger.error("pages can't be shown", exc_info=error)
    response = HttpResponse(render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django writes a line for each visitor
    return response


class OneLineAMinute(logging.Filter):
    """What a database or a queue says when it is away is a line without a traceback; of equal ones one a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, str], tuple[float, int]] = {}
        """By logger and kind: when there was a line, and how many were left out since."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, FAULTS):
            return True
        now, kind = self._clock(), (record.name, type(error).__name__)
        said_at, left_out = self._last.get(kind, (now - REPEAT_SECONDS, 0))
        if now - said_at < REPEAT_SECONDS:
            self._last[kind] = said_at, left_out + 1
            return False
        self._last[kind] = now, 0
        more = f" ({left_out} more like this since the last line)" if left_out else ""
        said = " ".join(str(error).split())
        record.msg, record.args = f"{record.getMessage().rstrip('.')}: {said}{more}", ()
        record.exc_info = record.exc_text = None
        return True
