"""What the queue runs. The work itself is in `polling`, `filtering` and `curating`."""

from __future__ import annotations

import sqlite3

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

QUEUE_ERRORS = (HueyException, redis.RedisError, psycopg.Error, sqlite3.Error, OSError)
"""What asking the queue can raise: no answer in time, or a storage that can't be reached."""


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


@db_task()
def poll_feeds_now(feed_ids: list[int]) -> bool:
    """Ask the worker to read these feeds anew, whatever their due date; what it has no time for, later ticks poll."""
    with ended_by_storage():
        poll(Feed.objects.filter(pk__in=feed_ids), seconds=BATCH_SECONDS, is_anew=True)
        return True
    return False


def poll_and_wait(feed_ids: list[int], seconds: float) -> bool:
    """Have these feeds polled by the worker; False if it hasn't answered within `seconds`."""
    try:
        return bool(poll_feeds_now(feed_ids).get(blocking=True, timeout=seconds))
    except QUEUE_ERRORS:
        return False


def queue_length() -> int:
    """Tasks that wait for a worker. Raises one of QUEUE_ERRORS when the queue can't be reached."""
    return int(HUEY.pending_count())
