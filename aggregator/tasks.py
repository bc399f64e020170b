"""What the queue runs. The work itself is in `polling`, `filtering`, `curating` and `retention`."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

import psycopg
import redis
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task
from huey.exceptions import HueyException

from aggregator.curating.import_doubles import settle_doubles
from aggregator.curating.imports import add_waiting
from aggregator.filtering.judging import judge_waiting
from aggregator.models import Feed, FeedImport, Tick
from aggregator.models.faults import ended_by_storage
from aggregator.models.sql import time_of_day
from aggregator.polling.conductor import BATCH_SECONDS, poll
from aggregator.retention.leftovers import clear_leftovers
from aggregator.retention.posts import let_go

QUEUE_ERRORS = (HueyException, redis.RedisError, psycopg.Error, sqlite3.Error, OSError)
"""What asking the queue can raise: no answer in time, or a storage that can't be reached."""
TIDY_SECONDS = 600
"""Of an hour, at most: on a site that begins to let posts go, a worker's thread is at it for so long."""


@db_periodic_task(crontab(minute="*"), expires=55)
def poll_due_feeds() -> None:
    """Poll what is due. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        Tick.objects.note(time_of_day())
        poll()


@db_periodic_task(crontab(minute="*"), expires=55)
def judge_older_entries() -> None:
    """Go on judging older entries by rules that have changed."""
    with ended_by_storage():
        judge_waiting(timezone.now(), seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def go_on_with_imports() -> None:
    """Add what imported lists name and nobody has looked at yet. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        now = timezone.now()
        add_waiting(now, seconds=BATCH_SECONDS)
        settle_doubles()
        FeedImport.objects.forget_old(now)


@db_periodic_task(crontab(minute="37"), expires=600)
def tidy_up() -> None:
    """Clear away what nobody needs any more, and let go of posts that have had their time."""
    with ended_by_storage():
        now = timezone.now()
        clear_leftovers(now)
        unread_answers.clear()
        let_go(now, seconds=TIDY_SECONDS)


@db_task()
def poll_feeds_now(feed_ids: list[int]) -> None:
    """Ask the worker to read these feeds anew, whatever their due date; what it has no time for, later ticks poll.

    It answers nothing: an answer that nobody reads would stay in the queue for ever.
    """
    _poll_anew(feed_ids)


@db_task()
def poll_and_answer(feed_ids: list[int]) -> bool:
    """The same, for somebody who waits for it."""
    return _poll_anew(feed_ids)


def _poll_anew(feed_ids: list[int]) -> bool:
    with ended_by_storage():
        poll(Feed.objects.filter(pk__in=feed_ids), seconds=BATCH_SECONDS, is_anew=True)
        return True
    return False


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


unread_answers = UnreadAnswers()


def poll_and_wait(feed_ids: list[int], seconds: float) -> bool:
    """Have these feeds polled by the worker; False if it hasn't answered within `seconds`."""
    try:
        return bool(poll_and_answer(feed_ids).get(blocking=True, timeout=seconds))
    except QUEUE_ERRORS:
        return False


def queue_length() -> int:
    """Tasks that wait for a worker. Raises one of QUEUE_ERRORS when the queue can't be reached."""
    return int(HUEY.pending_count())
