"""The web server's processes, as `make run` starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, Site, answers

pytestmark = pytest.mark.slow


class Started:
    def __init__(self, site: Site, **variables: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.web_server"],
            cwd=ROOT,
            env={**site.variables, "PORT": str(self.port), **variables},
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> None:
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while not answers(self.port):
            assert self.process.poll() is None
            assert time.monotonic() < gives_up_at
            time.sleep(0.05)

    def children(self) -> list[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in found.split()]

    def asks(self) -> str:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
            found: str = answer.read().decode()
            return found

    def end(self, number: int = signal.SIGTERM) -> str:
        """What it wrote until it ended."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=PATIENCE_SECONDS)[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    return Site(folder / "orrery.sqlite3", folder / "data")


@pytest.fixture
def started(site: Site) -> Iterator[Started]:
    """One with two processes, which are there: it listens before it starts them."""
    started = Started(site, WEB_WORKERS="2")
    started.wait()
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while len(started.children()) < 2:
        assert time.monotonic() < gives_up_at
        time.sleep(0.05)
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGKILL)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "99999", "at least 1 and at most 65535"),
        ("WEB_WORKERS", "0", "at least 1"),
        ("WEBSITE_URL", "planet.example.org", "the site's address without a path, such as https://planet.example.org"),
    ],
)
def test_a_bad_value_ends_the_start_with_one_sentence(site: Site, name: str, value: str, expected: str) -> None:
    started = Started(site, **{name: value})
    assert started.process.communicate(timeout=PATIENCE_SECONDS)[1] == (
        f"{name}={value!r} can't be used: it must be {expected}.\n"
    )
    assert started.process.returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_all_its_processes_when_it_is_told_to(started: Started, number: int) -> None:
    assert started.asks() == "alive\n"
    children = started.children()
    assert len(children) == 2
    log = started.end(number)
    assert started.process.returncode == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert "Traceback" not in log


def test_a_process_that_is_killed_is_started_anew(started: Started) -> None:
    for pid in (killed := started.children()):
        os.kill(pid, signal.SIGKILL)
    assert started.asks() == "alive\n"  # it waits in the line until somebody answers
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while len(fresh := started.children()) < 2:
        assert time.monotonic() < gives_up_at
        time.sleep(0.05)
    assert not set(killed) & set(fresh)
    assert "is started anew" in started.end()


def test_no_process_outlives_the_first(started: Started) -> None:
    children = started.children()
    started.end(signal.SIGKILL)
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while any(Path(f"/proc/{pid}/exe").exists() for pid in children):
        assert time.monotonic() < gives_up_at
        time.sleep(0.05)


def test_a_port_that_is_taken_is_named_with_the_way_out(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        log = Started(site, PORT=str(taken.getsockname()[1])).process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert "can't listen" in log
    assert "PORT=9000" in log
    assert "Traceback" not in log


def test_it_listens_where_the_env_file_says(site: Site, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("HOST=127.0.0.9\nWEB_WORKERS=1\n")
    started = Started(site, ENV_FILE=str(tmp_path / "env"))
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    line = socket.socket()
    while line.connect_ex(("127.0.0.9", started.port)):
        assert time.monotonic() < gives_up_at
        time.sleep(0.05)
    line.close()
    assert not answers(started.port)
    started.end()
