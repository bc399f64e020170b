"""Whoever is told to end closes the database: nothing stays beside its file, and a plain copy has every row."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.documents import rss
from tests.factories import NOW
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import ROOT, Site
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.slow, pytest.mark.queue]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(
        tmp_path / "orrery.sqlite3",
        tmp_path / "data",
        FETCH_ALLOWED_NETWORKS="127.0.0.0/8",
        FETCH_HOST_SPACING_SECONDS="0",
    )


def beside(database: Path) -> list[str]:
    """The files that SQLite keeps beside a database while it is open."""
    return sorted(path.name for path in database.parent.glob(f"{database.name}-*"))


def rows(database: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as line:
        return line.execute(question).fetchall()


def test_the_web_server_closes_what_its_threads_opened(site: Site) -> None:
    with site.web_server() as address:
        for path in ("", "sources/", "atom.xml"):
            urllib.request.urlopen(address + path, timeout=PATIENCE_SECONDS).read()
        assert beside(site.database)
    assert beside(site.database) == []


def test_the_worker_closes_what_its_threads_opened_and_gives_back_the_feeds_that_it_has(
    site: Site, feed_server: FeedServer, tmp_path: Path
) -> None:
    quick = feed_server.add("/quick", Answer(rss("Quick", [("One", NOW)])))
    slow = feed_server.add("/slow", Answer(rss("Slow", [("Two", NOW)]), delay_seconds=PATIENCE_SECONDS))
    site.manage("add_feed", quick, slow, "--no-poll")
    site.manage("poll_feeds", quick)  # as its host is asked by one at a time
    with site.worker(log=tmp_path / "log") as worker:
        wait_until(lambda: "/slow" in feed_server.paths(), what="the slow feed is asked")
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE_SECONDS)
    assert beside(site.database) == []
    assert beside(Path(site.variables["DATA_DIR"]) / "queue.sqlite3") == []
    assert rows(site.database, "SELECT count(*) FROM aggregator_entry") == [(1,)]
    assert rows(site.database, "SELECT count(*) FROM aggregator_feed WHERE lease IS NOT NULL") == [(0,)]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_command_that_is_told_to_end_gives_back_and_closes(site: Site, feed_server: FeedServer) -> None:
    site.manage("add_feed", feed_server.add("/slow", Answer(delay_seconds=PATIENCE_SECONDS)), "--no-poll")
    command = [sys.executable, "manage.py", "poll_feeds", "--all"]
    with subprocess.Popen(command, cwd=ROOT, env=site.variables, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: "/slow" in feed_server.paths(), what="the feed is asked")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, said) == (128 + signal.SIGTERM, "")
    assert beside(site.database) == []
    assert rows(site.database, "SELECT count(*) FROM aggregator_feed WHERE lease IS NOT NULL") == [(0,)]
