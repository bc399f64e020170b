"""What the queue runs: thin tasks over the planners, `delivering`, `mailing` and `retention`.

The queue loses tasks when a worker is killed. That costs a minute: `sweep` finds in the rows what there is to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from huey import crontab
from huey.api import TaskWrapper
from huey.contrib.djhuey import db_periodic_task, db_task

from aggregator.models.faults import ended_by_storage
from aggregator.worker import ask
from notifications.mailing.posting import next_mail_at, post_due
from notifications.mailing.senders import plan_senders_mails
from notifications.models import Delivery
from notifications.notices.desk_planner import desk_ready_at, plan_desk
from notifications.notices.planner import plan, ready_at
from notifications.retention import purge
from notifications.sending.delivering import deliver_due, next_due_at


@db_task()
def plan_notices() -> None:
    """Announce what waits, if it is quiet; then have it sent."""
    with ended_by_storage():
        if plan(timezone.now()):
            ask(send_due)


@db_task()
def plan_desk_notices() -> None:
    """Tell curators what waits at the desk, if it was quiet for long enough, and senders what was decided."""
    with ended_by_storage():
        now = timezone.now()
        if plan_desk(now):
            ask(send_due)
        plan_senders_mails(now)
        if next_mail_at() is not None:
            ask(send_mails)


@db_task()
def send_mails() -> None:
    """Send the mails that are due; come back when more will be."""
    started_at = timezone.now()
    with ended_by_storage():
        post_due()
        _come_back(send_mails, next_mail_at(), started_at, timezone.now())


@db_task()
def send_due() -> None:
    """Send what is due; come back when more will be."""
    started_at = timezone.now()
    with ended_by_storage():
        deliver_due()
        _come_back(send_due, next_due_at(), started_at, timezone.now())


@db_task()
def send_now(delivery_id: int) -> None:
    """Send this delivery, whatever else is due."""
    with ended_by_storage():
        deliver_due(among=Delivery.objects.filter(pk=delivery_id))


@db_periodic_task(crontab(minute="*"), expires=55)
def sweep() -> None:
    """Find what was left behind: by lost hints, by killed workers, by rests that are over."""
    now = timezone.now()
    ask(plan_notices)
    ask(plan_desk_notices)
    ask(send_due)
    with ended_by_storage():
        _come_back(plan_notices, ready_at(now), now, now)
        _come_back(plan_desk_notices, desk_ready_at(now), now, now)


@db_periodic_task(crontab(minute="17"), expires=600)
def tidy() -> None:
    """Delete what has had its time."""
    with ended_by_storage():
        purge(timezone.now())


def plan_soon(seconds: float) -> None:
    """Have the worker plan in so many seconds."""
    ask(plan_notices, after_seconds=seconds)


def plan_desk_soon() -> None:
    """Have the worker look now what waits at the desk."""
    ask(plan_desk_notices)


def _come_back(task: TaskWrapper, at: datetime | None, started_at: datetime, now: datetime) -> None:
    """Run the task again at that moment; `started_at` is when the present visit began.

    It is left out if a sweep comes before that moment or came in the meantime. So visits never add up, however long
    they take.
    """
    next_sweep = started_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if at is not None and max(at, now) < next_sweep:
        ask(task, after_seconds=max((at - now).total_seconds(), 1))
