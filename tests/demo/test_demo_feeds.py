from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from aggregator.demo import registering
from aggregator.demo.library import load_library
from aggregator.demo.registering import register_feeds
from aggregator.models import Category, Feed
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent
BASE = "http://127.0.0.1:8765"
LIBRARY = load_library()
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the worker is asked to do."""
    asked: list[str] = []
    monkeypatch.setattr(registering, "poll_due_feeds", lambda: asked.append("poll"))
    return asked


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo_feeds", "--port", "0", "--every", "3600"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    yield process
    watchdog.cancel()
    process.kill()
    process.communicate()


def first_lines(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().strip() for _ in range(len(LIBRARY.blogs) + 1)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_cleanly(running: subprocess.Popen[str], number: signal.Signals) -> None:
    first_lines(running)
    running.send_signal(number)
    _, errors = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 0
    assert "Traceback" not in errors


def test_the_addresses_that_are_printed_answer(running: subprocess.Popen[str]) -> None:
    addresses = [line.split()[0] for line in first_lines(running)[1:]]
    assert len(addresses) == len(LIBRARY.blogs)
    with urllib.request.urlopen(addresses[0], timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 200


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"127.0.0.1:{port}"):
            call_command("demo_feeds", port=port)


def test_a_taken_port_comes_with_the_words_that_choose_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"DEMO_FEEDS_PORT={port + 1} make demo"):
            call_command("demo_feeds", port=port)


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="--every"):
        call_command("demo_feeds", every=0)


@pytest.mark.django_db
def test_registering_adds_every_blog_in_its_category(asked: list[str]) -> None:
    assert list(register_feeds(LIBRARY, BASE)) == []
    assert Feed.objects.count() == len(LIBRARY.blogs)
    assert set(Category.objects.values_list("name", flat=True)) == {"Django", "Web", "Packaging"}
    assert Feed.objects.get(url=f"{BASE}/wheelwright/feed.xml").category.name == "Packaging"


@pytest.mark.django_db
def test_registering_asks_the_worker_once_to_poll(asked: list[str]) -> None:
    list(register_feeds(LIBRARY, BASE))
    assert asked == ["poll"]


@pytest.mark.django_db
def test_registering_twice_adds_nothing(asked: list[str]) -> None:
    list(register_feeds(LIBRARY, BASE))
    list(register_feeds(LIBRARY, BASE))
    assert Feed.objects.count() == len(LIBRARY.blogs)


@pytest.mark.django_db
def test_a_feed_that_has_followed_its_move_is_not_added_again(asked: list[str]) -> None:
    list(register_feeds(LIBRARY, BASE))
    moved = Feed.objects.filter(url=f"{BASE}/old-home/lockfile.xml")
    assert moved.update(url=f"{BASE}/lockfile-diaries/atom.xml") == 1
    list(register_feeds(LIBRARY, BASE))
    assert Feed.objects.count() == len(LIBRARY.blogs)


@pytest.mark.django_db
def test_registering_makes_every_feed_due(asked: list[str]) -> None:
    list(register_feeds(LIBRARY, BASE))
    Feed.objects.update(next_poll_at=LATER)
    list(register_feeds(LIBRARY, BASE))
    assert not Feed.objects.filter(next_poll_at__gt=timezone.now() + timedelta(minutes=1)).exists()
