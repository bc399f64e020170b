"""Bad days: a disk that is full, a database that is locked, read-only or gone, a clock that is wrong, two workers."""

from __future__ import annotations

import itertools
import math
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from urllib.request import urlopen

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from huey.api import TaskWrapper

from aggregator.models import Entry, Feed
from aggregator.models.faults import StorageFailed
from aggregator.models.sql import time_of_day
from aggregator.polling.clock import database_clock
from aggregator.polling.conductor import poll
from aggregator.tasks import judge_older_entries, poll_due_feeds
from tests import locks
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.needs import need_program, small_disk
from tests.patience import PATIENCE_SECONDS
from tests.polls import outcomes_of
from tests.processes import ROOT, Site, site_variables
from tests.servers import Answer, FeedServer, Seen

FEEDS = 6
FEW = [(f"Old {number}", NOW - timedelta(days=number)) for number in range(3)]
MANY = [(f"New {number}", NOW + timedelta(minutes=number)) for number in range(100)]
EVERY_POST = FEEDS * (len(MANY) + len(FEW))


def serve(server: FeedServer, posts: list[tuple[str, datetime]]) -> list[str]:
    return [
        server.add(f"/{number}", Answer(rss(f"Blog {number}", posts, site_url=f"https://blog{number}.example/")))
        for number in range(FEEDS)
    ]


def stopped(now: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: now


def entries_in(site: Site) -> tuple[int, int]:
    """How many entries there are, and how many different ones."""
    with closing(sqlite3.connect(site.database)) as database:
        found: tuple[int, int] = database.execute(
            "SELECT count(*), count(DISTINCT url) FROM aggregator_entry"
        ).fetchone()
        return found


def end_leases(site: Site) -> None:
    """As if three minutes had gone by."""
    with closing(sqlite3.connect(site.database)) as database, database:
        database.execute("UPDATE aggregator_feed SET next_poll_at = '2020-01-01 00:00:00'")


def front_page(address: str) -> str:
    with urlopen(address, timeout=PATIENCE_SECONDS) as answer:
        return str(answer.read().decode())


def fill(disk: Path, *, leaving: int = 0) -> Path:
    """A file that takes all of the disk's space but for so many bytes."""
    ballast = disk / "ballast"
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(file, bytes(4096))
    except OSError:
        os.ftruncate(file, os.fstat(file).st_size - leaving)
    finally:
        os.close(file)
    return ballast


# -- the disk ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blogs() -> Iterator[FeedServer]:
    """The feeds of `read_site`, at addresses that last as long as it does."""
    with FeedServer() as server:
        yield server


@pytest.fixture(scope="module")
def read_site(tmp_path_factory: pytest.TempPathFactory, blogs: FeedServer) -> Site:
    """A site whose feeds were read once, to be copied."""
    folder = tmp_path_factory.mktemp("read")
    site = Site(folder / "orrery.sqlite3", folder / "data")
    assert site.manage("add_feed", *serve(blogs, FEW)).returncode == 0
    return site


@pytest.fixture
def site_on_small_disk(tmp_path: Path, read_site: Site) -> Iterator[Site]:
    """A site whose feeds were read once, with its database on a disk of four megabytes."""
    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        yield Site(disk / "orrery.sqlite3", tmp_path / "data", like=read_site, FEED_POSTS_PER_DAY="0")


# A disk that is full when the poll begins; one that takes the claims, and is full when the posts come.
@pytest.mark.slow
@pytest.mark.parametrize("left_bytes", [0, 300_000])
def test_a_full_disk_costs_time_and_no_post(site_on_small_disk: Site, blogs: FeedServer, left_bytes: int) -> None:
    site = site_on_small_disk
    with site.web_server() as address:
        assert "Old 1" in front_page(address)
        ballast = fill(site.database.parent, leaving=left_bytes)
        serve(blogs, MANY + FEW)
        run = site.manage("poll_feeds", "--all")
        assert (run.returncode, "its disk is full; make room there" in run.stderr) == (1, True), run.stderr
        assert "Old 1" in front_page(address)
        ballast.unlink()
        end_leases(site)
        assert site.manage("poll_feeds").returncode == 0
        assert entries_in(site) == (EVERY_POST,) * 2
        assert "New 0" in front_page(address)


# -- the database ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_database_that_may_only_be_read_is_named_and_its_pages_are_shown(
    tmp_path: Path, blogs: FeedServer, read_site: Site
) -> None:
    # Root may write to every file; without that privilege it is a user like others.
    through = [need_program("setpriv"), "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    site = Site(tmp_path / "orrery.sqlite3", tmp_path / "data", like=read_site)
    serve(blogs, MANY + FEW)
    site.database.chmod(0o444)
    with site.web_server(through) as address:
        run = site.manage("poll_feeds", "--all", through=through)
        assert (run.returncode, "it may only be read" in run.stderr) == (1, True), run.stderr
        assert "Old 1" in front_page(address)
    site.database.chmod(0o644)
    assert site.manage("poll_feeds", "--all").returncode == 0
    assert entries_in(site) == (EVERY_POST,) * 2


needs_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite locks the whole database")
needs_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="set DATABASE_URL to PostgreSQL")


