from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from aggregator import health, tasks
from aggregator.models import Tick
from aggregator.worker import Reply

pytestmark = [pytest.mark.django_db, pytest.mark.queue]


def test_healthz_answers_without_a_database(client: Client, django_db_blocker) -> None:
    with django_db_blocker.block():
        assert client.get("/healthz").content == b"alive\n"


def test_readyz_is_ready_when_the_poller_ticked_lately(client: Client) -> None:
    Tick.objects.note(timezone.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")


def test_readyz_says_that_the_worker_never_ran(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"The poller has never run" in answer.content


def test_readyz_says_since_when_the_poller_is_silent(client: Client) -> None:
    silent_since = timezone.now() - timedelta(minutes=11)
    Tick.objects.note(silent_since)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert f"{silent_since:%Y-%m-%d %H:%M} UTC".encode() in answer.content


def test_readyz_says_that_the_queue_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> int:
        raise sqlite3.OperationalError("disk I/O error")

    Tick.objects.note(timezone.now())
    monkeypatch.setattr(health, "queue_length", unreachable)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The queue does not answer: see HUEY_URL.\n")


def test_readyz_says_what_is_wrong_with_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(Tick.objects, "moment", unreachable)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"can't be used just now: nobody answers there; is it running?" in answer.content
    assert b"migrate" not in answer.content


def test_readyz_says_that_tables_are_missing(client: Client) -> None:
    """In the words of the database that it is: no error of another one is made here."""

    def elsewhere(execute: Callable[..., object], sql: str, *rest: object) -> object:
        return execute(sql.replace("aggregator_tick", "aggregator_nothing"), *rest)

    with transaction.atomic(), connection.execute_wrapper(elsewhere):
        answer = client.get("/readyz")
        transaction.set_rollback(True)
    assert b"tables" in answer.content
    assert b"`manage.py migrate` makes" in answer.content


def test_readyz_says_that_tables_are_those_of_a_version_before(client: Client) -> None:
    Tick.objects.note(timezone.now())
    MigrationRecorder(connection).record_unapplied("aggregator", "0025_names_in_other_forms")
    answer = client.get("/readyz")
    said = "The database can't be used just now: its tables are not those of this version; `manage.py migrate` makes"
    assert (answer.status_code, answer.content.decode()) == (503, f"{said} what is missing.\n")
    MigrationRecorder(connection).record_applied("aggregator", "0025_names_in_other_forms")
    assert client.get("/readyz").content == b"ready\n"


def test_readyz_names_static_files_that_are_missing(client: Client, settings: Settings, tmp_path: Path) -> None:
    Tick.objects.note(timezone.now())
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static_files.ReadableStaticFiles"}}
    said = client.get("/readyz").content.decode()
    assert said.startswith(f"Static files are missing in {tmp_path}/static: admin/")
    assert said.endswith("more: run `manage.py setup_site`, and start the web server anew.\n")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert client.get("/readyz").content == b"ready\n"
    [style, *_] = (tmp_path / "static").glob("css/*.*.css")
    style.unlink()
    assert "Static files are missing" in client.get("/readyz").content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_may_call_the_site_by_any_name(client: Client, settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    Tick.objects.note(timezone.now())
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/", headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_a_queue_that_is_down_is_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(feed_ids: list[int]) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(tasks, "poll_and_answer", unreachable)
    assert tasks.poll_and_wait([1], seconds=1) is Reply.QUEUE_AWAY
