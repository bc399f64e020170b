"""kill -9 of a real worker in the middle of a poll, then a restart: nothing lost, nothing twice, nothing stuck."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db.models import Count
from django.utils import timezone

from aggregator.models import Entry, Feed
from aggregator.tasks import poll_due_feeds
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import ROOT, site_variables
from tests.servers import Answer, FeedServer, Seen

pytestmark = [pytest.mark.queue, pytest.mark.alone, pytest.mark.slow]
FEEDS, HOSTS, POSTS = 50, 10, 6


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on the tests' database and queue."""
    command = [sys.executable, "manage.py", "run_huey"]
    process = subprocess.Popen(command, cwd=ROOT, env=site_variables(), start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def family(pid: int) -> set[int]:
    """The process ids of a process and all that it started."""
    found = {pid}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found |= family(int(child))
    return found


@pytest.fixture
def may_end() -> threading.Event:
    """Until it is set, the last host doesn't answer: a poll that is to be killed waits for that."""
    return threading.Event()


@pytest.fixture
def planet(may_end: threading.Event) -> Iterator[list[FeedServer]]:
    """Fifty feeds on ten hosts, none of them read yet."""

    def answer_at_the_end(body: bytes, _: Seen) -> Answer:
        may_end.wait(PATIENCE_SECONDS)
        return Answer(body)

    with ExitStack() as stack:
        servers = [stack.enter_context(FeedServer(f"127.0.1.{number}")) for number in range(1, HOSTS + 1)]
        for number in range(FEEDS):
            posts = [(f"Post {number} {post}", NOW - timedelta(days=post)) for post in range(POSTS)]
            body = rss(f"Blog {number}", posts, site_url=f"https://blog{number}.example/")
            answer = partial(answer_at_the_end, body) if number % HOSTS == HOSTS - 1 else Answer(body)
            url = servers[number % HOSTS].add(f"/{number}", answer)
            make_feed(url=url, state="pending", last_ok_at=None, next_poll_at=timezone.now() - timedelta(days=1))
        yield servers


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds a worker's children in /proc (Linux)")
@pytest.mark.parametrize("fetches", [3, 20])
def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    planet: list[FeedServer], may_end: threading.Event, fetches: int
) -> None:
    with worker() as first:
        poll_due_feeds()
        wait_until(lambda: sum(len(server.requests) for server in planet) >= fetches, what="some feeds are fetched")
        processes = family(first.pid)
        first.send_signal(signal.SIGKILL)
        first.wait()
    may_end.set()
    polled = Feed.objects.filter(last_ok_at__isnull=False)
    assert polled.count() < FEEDS
    assert Entry.objects.count() == polled.count() * POSTS  # each feed whole, or not at all
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), what="its children are gone too")

    Feed.objects.filter(lease__isnull=False).update(next_poll_at=timezone.now())  # as if the leases had run out
    with worker():
        poll_due_feeds()
        wait_until(lambda: polled.count() == FEEDS, what="all feeds are stored")
    assert Entry.objects.count() == FEEDS * POSTS
    assert not Entry.objects.values("feed", "url").annotate(copies=Count("pk")).filter(copies__gt=1).exists()
    assert not Feed.objects.filter(lease__isnull=False).exists()


@contextmanager
def hearing_ctrl_c() -> Iterator[None]:
    """What is started in the block hears Ctrl-C, even if a shell told us to ignore it, as it does in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_a_poll_with_a_word_and_gives_its_feeds_back(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/slow", Answer(delay_seconds=60)))
    command = [sys.executable, "manage.py", "poll_feeds", "--all"]
    options = {"cwd": ROOT, "env": site_variables(), "stderr": subprocess.PIPE, "text": True}
    with hearing_ctrl_c(), subprocess.Popen(command, **options) as process:
        wait_until(lambda: bool(feed_server.requests), what="the feed was asked for")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, said) == (128 + signal.SIGINT, "\nStopped.\n")
    assert not Feed.objects.filter(lease__isnull=False).exists()
