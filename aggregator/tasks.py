"""What the queue runs. The work is in `polling`, `filtering`, `search`, `storing`, `curating` and other rooms."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from aggregator.curating.import_doubles import settle_doubles
from aggregator.curating.imports import add_waiting
from aggregator.curating.retagging import renew_month, retag
from aggregator.filtering.judging import judge_waiting
from aggregator.models import Feed, FeedImport, Ownership, Tick
from aggregator.models.faults import DATABASE, ended_by_storage
from aggregator.models.sql import time_of_day
from aggregator.polling.conductor import BATCH_SECONDS, poll
from aggregator.retention.leftovers import clear_leftovers
from aggregator.retention.posts import let_go
from aggregator.search.catching_up import catch_up
from aggregator.storing.bylines_of_before import read_bylines
from aggregator.submissions.expiring import expire
from aggregator.submissions.looking import look_at_waiting
from aggregator.submissions.proving import look_for_codes
from aggregator.worker import Reply, UnreadAnswers, ask, ask_and_wait

TIDY_SECONDS = 600
"""Of an hour, at most: on a site that begins to let posts go, a worker's thread is at it for so long."""
RETAG_SECONDS = 20
"""Of a minute, at most: on a site that begins to have tags, a worker's thread is at it for so long."""
unread_answers = UnreadAnswers()


@db_periodic_task(crontab(minute="*"), expires=55)
def poll_due_feeds() -> None:
    """Poll what is due. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        Tick.objects.note(time_of_day())
        DATABASE.found()  # it took a row, so it has room, too
        poll()


@db_periodic_task(crontab(minute="*"), expires=55)
def judge_older_entries() -> None:
    """Go on judging older entries by rules that have changed."""
    with ended_by_storage():
        judge_waiting(timezone.now(), seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def read_bylines_of_before() -> None:
    """Go on telling who wrote the posts that were here before authors were."""
    with ended_by_storage():
        read_bylines(timezone.now(), seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def go_on_with_imports() -> None:
    """Add what imported lists name and nobody has looked at yet. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        now = timezone.now()
        add_waiting(now, seconds=BATCH_SECONDS)
        settle_doubles()
        FeedImport.objects.forget_old(now)


@db_periodic_task(crontab(minute="*"), expires=55)
def look_for_owners() -> None:
    """Look whether blogs show what their owners were asked to show. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        look_for_codes(time_of_day(), seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def look_at_proposals() -> None:
    """Look at blogs that were proposed. Called by hand, it asks the worker to do so now."""
    with ended_by_storage():
        look_at_waiting(seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def index_older_entries() -> None:
    """Go on with what posts of before are found by."""
    with ended_by_storage():
        catch_up(seconds=BATCH_SECONDS)


@db_periodic_task(crontab(minute="*"), expires=55)
def look_after_tags() -> None:
    """Put older posts under their tags, and choose what was written about. Called by hand, it asks the worker."""
    with ended_by_storage():
        now = timezone.now()
        retag(now, seconds=RETAG_SECONDS)
        renew_month(now)


@db_periodic_task(crontab(minute="37"), expires=600)
def tidy_up() -> None:
    """Clear away what nobody needs any more, and let go of posts that have had their time."""
    with ended_by_storage():
        now = timezone.now()
        clear_leftovers(now)
        unread_answers.clear()
        Ownership.objects.forget_old(now)
        expire(now)
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


def poll_and_wait(feed_ids: Sequence[int], seconds: float) -> Reply:
    """Have these feeds polled by the worker within `seconds`; else they become due."""
    reply = ask_and_wait(poll_and_answer, list(feed_ids), seconds=seconds)
    if reply is not Reply.DONE:
        _make_due(feed_ids)
    return reply


def poll_soon(feed_ids: Sequence[int]) -> int | None:
    """Ask the worker to poll these feeds, and return None. If it can't be asked, they become due: how many of them.

    What is stopped, and what waits because its server asked for rest, does not.
    """
    return None if ask(poll_feeds_now, list(feed_ids)) else _make_due(feed_ids)


def _make_due(feed_ids: Sequence[int]) -> int:
    """The task may never come; the row says what is wanted."""
    return Feed.objects.filter(pk__in=feed_ids).make_due(time_of_day())
