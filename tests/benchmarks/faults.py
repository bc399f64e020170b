"""A planet among faults: workers that are killed, stores that go away, a clock that jumps. Nothing may get lost.

    python -m tests.benchmarks.faults --minutes 10 --feeds 1000 --workers 3

It starts PostgreSQL, Redis, a thousand blogs that publish, our workers and the web server, all on loopback, and plays
its faults for so many minutes. Then nothing is published any more, and all must be whole within ten minutes. Exits with
1 if one of its claims fails. Needs Debian's postgresql, redis-server and gcc, and Linux. `--minutes 4 --feeds 100`
is a rehearsal: the faults' moments move with the minutes, but the worker still polls once a minute only.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from tests.benchmarks.planet.blogs import Blogs, Post
from tests.benchmarks.planet.claims import Claim, Hurry, claim, hurries, missing, rows_hold, stuck
from tests.benchmarks.planet.clock import Clock
from tests.benchmarks.planet.logs import read_logs
from tests.benchmarks.planet.site import Program, Site
from tests.benchmarks.planet.stores import PostgreSQL, Redis
from tests.benchmarks.planet.watching import LockWatcher, Reader, told_connections, told_locks

MIN_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS = 30, 60
LONGEST_WAIT_SECONDS = 1.1 * MAX_INTERVAL_SECONDS
"""With jitter."""
HOUR_SECONDS = 3600
LOOK_SECONDS = 0.2
WHOLE_LOOK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Fault:
    at_seconds: float
    words: str
    play: Callable[[], object]


class Drill:
    """All of it, started, with the faults in the order of their time."""

    def __init__(self, options: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
        self._options = options
        self._random = random.Random(options.seed)
        self.postgresql = stack.enter_context(PostgreSQL(folder, connections=options.connections))
        self.redis = stack.enter_context(Redis(folder, is_forgetful=options.redis_forgets))
        hosts = options.hosts or max(options.feeds // 4, 1)
        self.blogs = stack.enter_context(Blogs(folder, feeds=options.feeds, hosts=hosts, posts=options.posts))
        self.site = Site(
            folder,
            database_url=self.postgresql.url,
            queue_url=self.redis.url,
            root=options.root,
            FETCH_HOST_SPACING_SECONDS=str(options.spacing_seconds),
            POLL_INTERVAL_MIN_SECONDS=str(MIN_INTERVAL_SECONDS),
            POLL_INTERVAL_MAX_SECONDS=str(MAX_INTERVAL_SECONDS),
        )
        self.site.add_feeds(self.blogs.urls)
        self._clock = Clock(folder) if options.clocks else None
        variables = self._clock.variables if self._clock else {}
        self.workers = [
            self.site.worker(number, **(variables if number <= options.clocks else {}))
            for number in range(1, options.workers + 1)
        ]
        self.web = self.site.web_server()
        for program in (*self.workers, self.web):
            stack.callback(program.kill)
        self.played: list[tuple[float, str]] = []

    @property
    def programs(self) -> list[Program]:
        return [*self.workers, self.web]

    @property
    def programs_by_name(self) -> dict[str, list[Program]]:
        return {"workers": self.workers, "web server": [self.web]}

    def start(self) -> None:
        for program in self.programs:
            program.start()
        self.began_at = self.site.began_at = time.monotonic()

    def faults(self) -> list[Fault]:
        seconds = 60 * self._options.minutes
        away = seconds / 30  # 20 s of 10 minutes
        kills = range(1, int(seconds / self._options.kill_seconds) + 1)
        found = [Fault(number * self._options.kill_seconds, "a worker is killed", self._kill) for number in kills]
        found += [
            Fault(0.15 * seconds, "PostgreSQL crashes and starts", partial(self.postgresql.restart, signal.SIGQUIT)),
            Fault(0.28 * seconds, "Redis restarts", partial(self.redis.restart, signal.SIGTERM)),
            Fault(0.41 * seconds, "PostgreSQL is away", partial(self.postgresql.end, signal.SIGINT)),
            Fault(0.41 * seconds + away, "PostgreSQL is back", self.postgresql.start),
            Fault(0.56 * seconds, "Redis is away", partial(self.redis.end, signal.SIGTERM)),
            Fault(0.56 * seconds + away, "Redis is back", self.redis.start),
        ]
        if self._clock:
            whose = f"the clock of {self._options.clocks} of the workers is"
            found += [
                Fault(0.68 * seconds, f"{whose} an hour ahead", partial(self._clock.turn, HOUR_SECONDS)),
                Fault(0.9 * seconds, f"{whose} right again", partial(self._clock.turn, 0)),
            ]
        return sorted(found, key=lambda fault: fault.at_seconds)

    def play(self) -> None:
        """Returns at the end of the time of faults."""
        self.blogs.order(f"begin {self._options.post_seconds}")
        for fault in self.faults():
            self._wait_until(self.began_at + fault.at_seconds)
            self._note(fault.words)
            fault.play()
        self._wait_until(self.began_at + 60 * self._options.minutes)
        self.blogs.order("stop")
        self.over_at = time.monotonic()
        self._note("no more faults, no more posts")

    def seconds_until_whole(self) -> float | None:
        """None if that is too long."""
        published = self.blogs.published()
        while (seconds := time.monotonic() - self.over_at) < 60 * self._options.whole_minutes:
            if self._is_whole(published):
                self._note("whole")
                return seconds
            self._wait_until(time.monotonic() + WHOLE_LOOK_SECONDS)
        return None

    def unasked(self) -> list[str]:
        """Feeds that nobody has asked since the faults were over."""
        asked = {(one.host, one.path) for one in self.blogs.requests() if one.at > self.over_at}
        return [url for url in self.blogs.urls if _place(url) not in asked]

    def _is_whole(self, published: Sequence[Post]) -> bool:
        with self.postgresql.connect() as connection:
            lost = missing(connection, published)
            left = stuck(connection, LONGEST_WAIT_SECONDS)
        unasked = self.unasked()
        print(
            f"{self._seconds():7.1f} s  missing {len(lost)}, stuck {len(left)}, not asked yet {len(unasked)}",
            flush=True,
        )
        return not (lost or left or unasked)

    def _kill(self) -> None:
        worker = self._random.choice(self.workers)
        self._note(worker.name)
        worker.kill()
        worker.start()

    def _wait_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            for program in self.programs:
                program.start_if_it_ended()
            time.sleep(min(left, LOOK_SECONDS))

    def _note(self, words: str) -> None:
        self.played.append((self._seconds(), words))
        print(f"{self._seconds():7.1f} s  {words}", flush=True)

    def _seconds(self) -> float:
        return time.monotonic() - self.began_at

    def hurries(self) -> list[str]:
        """Each two requests that came too soon, and what had been played before them."""
        return [self._told(hurry) for hurry in hurries(self.blogs.requests(), self._options.spacing_seconds)]

    def _told(self, hurry: Hurry) -> str:
        at = hurry.at - self.began_at
        before = [f"{words} ({at - when:.1f} s before)" for when, words in self.played if when < at][-2:]
        return (
            f"at {at:.1f} s {hurry.host} {' '.join(hurry.paths)} {hurry.gap_seconds:.3f} s apart: {'; '.join(before)}"
        )


def claims(drill: Drill, reader: Reader, whole_seconds: float | None, options: argparse.Namespace) -> Iterator[Claim]:
    with drill.postgresql.connect() as connection:
        late: list[object] = []
        if whole_seconds is None:
            late = [*missing(connection, drill.blogs.published()), *stuck(connection, LONGEST_WAIT_SECONDS)]
            late += [f"not asked since: {url}" for url in drill.unasked()]
        yield claim(f"all is whole within {options.whole_minutes:g} minutes after the faults", late)
        with ThreadPoolExecutor() as pool:
            list(pool.map(Program.stop, drill.workers))
        yield from rows_hold(connection, drill.blogs.published())
    words = f"no host is asked twice within {options.spacing_seconds:g} s ({len(drill.blogs.requests())} requests)"
    yield claim(words, drill.hurries())
    silent = {status: times for status, times in reader.statuses("/healthz").items() if status != 200}
    yield claim("/healthz always says 200", silent.items())
    broken = {status: times for status, times in reader.statuses("/", drill.over_at + 10).items() if status != 200}
    yield claim("after the faults / always says 200", broken.items())
    for name, programs in drill.programs_by_name.items():
        found = read_logs(program.log for program in programs).tracebacks.most_common()
        yield claim(f"the log of the {name} holds no traceback", [f"{times} × {gist}" for gist, times in found])
    ended = [f"{program.name} with {program.ended_by_itself}" for program in drill.programs if program.ended_by_itself]
    yield claim("no worker and no web server ends by itself", ended)


def report(drill: Drill, reader: Reader, locks: LockWatcher, whole_seconds: float | None) -> None:
    minutes = (time.monotonic() - drill.began_at) / 60
    whole = "not whole" if whole_seconds is None else f"whole {whole_seconds:.0f} s after the faults"
    print(f"{minutes:.1f} minutes; {whole}; {len(drill.blogs.published())} posts published")
    print(f"PostgreSQL: {told_locks(locks.samples)}")
    print(f"connections of the site ({told_connections(locks.samples)}); {drill.postgresql.refused()} refused")
    for path in ("/", "/healthz"):
        print(reader.report(path))
    for name, programs in drill.programs_by_name.items():
        print(f"log of the {name}: {read_logs(program.log for program in programs).report(minutes)}")


def _place(url: str) -> tuple[str, str]:
    """Of a feed: its host and its path, as requests are noted."""
    address, _, path = url.removeprefix("http://").partition("/")
    return address.partition(":")[0], f"/{path}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="of faults")
    parser.add_argument("--whole-minutes", type=float, default=10, help="until all must be whole again")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, help="of the feeds; a quarter as many, if not given")
    parser.add_argument("--posts", type=int, default=5, help="that a feed has at first")
    parser.add_argument("--post-seconds", type=float, default=120, help="between two posts of a feed")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--connections", type=int, default=10, help="that PostgreSQL grants the site")
    parser.add_argument("--spacing-seconds", type=float, default=2)
    parser.add_argument("--kill-seconds", type=float, default=30, help="between two killed workers")
    parser.add_argument("--redis-forgets", action="store_true", help="a Redis without a journal: a restart empties it")
    parser.add_argument("--clocks", type=int, default=1, help="of so many workers jump; 0: none")
    parser.add_argument("--seed", type=int, default=1, help="which workers are killed")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="the checkout to run")
    parser.add_argument("--folder", type=Path, help="keeps all logs there; it must not exist")
    return parser.parse_args()


def main() -> int:
    options = _options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket for each host
    with ExitStack() as stack:
        if options.folder:
            options.folder.mkdir(parents=True)
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orrery-faults-")))
        folder.chmod(0o711)  # PostgreSQL's data is inside, and its user's
        drill = Drill(options, folder.resolve(), stack)
        drill.start()
        with LockWatcher(drill.postgresql) as locks, Reader(drill.web.url, ["/", "/healthz"]) as reader:
            drill.play()
            whole_seconds = drill.seconds_until_whole()
        found = list(claims(drill, reader, whole_seconds, options))
        report(drill, reader, locks, whole_seconds)
        print(*found, sep="\n")
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.Error as error:
        sys.exit(f"PostgreSQL: {error}")
