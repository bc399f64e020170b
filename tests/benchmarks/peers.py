"""Our poll beside the peers that are installed, in one run: `python -m tests.benchmarks.peers [FEEDS]`.

newsboat is found on the path; lemon24/reader by READER_PYTHON, a Python that has it. Processor time counts, start-up
and children included, the feed server's not; the scenarios are a first poll and one that is answered with 304.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.documents import rss
from tests.servers import Answer, FeedServer

ROOT = Path(__file__).resolve().parents[2]
READER_PYTHON = os.environ.get("READER_PYTHON", "")
SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER (prctl(2)): what a poll leaves behind, such as a fork server, is waited for here."""

ADD_OURS = """
import sys, django
django.setup()
from urllib.parse import urlsplit
from aggregator.models import Feed
urls = sys.stdin.read().split()
Feed.objects.bulk_create(Feed(url=url, host=urlsplit(url).hostname, slug=f"s{n}") for n, url in enumerate(urls))
"""
ADD_READERS = """
import sys
from reader import make_reader
reader = make_reader("reader.sqlite")
for url in sys.stdin.read().split():
    reader.add_feed(url)
"""
POLL_READERS = """
from reader import make_reader
make_reader("reader.sqlite").update_feeds(workers=20)
"""


def serve(stack: ExitStack, feeds: int) -> list[FeedServer]:
    """A server a feed, as on the web one host a blog; each has it at /feed."""
    now = datetime.now(UTC)
    body = rss("A blog", [(f"Post {number}", now - timedelta(days=number)) for number in range(15)])
    answer = Answer(body, headers={"ETag": '"1"'})
    hosts = (f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(feeds))
    servers = [stack.enter_context(FeedServer(host)) for host in hosts]
    for server in servers:
        server.add("/feed", answer)
    return servers


def commands(folder: Path, urls: list[str]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Name, poll and environment of each aggregator, its feeds added."""
    listed = "\n".join(urls)
    ours = {
        "DATA_DIR": str(folder / "data"),
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FETCH_HOST_SPACING_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    run([*manage, "migrate", "-v0"], folder, ours)
    run([sys.executable, "-c", ADD_OURS], folder, ours, listed)
    yield "orrery", [*manage, "poll_feeds", "--all"], ours
    if newsboat := shutil.which("newsboat"):
        (folder / "urls").write_text(listed)
        (folder / "config").write_text("reload-threads 20\nsuppress-first-reload yes\n")
        yield "newsboat", [newsboat, "-u", "urls", "-c", "cache", "-C", "config", "-x", "reload"], {"HOME": str(folder)}
    if READER_PYTHON:
        run([READER_PYTHON, "-c", ADD_READERS], folder, {}, listed)
        yield "reader", [READER_PYTHON, "-c", POLL_READERS], {}


def run(command: list[str], folder: Path, variables: dict[str, str], text: str = "") -> None:
    environment = os.environ | variables
    subprocess.run(command, cwd=folder, env=environment, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def cpu_seconds(command: list[str], folder: Path, variables: dict[str, str]) -> float:
    """User and system time of the command and of all its descendants."""
    with subprocess.Popen(command, cwd=folder, env=os.environ | variables, stdout=subprocess.DEVNULL) as process:
        seconds = 0.0
        while True:
            try:
                pid, status, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return seconds
            seconds += usage.ru_utime + usage.ru_stime
            if pid == process.pid:
                process.returncode = os.waitstatus_to_exitcode(status)


def main() -> None:
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        urls = [server.url("/feed") for server in serve(stack, feeds)]
        aggregators = list(commands(Path(name), urls))
        for scenario in ("first", "second", "same304"):
            seconds = {who: cpu_seconds(command, Path(name), variables) for who, command, variables in aggregators}
            ratios = "  ".join(f"{who} {cpu:.2f} s ({seconds['orrery'] / cpu:.2f})" for who, cpu in seconds.items())
            print(f"{scenario:<8} {feeds} feeds  {ratios}")


if __name__ == "__main__":
    main()
