"""The one door to the queue. A task is a hint, to do now what the worker finds in the rows anyway: so it may be lost.

Nobody meets an error because the queue is away: who asks learns whether the worker was asked, and says so.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from enum import Enum
from typing import Any

import psycopg
import redis
from huey.api import Result, TaskWrapper
from huey.contrib.djhuey import HUEY
from huey.exceptions import HueyException, ResultTimeout, TaskException

logger = logging.getLogger(__name__)

QUEUE_ERRORS = (HueyException, redis.RedisError, psycopg.Error, sqlite3.Error, OSError)
"""What asking the queue can raise: no answer in time, or a storage that can't be reached."""
QUEUE_AWAY = "The queue of tasks can't be reached just now, and the worker does nothing without it."
"""For who wanted something done at once. What becomes of it, the sentence beside it says."""


class Reply(Enum):
    """What came of waiting for the worker."""

    DONE = "done"
    LATE = "no answer yet"
    FAILED = "it was begun and broken off"
    QUEUE_AWAY = "it could not be asked"


def ask(task: TaskWrapper, *arguments: Any, after_seconds: float = 0) -> Result | None:
    """Have the worker do this, now or later; None if the queue can't be reached, which the log is told."""
    try:
        return task.schedule(arguments, delay=after_seconds) if after_seconds else task(*arguments)
    except QUEUE_ERRORS:
        logger.exception("the worker can't be asked")
        return None


def ask_and_wait(task: TaskWrapper, *arguments: Any, seconds: float) -> Reply:
    """Have the worker do this now, and wait for so long. The task says by True that it came to its end."""
    asked = ask(task, *arguments)
    if asked is None:
        return Reply.QUEUE_AWAY
    try:
        return Reply.DONE if asked.get(blocking=True, timeout=seconds) else Reply.FAILED
    except ResultTimeout:
        return Reply.LATE
    except TaskException:
        return Reply.FAILED
    except QUEUE_ERRORS:
        logger.exception("the worker's answer can't be read")
        return Reply.QUEUE_AWAY


class UnreadAnswers:
    """Answers in the queue, and errors that tasks ended with, for which nobody waits any more.

    A queue doesn't know since when it has an answer. So an answer goes that was there already when they were cleared
    the last time: nobody waits for an hour.
    """

    def __init__(self) -> None:
        self._seen: frozenset[str] = frozenset()

    def clear(self) -> int:
        """How many went. A queue that can't be reached is left alone: the next time will do."""
        with suppress(*QUEUE_ERRORS):
            keys = frozenset(map(str, HUEY.storage.result_items()))
            old, self._seen = keys & self._seen, keys
            return sum(bool(HUEY.storage.delete_data(key)) for key in old)
        return 0


def queue_length() -> int:
    """Tasks that wait for a worker. Raises one of QUEUE_ERRORS when the queue can't be reached."""
    return int(HUEY.pending_count())
