"""What is to be seen from outside while a planet works: who waits in PostgreSQL, and what the web server answers."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from types import TracebackType
from typing import Self

import psycopg

from tests.benchmarks.planet.stores import ROLE, PostgreSQL

SAMPLE_SECONDS = 0.05
_WHO_WAITS = """
    SELECT coalesce(wait_event_type, ''), coalesce(wait_event, ''), count(*) FROM pg_stat_activity
    WHERE usename = %s AND backend_type = 'client backend' GROUP BY 1, 2
"""


class Watcher:
    """Does one thing again and again, on a thread, until the block is left."""

    def __enter__(self) -> Self:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Sample:
    at: float
    """By the monotonic clock."""
    connections: int
    waiting: frozenset[str]
    """The kinds of locks that somebody waited for."""


class LockWatcher(Watcher):
    """Who waits for a lock, looked up twenty times a second. Does without, while the server is away."""

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self.samples: list[Sample] = []

    def _run(self) -> None:
        while not self._is_over.is_set():
            with suppress(psycopg.Error), self._server.connect() as connection:
                while not self._is_over.wait(SAMPLE_SECONDS):
                    rows = connection.execute(_WHO_WAITS, [ROLE]).fetchall()
                    kinds = frozenset(event for kind, event, _ in rows if kind == "Lock")
                    self.samples.append(Sample(time.monotonic(), sum(count for *_, count in rows), kinds))
            self._is_over.wait(SAMPLE_SECONDS)


def told_locks(samples: Sequence[Sample]) -> str:
    """How often somebody waits for a lock, and for which."""
    kinds = Counter(kind for sample in samples for kind in sample.waiting)
    shares = ", ".join(f"{kind} {count / len(samples):.2%}" for kind, count in kinds.most_common()) or "none"
    share = sum(bool(sample.waiting) for sample in samples) / max(len(samples), 1)
    return f"somebody waits for a lock in {share:.2%} of {len(samples)} samples ({shares})"


def told_connections(samples: Sequence[Sample]) -> str:
    """In which share of the samples the site had how many connections."""
    counts = sorted(Counter(sample.connections for sample in samples).items())
    return ", ".join(f"{connections}: {times / len(samples):.1%}" for connections, times in counts)


class Reader(Watcher):
    """Asks for these pages once a second, and notes when, what came and how long it took."""

    def __init__(self, base_url: str, paths: Sequence[str]) -> None:
        self._base_url, self._paths = base_url, paths
        self.visits: list[tuple[float, str, int, float]] = []
        """When, the path, the status (0: no answer), milliseconds."""

    def _run(self) -> None:
        while not self._is_over.wait(1):
            for path in self._paths:
                began_at = time.monotonic()
                status = self._status(path)
                self.visits.append((began_at, path, status, 1000 * (time.monotonic() - began_at)))

    def _status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"{self._base_url}{path}", timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def statuses(self, path: str, since: float = 0) -> Counter[int]:
        return Counter(status for at, asked, status, _ in self.visits if asked == path and at >= since)

    def report(self, path: str) -> str:
        times = [ms for _, asked, _, ms in self.visits if asked == path] or [0.0]
        counts = ", ".join(f"{count} × {status or 'none'}" for status, count in sorted(self.statuses(path).items()))
        return f"{path:<9} {counts}; median {median(times):.0f} ms, longest {max(times):.0f} ms"
