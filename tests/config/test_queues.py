"""The queue's storages, on servers that come and go."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from logging.config import DictConfigurator
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from huey.consumer import Worker
from huey.contrib.djhuey import HUEY

from aggregator import tasks
from aggregator.worker import QUEUE_ERRORS
from config.addresses import queue_backend
from tests.factories import NOW
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


@pytest.mark.parametrize("missed_by", ["queue_size", "dequeue"])
@pytest.mark.parametrize("found_by", ["queue_size", "dequeue"])
def test_the_log_says_once_when_the_queue_is_back(
    server: tuple[Stoppable, Make], caplog: pytest.LogCaptureFixture, missed_by: str, found_by: str
) -> None:
    stoppable, make = server
    storage = make()
    stoppable.stop()
    for _ in range(3):
        with pytest.raises(QUEUE_ERRORS):
            getattr(storage, missed_by)()
    stoppable.start()
    other = make()
    for _ in range(2):
        other.enqueue(b"a task of another process")
    with caplog.at_level(logging.WARNING, "aggregator.absence"):
        getattr(storage, found_by)()
        getattr(storage, found_by)()
    other.flush_queue()
    [said] = [record.getMessage() for record in caplog.records if record.name == "aggregator.absence"]
    assert said.startswith("the queue is back, after ")


def test_a_queue_in_a_file_is_made_once_that_can_be(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    storage = storage_at(f"sqlite:///{tmp_path}/later/queue.sqlite3")
    (tmp_path / "later").rmdir()
    with pytest.raises(QUEUE_ERRORS):
        storage.enqueue(b"lost")
    (tmp_path / "later").mkdir()
    storage.enqueue(b"a task")
    assert bytes(storage.dequeue()) == b"a task"
    storage.close()


# -- tasks that nobody here can read -----------------------------------------------------------------------------------


class Kept(logging.Handler):
    """The lines as the log has them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += self.format(record).splitlines()


@pytest.fixture
def log() -> Iterator[Kept]:
    """What the worker's loggers say, through the filters of the site."""
    kept, logger = Kept(), logging.getLogger("huey")
    configured: Any = DictConfigurator(settings.LOGGING)
    for name in configured.config["handlers"]["console"]["filters"]:
        kept.addFilter(configured.configure_filter(configured.config["filters"][name]))
    logger.addHandler(kept)
    HUEY.flush()
    yield kept
    HUEY.flush()
    logger.removeHandler(kept)


def task_of_another_version() -> bytes:
    task = HUEY._registry.create_message(tasks.poll_feeds_now.s([]))
    return bytes(HUEY.serializer.serialize(task._replace(name="aggregator.tasks.gone")))


@pytest.mark.parametrize("make", [task_of_another_version, lambda: b"garbage", lambda: b"", lambda: b"\x80\x05]."])
def test_a_task_that_cannot_be_read_is_one_line_of_the_log(make: Callable[[], bytes], log: Kept) -> None:
    HUEY.storage.enqueue(make())
    Worker(HUEY, Event(), 0.01, 0.01, 1).loop()
    [line] = log.lines
    assert line.startswith("WARNING huey.consumer")
    assert "A task in the queue is left out" in line


def test_one_that_was_planned_too(log: Kept) -> None:
    then = NOW.replace(tzinfo=None)
    HUEY.storage.add_to_schedule(b"garbage", then)
    assert HUEY.read_schedule(then) == []
    [line] = log.lines
    assert line.startswith("WARNING huey A task in the queue is left out")


def test_other_faults_of_the_queue_keep_their_traceback(log: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bytes:
        raise TypeError("ours")

    monkeypatch.setattr(HUEY.storage, "dequeue", fail)
    Worker(HUEY, Event(), 0.01, 0.01, 1).loop()
    assert any(line.startswith("Traceback") for line in log.lines)
