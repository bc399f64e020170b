"""A site in use whose database or queue is stopped and started again, each alone; and one whose disk is full.

Real processes: the web server, the worker, Redis. PostgreSQL goes and comes by a relay, where the tests run on it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection

from aggregator.worker import QUEUE_AWAY
from tests.documents import rss
from tests.factories import NOW
from tests.needs import small_disk
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import ROOT, Site
from tests.servers import Answer, FeedServer
from tests.stoppable import RedisServer, Relay

pytestmark = [pytest.mark.slow, pytest.mark.alone]
IS_POSTGRES = connection.vendor == "postgresql"
MAKE_ADMIN = (
    "from django.contrib.auth.models import User; User.objects.create_superuser('ada', password='correct-horse')"
)


class Browser:
    """Of a curator; as little of one as is needed."""

    def __init__(self, address: str) -> None:
        self._place = urlsplit(address).netloc
        self._cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of an answer; a redirect is followed."""
        line = HTTPConnection(self._place, timeout=PATIENCE_SECONDS)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is None:
            line.request("GET", path, headers=headers)
        else:
            token = {"csrfmiddlewaretoken": self._cookies["csrftoken"]}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request("POST", path, urlencode(token | form), headers)
        answer = line.getresponse()
        status, text = answer.status, unescape(answer.read().decode())
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        line.close()
        return self.ask(answer.headers["Location"]) if status == 302 else (status, text)

    def log_in(self) -> None:
        self.ask("/admin/login/")
        status, text = self.ask("/admin/login/?next=/admin/", {"username": "ada", "password": "correct-horse"})
        assert (status, "Log out" in text) == (200, True)


@contextmanager
def worker(site: Site, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        command = [sys.executable, "manage.py", "run_huey"]
        process = subprocess.Popen(command, cwd=ROOT, env=site.variables, stderr=written)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def lines_about(thing: str, log: Path) -> list[str]:
    text = log.read_text()
    assert "Traceback" not in text
    return [line for line in text.splitlines() if re.match(r"(ERROR|WARNING) ", line) and thing in line]


def test_a_site_in_use_whose_redis_is_stopped(tmp_path: Path, feed_server: FeedServer) -> None:
    url = feed_server.add("/feed", Answer(rss("Fresh Paint", [("One", NOW)])))
    web_log, worker_log = tmp_path / "web.log", tmp_path / "worker.log"
    with RedisServer(tmp_path) as server:
        queue = f"redis://127.0.0.1:{server.port}/0"
        site = Site(tmp_path / "orrery.sqlite3", tmp_path / "data", HUEY_URL=queue)
        assert site.manage("shell", "-c", MAKE_ADMIN).returncode == 0
        assert site.manage("add_feed", "--no-poll", url).returncode == 0
        poll, actions = "/admin/aggregator/feed/1/poll/", {"action": "poll_now", "_selected_action": "1", "index": "0"}
        with site.web_server(log=web_log) as address, worker(site, worker_log):
            browser = Browser(address)
            browser.log_in()
            wait_until(lambda: "Fresh Paint" in browser.ask(poll, {})[1], what="a poll by the worker")
            server.stop()
            stopped_at = time.monotonic()
            seen = {path: browser.ask(path)[0] for path in ("/", "/atom.xml", "/admin/", "/healthz", "/readyz")}
            assert seen == {"/": 200, "/atom.xml": 200, "/admin/": 200, "/healthz": 200, "/readyz": 503}
            for _ in range(3):
                status, text = browser.ask(poll, {})
                assert (status, f"{QUEUE_AWAY} The feed is polled as soon as it can be." in text) == (200, True)
                status, text = browser.ask("/admin/aggregator/feed/", actions)
                assert (status, f"{QUEUE_AWAY} It polls one feed as soon as it can." in text) == (200, True)
            wait_until(lambda: lines_about("queue", worker_log), what="the worker's line")
            server.start()
            minutes = 1 + int(time.monotonic() - stopped_at) // 60
            status, text = browser.ask(poll, {})
            assert (status, QUEUE_AWAY in text) == (200, False)
            wait_until(lambda: "was read" in browser.ask(poll, {})[1], what="a poll by the worker")
    for log in (web_log, worker_log):
        away, back = lines_about("Connect", log), lines_about("the queue is back", log)
        assert (1 <= len(away) <= minutes, len(back)) == (True, 1)


@pytest.mark.skipif(not IS_POSTGRES, reason="a file can't be stopped")
@pytest.mark.django_db(transaction=True)
def test_a_site_in_use_whose_postgresql_is_stopped(tmp_path: Path) -> None:
    there, log = connection.settings_dict, tmp_path / "log"
    with Relay(there["HOST"], int(there["PORT"])) as relay:
        user = f"{there['USER']}:{there['PASSWORD']}".rstrip(":")
        database = f"postgres://{user}@127.0.0.1:{relay.port}/{there['NAME']}"
        site = Site(tmp_path / "orrery.sqlite3", tmp_path / "data", DATABASE_URL=database)
        with site.web_server(log=log) as address:
            browser = Browser(address)
            assert browser.ask("/")[0] == 200
            relay.stop()
            seen = {path: browser.ask(path)[0] for path in ("/", "/admin/login/", "/sources/", "/healthz") * 3}
            assert seen == {"/": 503, "/admin/login/": 200, "/sources/": 503, "/healthz": 200}
            assert browser.ask("/readyz")[1].startswith("The database can't be used just now: nobody answers there")
            relay.start()
            assert [browser.ask(path)[0] for path in ("/", "/sources/")] == [200, 200]
    assert len(lines_about("pages can't be shown", log)) == 1
    assert len(lines_about("the database is back", log)) == 1


def test_a_worker_that_starts_on_a_full_disk_comes_up_when_there_is_room(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        data, fill = disk / "data", disk / "fill"
        site = Site(tmp_path / "orrery.sqlite3", tmp_path / "copy", DATA_DIR=str(data), HUEY_URL="")
        data.mkdir(mode=0o700)
        (data / "secret_key").write_text("a secret of before")
        with fill.open("wb") as file:
            while _takes_more(file.fileno()):
                pass
        with worker(site, log) as process:
            wait_until(lambda: lines_about("full", log), what="a line about the disk")
            assert process.poll() is None
            fill.unlink()
            wait_until(lambda: lines_about("the queue is back", log), what="the worker's coming up")
            assert process.poll() is None


def _takes_more(file: int) -> bool:
    try:
        return os.write(file, bytes(4096)) > 0
    except OSError:
        return False
