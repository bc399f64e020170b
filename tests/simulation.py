"""Days of polling in seconds: a clock that jumps to what happens next, and a web that answers by rule.

    day = Day(NOW)
    with day.driving(polling, web.answer):      # polling's fetcher, readers, queue and time now follow the day's clock
        day.tick_until(NOW + timedelta(hours=24), lambda: poll(clock=day.clock))
    day.requests                                # who was asked when, and until when

The conductor, the claims, the schedule, the parsers and the database are the real ones. Nobody here spaces requests to
a host: what is seen of that, the claims did.
"""

from __future__ import annotations

import heapq
import itertools
import queue
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any, Self
from unittest import mock
from urllib.parse import urlsplit

from aggregator.ingest.errors import IngestError
from aggregator.ingest.types import FetchPolicy, Request, Response
from aggregator.polling.bodies import read
from aggregator.polling.read_job import ReadJob
from aggregator.polling.reading import OnRead

TICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, from its start to the last byte of its answer."""

    url: str
    start: datetime
    end: datetime

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server says, and after how long."""

    answer: Response | IngestError
    seconds: float


Web = Callable[[Request, datetime], Reply]


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    number: int
    work: Callable[[], None] = field(compare=False)


class Day:
    """The clock, and what is going to happen by it."""

    def __init__(self, start: datetime) -> None:
        self.requests: list[Asked] = []
        self._start = self._now = start
        self._events: list[_Event] = []
        self._numbers = itertools.count()

    def clock(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._go_to(self._now + timedelta(seconds=seconds))

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._events, _Event(self._now + timedelta(seconds=seconds), next(self._numbers), work))

    def tick_until(self, end: datetime, tick: Callable[[], object]) -> None:
        """Tick at every full minute, or at the first after the tick before has ended."""
        while self._now < end:
            tick()
            into_minute = (self._now - self._start) % TICK
            self._go_to(self._now + TICK - into_minute)

    def wait_for_event(self, seconds: float | None) -> bool:
        """Whether something happened within so many seconds; it is that moment now."""
        until = None if seconds is None else self._now + timedelta(seconds=seconds)
        if until is not None and (not self._events or self._events[0].at > until):
            self._go_to(until)
            return False
        self._go_to(self._events[0].at)
        return True

    @contextmanager
    def driving(self, polling: ModuleType, web: Web) -> Iterator[None]:
        stand_ins = {
            "Fetcher": partial(SimulatedFetcher, self, web),
            "Readers": ReadersAtOnce,
            "queue": SimpleNamespace(SimpleQueue=partial(SimulatedQueue, self), Empty=queue.Empty),
        }
        with mock.patch.multiple(polling, **stand_ins), mock.patch("aggregator.polling.claiming.time", self):
            yield

    def _go_to(self, moment: datetime) -> None:
        while self._events and self._events[0].at <= moment:
            event = heapq.heappop(self._events)
            self._now = event.at
            event.work()
        self._now = max(self._now, moment)


class SimulatedQueue:
    """A queue whose reader doesn't wait: time goes on instead."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._items: deque[Any] = deque()

    def put(self, item: Any) -> None:
        self._items.append(item)

    def get(self, timeout: float | None = None) -> Any:
        while not self._items:
            if not self._day.wait_for_event(timeout):
                raise queue.Empty
        return self._items.popleft()


class _LeavingEarly:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class SimulatedFetcher(_LeavingEarly):
    """Asks the simulated web, `concurrency` requests at a time."""

    def __init__(
        self,
        day: Day,
        web: Web,
        policy: FetchPolicy,
        *,
        concurrency: int,
        spacing_seconds: float,
        on_done: Callable[[int, Response | IngestError], None],
    ) -> None:
        self._day, self._web, self._on_done = day, web, on_done
        self._free = concurrency
        self._waiting: deque[tuple[int, Request]] = deque()

    def submit(self, key: int, request: Request) -> None:
        self._waiting.append((key, request))
        self._start_next()

    def _start_next(self) -> None:
        if not self._free or not self._waiting:
            return
        self._free -= 1
        key, request = self._waiting.popleft()
        now = self._day.clock()
        reply = self._web(request, now)
        self._day.requests.append(Asked(request.url, now, now + timedelta(seconds=reply.seconds)))
        self._day.after(reply.seconds, partial(self._finish, key, reply.answer))

    def _finish(self, key: int, answer: Response | IngestError) -> None:
        self._free += 1
        self._on_done(key, answer)
        self._start_next()


class ReadersAtOnce(_LeavingEarly):
    """Reads in this process, in no time of the simulated day."""

    def submit(self, job: ReadJob, on_done: OnRead) -> None:
        try:
            on_done(read(job))
        except IngestError as error:
            on_done(error)
