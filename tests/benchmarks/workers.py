"""How many posts a second 1, 2 and 4 workers store in PostgreSQL: `python -m tests.benchmarks.workers [--root DIR]`.

Every feed has a host of its own and one new post a round, and all are due. A round lasts from the first request until
the last post is in a row, by the same clock; start-up isn't in it. Each worker polls in one process, on one thread, and
its children read. `--root` runs another commit's checkout; compare within one visit to a quiet machine, in turns.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.planet.blogs import Blogs
from tests.benchmarks.planet.site import Program, Site
from tests.benchmarks.planet.stores import PostgreSQL, Redis, wait_until
from tests.benchmarks.planet.watching import LockWatcher, Sample, told_locks
from tests.patience import PATIENCE_SECONDS

CONNECTIONS = 30
LOOK_SECONDS = 0.01
PAUSE_SECONDS = 3
"""Between two rounds: longer than a host's spacing."""
LOG_SECONDS = 1
"""Until a worker has said what it stored, and until what it said is in our file."""
POLL = "from aggregator.tasks import poll_due_feeds\nfor _ in range({}): poll_due_feeds()"
POLLED = "INFO aggregator.polling.recording polled "
MAKE_DUE = "UPDATE aggregator_feed SET lease = NULL, next_poll_at = now() - interval '1 minute'"


@dataclass(frozen=True, slots=True)
class Round:
    posts_a_second: float
    shares: Sequence[int]
    """How many feeds each worker polled."""
    samples: Sequence[Sample]


class Race:
    """A site that has read everything once, and its rounds."""

    def __init__(self, folder: Path, stack: ExitStack, options: argparse.Namespace) -> None:
        self.postgresql = stack.enter_context(PostgreSQL(folder, connections=CONNECTIONS))
        redis = stack.enter_context(Redis(folder))
        self._blogs = stack.enter_context(Blogs(folder, feeds=options.feeds, hosts=options.feeds, posts=options.posts))
        self._site = Site(folder, database_url=self.postgresql.url, queue_url=redis.url, root=options.root)
        self._connection = stack.enter_context(self.postgresql.connect())
        self._stack = stack
        self._site.add_feeds(self._blogs.urls)
        self._site.manage("poll_feeds", "--all")
        self._wait_for_rows()

    def workers(self, count: int) -> list[Program]:
        """Started, and at work once already: what they load at first is not measured."""
        workers = [self._site.worker(number, "--workers=1", "--no-periodic") for number in range(1, count + 1)]
        for worker in workers:
            self._stack.callback(worker.kill)
            worker.start()
        self.round(workers)
        return workers

    def round(self, workers: Sequence[Program]) -> Round:
        time.sleep(PAUSE_SECONDS)
        before, asked = self._rows(), len(self._blogs.requests())
        polled_before = [_polled(worker) for worker in workers]
        self._blogs.order("publish")
        self._connection.execute(MAKE_DUE)
        with LockWatcher(self.postgresql) as locks:
            self._site.manage("shell", "-c", POLL.format(len(workers)))
            ended_at = self._wait_for_rows()
        began_at = self._blogs.requests()[asked].at
        time.sleep(LOG_SECONDS)
        shares = [_polled(worker) - polled for worker, polled in zip(workers, polled_before, strict=True)]
        samples = [sample for sample in locks.samples if began_at <= sample.at <= ended_at]
        return Round((self._rows() - before) / (ended_at - began_at), shares, samples)

    def _wait_for_rows(self) -> float:
        """When all that was published was in rows."""
        published = len(self._blogs.published())
        wait_until(lambda: self._rows() >= published, "all is stored", PATIENCE_SECONDS, look_seconds=LOOK_SECONDS)
        return time.monotonic()

    def _rows(self) -> int:
        (rows,) = self._connection.execute("SELECT count(*) FROM aggregator_entry").fetchone() or (0,)
        return int(rows)


def _polled(worker: Program) -> int:
    return worker.log.read_text(encoding="utf-8").count(POLLED) if worker.log.exists() else 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--posts", type=int, default=15, help="that a feed has before the first round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="the checkout to run")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a socket for each host
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orrery-workers-")))
        folder.chmod(0o711)  # PostgreSQL's data is inside, and its user's
        race = Race(folder, stack, options)
        for count in options.workers:
            workers = race.workers(count)
            rounds = [race.round(workers) for _ in range(options.rounds)]
            for worker in workers:
                worker.kill()
            rates = sorted(one.posts_a_second for one in rounds)
            samples = [sample for one in rounds for sample in one.samples]
            shares = "; ".join(" + ".join(map(str, one.shares)) for one in rounds)
            print(f"{count} workers  {median(rates):6.1f} posts/s (of {rates[0]:.1f} to {rates[-1]:.1f})", flush=True)
            print(f"           {told_locks(samples)}\n           feeds polled: {shares}", flush=True)


if __name__ == "__main__":
    main()
