"""Fetches many feeds at once, on one thread with an event loop; polite to every host."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType

from aggregator.ingest.errors import IngestError, OurFault
from aggregator.ingest.fetch import fetch
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.types import FetchPolicy, Request, Response

logger = logging.getLogger(__name__)

OnFetched = Callable[[int, Response | IngestError], None]


class HostTurns:
    """One request a host at a time, `spacing_seconds` apart, and no more than `concurrency` in all."""

    def __init__(self, *, spacing_seconds: float, concurrency: int) -> None:
        self._spacing_seconds = spacing_seconds
        self._slots = asyncio.Semaphore(concurrency)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked, and keep it for the length of the block."""
        loop = asyncio.get_running_loop()
        async with self._locks[host]:
            await asyncio.sleep(self._free_at.get(host, 0) - loop.time())
            async with self._slots:
                try:
                    yield
                finally:
                    self._free_at[host] = loop.time() + self._spacing_seconds


class Fetcher:
    """Takes requests, hands each answer (or error) to `on_done(key, answer)` on the fetching thread, once.

    Use as a context manager; leaving it gives up what is still under way.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        concurrency: int,
        spacing_seconds: float,
        on_done: OnFetched,
    ) -> None:
        self._policy = policy
        self._on_done = on_done
        # Made here, not on the thread: a request may be submitted before the thread has got going.
        self._turns = HostTurns(spacing_seconds=spacing_seconds, concurrency=concurrency)
        self._transport = GuardedTransport(policy)
        self._is_left = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fetching", daemon=True)
        self._tasks: set[asyncio.Task[Response]] = set()

    def __enter__(self) -> Fetcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._is_left.set)
        self._thread.join()

    def submit(self, key: int, request: Request) -> None:
        self._loop.call_soon_threadsafe(self._start, key, request)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._work())

    async def _work(self) -> None:
        await self._is_left.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._transport.aclose()

    def _start(self, key: int, request: Request) -> None:
        task = self._loop.create_task(fetch(self._transport, request, self._policy, self._turns.turn))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, key))

    def _finish(self, key: int, task: asyncio.Task[Response]) -> None:
        self._tasks.discard(task)
        # A process that ends takes threads away, for example those that look up names: no feed has failed by that.
        is_ending = not threading.main_thread().is_alive()
        if not task.cancelled() and not is_ending:
            self._on_done(key, _answer(task))


def _answer(task: asyncio.Task[Response]) -> Response | IngestError:
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, IngestError):
        return error
    logger.error("fetching failed", exc_info=error)
    return OurFault()