def locked(seconds: float) -> AbstractContextManager[None]:
    """Another process keeps the tests' database locked for so long, or until the block ends."""
    return locks.locked(connection.settings_dict["NAME"], seconds)


def served_feeds(server: FeedServer) -> list[Feed]:
    return [make_feed(url=url, state="pending", last_ok_at=None) for url in serve(server, FEW)]


def each_post_once() -> bool:
    copies = Entry.objects.values("feed", "url").annotate(copies=Count("pk"))
    return copies.count() == FEEDS * 3 == Entry.objects.count()


@pytest.mark.slow
@needs_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_locked_for_ten_seconds_only_delays_a_poll(feed_server: FeedServer) -> None:
    served_feeds(feed_server)
    with ExitStack() as stack:
        lock = Thread(target=stack.enter_context, args=(locked(10),))

        def answer_once_locked(seen: Seen) -> Answer:
            lock.start()
            lock.join()
            return Answer(rss("Blog 0", FEW, site_url="https://blog0.example/"))

        feed_server.add("/0", answer_once_locked)
        report = poll(clock=stopped(NOW))
    assert (report.polled, report.failed, each_post_once()) == (FEEDS, [], True)


@pytest.fixture
def impatient_database() -> Iterator[None]:
    """Waits for locks for a moment only."""
    options = connection.settings_dict["OPTIONS"]
    patience = options["timeout"]
    options["timeout"] = 0.1
    connection.close()
    yield
    options["timeout"] = patience
    connection.close()


@needs_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient_database")
def test_a_database_that_stays_locked_ends_a_poll_and_the_next_finds_everything(feed_server: FeedServer) -> None:
    feeds = served_feeds(feed_server)
    with ExitStack() as stack:

        def answer_once_locked(seen: Seen) -> Answer:
            stack.enter_context(locked(PATIENCE_SECONDS))
            return Answer(rss("Blog 0", FEW, site_url="https://blog0.example/"))

        feed_server.add("/0", answer_once_locked)
        with pytest.raises(StorageFailed, match="another program keeps it locked"):
            poll(Feed.objects.filter(pk=feeds[0].pk), clock=stopped(NOW))
    serve(feed_server, FEW)
    poll(clock=stopped(NOW + timedelta(minutes=4)))
    assert each_post_once()


@needs_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient_database")
@pytest.mark.queue
@pytest.mark.parametrize("task", [poll_due_feeds, judge_older_entries], ids=["poll", "judge"])
def test_a_tick_says_in_one_line_that_the_database_is_locked(
    task: TaskWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    make_feed(unjudged_below=1)
    with locked(PATIENCE_SECONDS):
        task.call_local()
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "another program keeps it locked" in record.getMessage()
    assert record.exc_info is None


@needs_sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient_database")
def test_a_command_says_in_a_sentence_that_the_database_is_locked(feed_server: FeedServer) -> None:
    served_feeds(feed_server)
    with locked(PATIENCE_SECONDS), pytest.raises(CommandError, match="another program keeps it locked"):
        call_command("poll_feeds")


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_while_feeds_are_fetched_loses_nothing(feed_server: FeedServer) -> None:
    served_feeds(feed_server)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()

    def cut(seen: Seen) -> Answer:
        with psycopg.connect(site_variables()["DATABASE_URL"]) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [backend])
        return Answer(rss("Blog 0", FEW, site_url="https://blog0.example/"))

    feed_server.add("/0", cut)
    with pytest.raises(StorageFailed):
        poll(clock=stopped(NOW))
    assert not Feed.objects.filter(lease__isnull=False).exists()
    serve(feed_server, FEW)
    poll(clock=stopped(NOW))
    assert each_post_once()


def an_hour_ahead() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


