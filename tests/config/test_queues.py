"""The queue's storages, on servers that come and go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from aggregator.worker import QUEUE_ERRORS
from config.addresses import queue_backend
from tests.stoppable import RedisServer, Relay, Stoppable

pytestmark = pytest.mark.queue

IS_POSTGRES = "dsn" in settings.HUEY
Make = Callable[[], Any]


@pytest.fixture(params=["redis", *(["postgres"] if IS_POSTGRES else [])])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Stoppable, Make]]:
    """A server that runs, and what makes the storage that is kept there, as a process does when it starts."""
    stoppable: RedisServer | Relay = RedisServer(tmp_path)
    url = f"redis://127.0.0.1:{stoppable.port}/0"
    if request.param == "postgres":
        dsn = urlsplit(settings.HUEY["dsn"])
        stoppable = Relay(dsn.hostname or "", dsn.port or 5432)
        place = dsn.netloc.replace(f":{dsn.port}", f":{stoppable.port}")
        url = dsn._replace(netloc=place).geturl()
    made: list[Any] = []

    def make() -> Any:
        made.append(storage_at(url))
        return made[-1]

    with stoppable:
        yield stoppable, make
        for storage in made:
            storage.close()


def storage_at(url: str) -> Any:
    backend = queue_backend(url)
    return import_string(backend.pop("huey_class"))("stopped", **backend).storage


@pytest.mark.parametrize(
    "url",
    [
        *("redis://localhost", "redis://:secret@localhost:6379/2", "rediss://host/0", "unix:///run/redis.sock?db=1"),
        *("postgres://ada:p#s?s@host/name", "postgresql://one:5432,two:5433/name", "postgres:///name?host=/run/pg"),
        *("sqlite:///queue.sqlite3", "sqlite:////tmp/queue.sqlite3", "postgres://host"),
    ],
)
def test_what_a_client_can_use_is_taken(url: str) -> None:
    assert queue_backend(url)["huey_class"].startswith("config.queues.")


def test_a_process_starts_without_its_queue_and_uses_it_when_it_is_there(server: tuple[Stoppable, Make]) -> None:
    stoppable, make = server
    stoppable.stop()
    storage = make()
    with pytest.raises(QUEUE_ERRORS):
        storage.enqueue(b"lost")
    stoppable.start()
    storage.enqueue(b"a task")
    assert bytes(storage.dequeue()) == b"a task"


def test_the_first_task_after_a_restart_goes_in(server: tuple[Stoppable, Make]) -> None:
    stoppable, make = server
    storage = make()
    assert storage.queue_size() == 0
    stoppable.stop()
    stoppable.start()
    storage.enqueue(b"a task")
    assert bytes(storage.dequeue()) == b"a task"


def test_the_log_says_once_when_the_queue_is_back(
    server: tuple[Stoppable, Make], caplog: pytest.LogCaptureFixture
) -> None:
    stoppable, make = server
    storage = make()
    stoppable.stop()
    for _ in range(3):
        with pytest.raises(QUEUE_ERRORS):
            storage.queue_size()
    stoppable.start()
    with caplog.at_level(logging.WARNING, "aggregator.absence"):
        storage.queue_size()
        storage.queue_size()
    [said] = [record.getMessage() for record in caplog.records if record.name == "aggregator.absence"]
    assert said.startswith("the queue is back, after ")


def test_a_queue_in_a_file_is_made_once_that_can_be(tmp_path: Path) -> None:
    storage = storage_at(f"sqlite:///{tmp_path}/later/queue.sqlite3")
    with pytest.raises(QUEUE_ERRORS):
        storage.enqueue(b"lost")
    (tmp_path / "later").mkdir()
    storage.enqueue(b"a task")
    assert bytes(storage.dequeue()) == b"a task"
    storage.close()
