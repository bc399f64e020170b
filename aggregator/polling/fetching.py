"""Fetches many feeds at once, on one thread with an event loop; polite to every host."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from types import TracebackType

from aggregator.ingest.errors import IngestError, OurFault
from aggregator.ingest.fetch import fetch
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.types import FetchPolicy, Request, Response

logger = logging.getLogger(__name__)

MAX_LARGE_BODIES = 3
"""In memory at a time, from the moment they grow large until they have been read: each can be FETCH_MAX_BYTES."""
MAX_ROOM_SECONDS = 45
"""As long as a body waits for the others to be read: many servers close a connection on which nothing moves for a
minute, and to lose a post is worse than to take memory."""

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

    Whoever gets an answer says with `let_go` when its body isn't needed any more: until then it may keep other large
    ones waiting. Use as a context manager; leaving it gives up what is still under way.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        concurrency: int,
        spacing_seconds: float,
        on_done: OnFetched,
        room_seconds: float = MAX_ROOM_SECONDS,
    ) -> None:
        self._policy = policy
        self._room_seconds = room_seconds
        self._on_done = on_done
        # Made here, not on the thread: a request may be submitted before the thread has got going.
        self._turns = HostTurns(spacing_seconds=spacing_seconds, concurrency=concurrency)
        self._transport = GuardedTransport(policy)
        self._is_left = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fetching", daemon=True)
        self._tasks: set[asyncio.Task[Response]] = set()
        self._room = asyncio.Semaphore(MAX_LARGE_BODIES)
        self._large: set[int] = set()
        """The keys of the requests whose bodies have taken some of the room."""

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

    def let_go(self, key: int) -> None:
        """The body of this request is gone, if it had any."""
        if (
            key in self._large
        ):  # else the fetching thread, which sleeps, isn't woken: it noted the key before it answered
            self._loop.call_soon_threadsafe(self._give_room, key)

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
        room = partial(self._take_room, key)
        task = self._loop.create_task(fetch(self._transport, request, self._policy, self._turns.turn, room))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, key))

    async def _take_room(self, key: int) -> None:
        if key not in self._large:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.acquire(), self._room_seconds)
                self._large.add(key)

    def _give_room(self, key: int) -> None:
        if key in self._large:
            self._large.discard(key)
            self._room.release()

    def _finish(self, key: int, task: asyncio.Task[Response]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception():
            self._give_room(key)
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
