"""One second for a question, whatever it asks of the database: then it ends with a sentence.

The connection stays as it was, also within a transaction: on SQLite nothing but reading is interrupted, which takes no
lock; on PostgreSQL the question has a transaction of its own, or a savepoint, that is rolled back in any case, and with
it goes what was set for the question.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import OperationalError, connection, transaction

MAX_SECONDS = 1.0
_STEPS = 20_000
"""Of SQLite, between two looks at the clock; a millisecond or so."""
_ALWAYS_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
"""Planners don't know what it takes to make the terms of a row of its text, and think that they had better go through
all rows; to compile a question takes longer than to answer it."""


class TooSlow(Exception):
    """A question that would have taken longer. Its text is a sentence for who asked."""

    def __init__(self) -> None:
        super().__init__(
            "This search takes longer than a second. Narrow it: add a word that few posts have, a source: or an after:."
            " Or try again: now and then, much else is going on."
        )


class Deadline:
    """The moment when a question must have its answer."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self.at - time.monotonic()

    def check(self) -> None:
        """For what takes long outside of the database. Raises TooSlow."""
        if self.seconds_left <= 0:
            raise TooSlow


@contextmanager
def within_a_second() -> Iterator[Deadline]:
    """A block that raises TooSlow if its questions to the database take longer than MAX_SECONDS together."""
    deadline = Deadline(MAX_SECONDS)
    watch, alone = (_interrupting, nullcontext) if connection.vendor == "sqlite" else (_timed_out, _rolled_back)
    connection.ensure_connection()
    with alone(), watch(deadline), connection.execute_wrapper(_checking(deadline)):
        try:
            yield deadline
        except OperationalError as error:
            if deadline.seconds_left > 0:
                raise
            raise TooSlow from error


def _checking(deadline: Deadline) -> Callable[..., Any]:
    def execute(ask: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        deadline.check()
        if connection.vendor == "postgresql":
            left = max(1, int(deadline.seconds_left * 1000))
            context["cursor"].connection.pgconn.exec_(b"SET LOCAL statement_timeout = %d" % left)
        return ask(sql, params, many, context)

    return execute


@contextmanager
def _interrupting(deadline: Deadline) -> Iterator[None]:
    line = connection.connection
    line.set_progress_handler(lambda: deadline.seconds_left <= 0, _STEPS)
    try:
        yield
    finally:
        line.set_progress_handler(None, 0)


@contextmanager
def _timed_out(deadline: Deadline) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(_ALWAYS_BY_INDEX)
    yield


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