@needs_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_clock_is_ahead_goes_by_the_databases(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served_feeds(feed_server)
    monkeypatch.setattr(timezone, "now", an_hour_ahead)
    poll()
    half_an_hour_ahead = time_of_day() + timedelta(minutes=30)
    assert Feed.objects.filter(last_polled_at__lt=half_an_hour_ahead).count() == FEEDS


def test_a_clock_that_jumps_in_the_middle_of_a_poll_moves_nothing(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    clock = database_clock()
    began = clock()
    monkeypatch.setattr(timezone, "now", an_hour_ahead)
    assert timedelta(0) <= clock() - began < timedelta(minutes=30)


# -- workers -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_polls_at_once_share_the_feeds() -> None:
    asked, both_ask = itertools.count(1), Event()

    def answer(body: bytes, _: Seen) -> Answer:
        """Once more are asked than one poll asks at a time, however late the other one starts."""
        if next(asked) > settings.POLL_CONCURRENCY:
            both_ask.set()
        both_ask.wait(50)
        return Answer(body)

    with ExitStack() as stack:
        servers = [stack.enter_context(FeedServer(f"127.0.2.{number}")) for number in range(1, 101)]
        for server in servers:
            body = rss(f"Blog of {server.host}", FEW, site_url=f"https://{server.host}.example/")
            url = server.add("/feed", partial(answer, body))
            make_feed(url=url, state="pending", last_ok_at=None, next_poll_at=timezone.now())
        command = [sys.executable, "manage.py", "poll_feeds"]
        polls = [subprocess.Popen(command, cwd=ROOT, env=site_variables(), stdout=subprocess.PIPE) for _ in range(2)]
        told = [one.communicate(timeout=PATIENCE_SECONDS)[0].decode() for one in polls]
        assert [one.returncode for one in polls] == [0, 0], told
        assert [server.paths() for server in servers] == [["/feed"]] * 100
    assert Entry.objects.count() == 100 * 3
    assert not any(line.startswith("Polled 0") for line in told), told


# -- the clock ---------------------------------------------------------------------------------------------------------

WRONG_BY = pytest.mark.parametrize("wrong_by", [timedelta(hours=1), timedelta(days=365)], ids=["hour", "year"])
USUAL_WAIT = timedelta(hours=6)
"""Between polls of feeds that post once a day; jitter moves it by a tenth."""
SECOND_POLL = NOW + timedelta(hours=7)


def post(server: FeedServer, title: str, at: datetime) -> None:
    serve(server, [(title, at), *FEW])


def polled_at(start: datetime, feed: Feed) -> datetime:
    """When ticks from `start` on poll this feed; of those at which nothing is due, one in half an hour takes place."""
    minute = 0
    while minute < 24 * 60:
        now = start + timedelta(minutes=minute)
        if any(outcome.feed.pk == feed.pk for outcome in outcomes_of(clock=stopped(now))):
            return now
        next_due = Feed.objects.earliest("next_poll_at").next_poll_at
        minute = min(minute + 30, max(minute + 1, math.ceil((next_due - start) / timedelta(minutes=1))))
    pytest.fail("not polled within a day")


@WRONG_BY
@pytest.mark.django_db
def test_after_a_clock_was_ahead_a_feed_waits_no_longer_and_no_shorter_than_usual(
    feed_server: FeedServer, wrong_by: timedelta
) -> None:
    feeds = served_feeds(feed_server)
    poll(clock=stopped(NOW))
    assert poll(clock=stopped(SECOND_POLL + wrong_by)).polled == FEEDS
    waited = polled_at(SECOND_POLL, feeds[3]) - SECOND_POLL
    assert 0.9 * USUAL_WAIT <= waited <= 1.1 * USUAL_WAIT + timedelta(minutes=1)


@WRONG_BY
@pytest.mark.django_db
def test_posts_that_came_while_a_clock_was_ahead_stand_at_their_dates(
    feed_server: FeedServer, wrong_by: timedelta
) -> None:
    served_feeds(feed_server)
    poll(clock=stopped(NOW))
    post(feed_server, "During", NOW + timedelta(hours=6))
    poll(clock=stopped(SECOND_POLL + wrong_by))
    post(feed_server, "After", SECOND_POLL)
    poll(Feed.objects.all(), clock=stopped(SECOND_POLL + timedelta(minutes=1)))
    titles = list(Entry.objects.newest_first().values_list("title", flat=True))
    assert list(dict.fromkeys(titles)) == ["After", "During", "Old 0", "Old 1", "Old 2"]
    assert len(titles) == FEEDS * 5


@WRONG_BY
@pytest.mark.django_db
def test_what_was_announced_before_a_clock_went_wrong_is_not_announced_again(
    feed_server: FeedServer, wrong_by: timedelta
) -> None:
    served_feeds(feed_server)
    poll(clock=stopped(NOW))
    for now in (SECOND_POLL + wrong_by, SECOND_POLL, SECOND_POLL - wrong_by, SECOND_POLL):
        poll(Feed.objects.all(), clock=stopped(now))
    assert not Entry.objects.unannounced().exists()


@WRONG_BY
@pytest.mark.django_db
def test_a_clock_that_was_behind_moves_no_post_and_starves_no_feed(
    feed_server: FeedServer, wrong_by: timedelta
) -> None:
    feeds = served_feeds(feed_server)
    poll(clock=stopped(NOW))
    before = list(Entry.objects.order_by("pk").values_list("pk", "timeline_at"))
    poll(clock=stopped(NOW - wrong_by))
    assert list(Entry.objects.order_by("pk").values_list("pk", "timeline_at")) == before
    assert polled_at(NOW, feeds[3]) - NOW <= 1.1 * USUAL_WAIT + timedelta(minutes=1)
