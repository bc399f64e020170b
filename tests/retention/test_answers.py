"""In the queue, no answers pile up that nobody reads: on SQLite, Redis and PostgreSQL, as `HUEY_URL` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from huey.contrib import djhuey
from huey.contrib.djhuey import HUEY

from aggregator import tasks
from aggregator.models import PostsLetGo
from aggregator.worker import Reply, UnreadAnswers
from notifications import tasks as notification_tasks
from tests.factories import make_entry

pytestmark = [pytest.mark.django_db, pytest.mark.queue]


@pytest.fixture(autouse=True)
def empty_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With tasks that leave the connection of a test open."""
    monkeypatch.setattr(djhuey, "close_old_connections", lambda: None)
    HUEY.storage.flush_all()
    yield
    HUEY.storage.flush_all()


def answers() -> int:
    return int(HUEY.storage.result_store_size())


def run_all() -> None:
    """What a worker would do with all that waits."""
    while task := HUEY.dequeue():
        HUEY.execute(task)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: tasks.poll_feeds_now([0]),
        tasks.poll_due_feeds,
        tasks.judge_older_entries,
        tasks.index_older_entries,
        tasks.go_on_with_imports,
        tasks.look_for_owners,
        tasks.look_after_tags,
        tasks.tidy_up,
        notification_tasks.plan_notices,
        notification_tasks.send_due,
        notification_tasks.tidy,
    ],
)
def test_a_task_whose_answer_nobody_reads_leaves_none(ask: Any) -> None:
    ask()
    assert HUEY.pending_count() == 1
    run_all()
    assert answers() == 0


def test_an_answer_that_came_too_late_goes_an_hour_later() -> None:
    assert tasks.poll_and_wait([0], seconds=0.01) is Reply.LATE
    run_all()
    assert answers() == 1
    clearing = UnreadAnswers()
    assert clearing.clear() == 0  # somebody may be about to read it
    assert answers() == 1
    assert clearing.clear() == 1
    assert answers() == 0


def test_errors_that_tasks_ended_with_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "poll", lambda *_, **__: 1 / 0)
    tasks.poll_feeds_now([0])
    run_all()
    assert answers() == 1
    clearing = UnreadAnswers()
    assert (clearing.clear(), clearing.clear(), answers()) == (0, 1, 0)


def test_a_queue_that_is_away_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OSError

    monkeypatch.setattr(HUEY.storage, "result_items", away)
    assert UnreadAnswers().clear() == 0


def test_the_worker_lets_posts_go_by_itself(settings: Any) -> None:
    settings.KEEP_ENTRIES_DAYS = 1
    make_entry()  # of the day at which tests play, which is long ago
    tasks.tidy_up.call_local()
    assert PostsLetGo.objects.total() == 1
