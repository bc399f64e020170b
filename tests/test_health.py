from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
import redis
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from aggregator import health, tasks
from aggregator.models import Tick

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


def test_readyz_says_that_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(Tick.objects, "moment", unreachable)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert b"The database does not answer" in answer.content


def test_a_queue_that_is_down_is_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(feed_ids: list[int]) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(tasks, "poll_and_answer", unreachable)
    assert tasks.poll_and_wait([1], seconds=1) is False
