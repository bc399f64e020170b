"""The door to the queue: what who asks learns, and that nobody goes by another way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
import redis
from huey.contrib.djhuey import HUEY
from huey.exceptions import TaskException

from aggregator import tasks
from aggregator.worker import Reply, ask, ask_and_wait
from tests.test_house import FILES, tree_of

pytestmark = [pytest.mark.django_db, pytest.mark.queue]

TASK_DECORATORS = {"db_task", "db_periodic_task", "task", "periodic_task"}
WAYS = {"schedule", "delay", "s", "map"}
"""Methods of a task that put it into the queue, or make what can be put there."""


@pytest.fixture(autouse=True)
def queue() -> Iterator[None]:
    HUEY.flush()
    yield
    HUEY.flush()


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise redis.ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)


def test_what_is_asked_for_is_in_the_queue() -> None:
    assert ask(tasks.poll_feeds_now, [7])
    assert HUEY.dequeue().args == ([7],)


def test_what_is_asked_for_later_waits() -> None:
    assert ask(tasks.poll_feeds_now, [7], after_seconds=60)
    assert HUEY.dequeue().eta


@pytest.mark.usefixtures("no_queue")
def test_who_asks_a_queue_that_is_away_learns_it(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(tasks.poll_due_feeds) is None
    assert ask_and_wait(tasks.poll_feeds_now, [7], seconds=1) is Reply.QUEUE_AWAY
    assert "the worker can't be asked" in caplog.text


@pytest.mark.parametrize(
    ("said", "reply"), [(True, Reply.DONE), (False, Reply.FAILED), (TaskException("by a fault"), Reply.FAILED)]
)
def test_the_worker_says_whether_it_came_to_the_end(
    monkeypatch: pytest.MonkeyPatch, said: object, reply: Reply
) -> None:
    class Asked:
        def get(self, **options: object) -> object:
            if isinstance(said, Exception):
                raise said
            return said

    monkeypatch.setattr(tasks, "poll_and_answer", lambda feed_ids: Asked())
    assert tasks.poll_and_wait([7], 1) is reply


def test_a_queue_that_goes_while_the_worker_works_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(key: str) -> bool:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(HUEY.storage, "has_data_for_key", gone)
    monkeypatch.setattr(HUEY.storage, "peek_data", gone)
    monkeypatch.setattr(HUEY.storage, "pop_data", gone)
    assert tasks.poll_and_wait([7], 1) is Reply.QUEUE_AWAY


def test_nothing_goes_into_the_queue_by_another_door() -> None:
    """A call of a task is a task in the queue; only `ask` makes one."""
    names = {
        node.name
        for module in ("aggregator.tasks", "notifications.tasks")
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef)
        if any(ast.unparse(decorator).split("(")[0] in TASK_DECORATORS for decorator in node.decorator_list)
    }
    assert {"poll_feeds_now", "send_now"} <= names
    offenders = [
        f"{name}:{node.lineno}"
        for name in FILES
        if name != "aggregator.worker"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call) and _puts_into_the_queue(node, names)
    ]
    assert offenders == []


def _puts_into_the_queue(call: ast.Call, tasks_: set[str]) -> bool:
    *owners, last = ast.unparse(call.func).split(".")
    is_method = last in WAYS and bool(owners) and owners[-1] in tasks_
    return last in tasks_ or is_method or (last == "enqueue" and owners == ["HUEY"])
