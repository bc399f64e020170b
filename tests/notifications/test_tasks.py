"""What the queue runs, and what happens to the poller if the queue is down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.utils import timezone
from huey.api import TaskWrapper
from huey.contrib.djhuey import HUEY

from aggregator.models import Feed
from aggregator.polling.conductor import poll
from aggregator.signals import entries_added
from aggregator.submissions.proposing import send
from config.mail import in_djangos_words
from notifications import tasks
from notifications.models import Delivery
from notifications.sending import delivering
from notifications.sending.delivering import test_push as make_test_push
from tests.documents import rss
from tests.factories import NOW, make_entry, make_feed
from tests.notifications.desk import make_deciding_device, make_proposal
from tests.notifications.outbox import FakeSender, make_device
from tests.servers import Answer as Page
from tests.servers import FeedServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.queue]


@pytest.fixture(autouse=True)
def sender(monkeypatch: pytest.MonkeyPatch) -> FakeSender:
    sender = FakeSender()

    def ours() -> AbstractAsyncContextManager[Any]:
        return sender

    monkeypatch.setattr(delivering, "_our_sender", ours)
    return sender


@pytest.fixture(autouse=True)
def queue() -> Iterator[None]:
    HUEY.flush()
    yield
    HUEY.flush()


def run_queue() -> list[str]:
    """Do what a worker would do now; the names of the tasks."""
    done = []
    while task := HUEY.dequeue():
        done.append(task.name)
        HUEY.execute(task)
    return done


def make_news(seconds_ago: float = 60) -> None:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    make_entry(first_seen_at=at, published_at=at)


def test_new_posts_are_hinted_at_once_it_may_be_quiet(feed_server: FeedServer) -> None:
    make_device()
    feed = make_feed(url=feed_server.add("/feed", Page(rss("A", [("One", NOW)]))), next_poll_at=NOW)
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    [task] = [HUEY.dequeue()]
    assert task.name == "plan_notices"
    assert (task.eta - timezone.now().replace(tzinfo=None)).total_seconds() == pytest.approx(11, abs=2)


def test_where_nobody_is_told_nothing_is_queued(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", Page(rss("A", [("One", NOW)]))), next_poll_at=NOW)
    assert poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW).new == 1
    assert HUEY.dequeue() is None


def test_a_queue_that_is_down_does_not_stop_the_poller(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)
    make_device()
    feed = make_feed(url=feed_server.add("/feed", Page(rss("A", [("One", NOW)]))), next_poll_at=NOW)
    report = poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    assert report.new == 1
    assert "no queue" in caplog.text


def test_a_sweep_finds_posts_whose_hint_was_lost(sender: FakeSender) -> None:
    make_device()
    make_news()
    tasks.sweep.call_local()
    run_queue()
    assert len(sender.sent) == 1


def test_a_sweep_finds_deliveries_whose_worker_was_killed(sender: FakeSender) -> None:
    delivery = make_test_push(make_device(), timezone.now())
    Delivery.objects.update(state="leased", next_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep.call_local()
    run_queue()
    delivery.refresh_from_db()
    assert delivery.state == "accepted"


def test_a_notice_is_sent_as_soon_as_it_is_planned(sender: FakeSender) -> None:
    make_device()
    make_news()
    tasks.plan_notices()
    assert run_queue() == ["plan_notices", "send_due"]
    assert len(sender.sent) == 1


# -- the desk and mails -----------------------------------------------------------------------------------------------


def test_a_proposal_that_is_sent_off_is_told_at_once(sender: FakeSender) -> None:
    make_deciding_device()
    proposal = make_proposal(state="ready", announced_at=None)
    send(proposal.key, timezone.now())
    run_queue()
    assert [b"A blog is proposed" in message.payload for message in sender.sent] == [True]


def test_a_sweep_finds_a_proposal_whose_hint_was_lost(sender: FakeSender) -> None:
    make_deciding_device()
    make_proposal()
    tasks.sweep.call_local()
    run_queue()
    assert len(sender.sent) == 1
    tasks.sweep.call_local()
    run_queue()
    assert len(sender.sent) == 1


def test_a_queue_that_is_down_keeps_nobody_from_sending_a_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)
    proposal = make_proposal(state="ready")
    send(proposal.key, timezone.now())
    proposal.refresh_from_db()
    assert (proposal.state, proposal.announced_at) == ("waiting", None)


def test_a_sweep_sends_mails_and_without_mail_asks_for_none(settings: LazySettings, mailoutbox: list[Any]) -> None:
    settings.HAS_MAIL, settings.DEFAULT_FROM_EMAIL = True, "planet@planet.example"
    for name, value in in_djangos_words("locmem.EmailBackend").items():
        setattr(settings, name, value)
    make_proposal(email="bob@blog.example")
    tasks.sweep.call_local()
    assert "send_mails" in run_queue()
    assert [mail.to for mail in mailoutbox] == [["bob@blog.example"]]
    settings.HAS_MAIL = False
    make_proposal(email="eve@blog.example")
    tasks.sweep.call_local()
    assert "send_mails" not in run_queue()


def test_a_plan_without_news_sends_nothing() -> None:
    tasks.plan_notices()
    assert run_queue() == ["plan_notices"]


def test_one_test_push_waits_for_no_other(sender: FakeSender) -> None:
    make_device()
    make_news()
    tasks.plan_notices.call_local()
    delivery = make_test_push(make_device(), timezone.now())
    tasks.send_now.call_local(delivery.pk)
    assert [b"Test from" in message.payload for message in sender.sent] == [True]


@pytest.mark.parametrize("task", [tasks.plan_notices, tasks.send_due, tasks.sweep, tasks.tidy])
def test_a_task_says_in_one_line_that_the_database_is_away(task: TaskWrapper, caplog: pytest.LogCaptureFixture) -> None:
    make_news()

    def refuse(execute: object, *query: object) -> object:
        raise OperationalError("Connection refused")

    with connection.execute_wrapper(refuse):
        task.call_local()
    said = "task ended: The database can't be used just now: nobody answers there; is it running? See DATABASE_URL."
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert lines
    assert all(line.startswith(said) for line in lines)
    assert not any(record.exc_info for record in caplog.records)


def comes_back(*, due_in_seconds: float, took_seconds: float = 0) -> bool:
    """Whether the worker comes back by itself, after a visit that began at half past a minute."""
    HUEY.flush()
    started_at = timezone.now().replace(second=30, microsecond=0)
    now = started_at + timedelta(seconds=took_seconds)
    tasks._come_back(tasks.send_due, now + timedelta(seconds=due_in_seconds), started_at, now)
    return HUEY.pending_count() == 1


def test_the_worker_comes_back_for_what_is_due_before_the_next_sweep() -> None:
    assert comes_back(due_in_seconds=10)


def test_what_is_due_later_is_left_to_the_sweep() -> None:
    assert not comes_back(due_in_seconds=31)


def test_the_worker_comes_back_for_what_became_due_meanwhile() -> None:
    assert comes_back(due_in_seconds=-1, took_seconds=20)


def test_visits_that_outlast_a_minute_do_not_add_up() -> None:
    assert not comes_back(due_in_seconds=-1, took_seconds=50)


def test_nothing_is_hinted_twice() -> None:
    """Receivers are connected once, however often the application gets ready."""
    ours = [receiver for receiver in entries_added.receivers if receiver[0][0] == "notifications.hint"]
    assert len(ours) == 1
