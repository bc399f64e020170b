"""Carries many messages at once, on one thread with an event loop; a push service that hangs delays only itself."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

from .types import Answer, Message

logger = logging.getLogger(__name__)

MAX_MESSAGES_PER_SERVICE = 32
"""Messages under way to one push service: with answers in 100 ms that is 320 a second."""


class Sends(Protocol):
    async def send(self, message: Message) -> Answer: ...


OnAnswer = Callable[[int, Answer | None], None]


class Courier:
    """Takes messages, hands each answer to `on_answer(key, answer)` on the sending thread, once.

    An answer of None: the message wasn't sent, because `must_wait(key)` had become true when its turn came.
    Use as a context manager; leaving it gives up what is still under way.
    """

    def __init__(
        self,
        sender: AbstractAsyncContextManager[Sends],
        *,
        must_wait: Callable[[int], bool],
        on_answer: OnAnswer,
    ) -> None:
        self._sender = sender
        self._must_wait = must_wait
        self._on_answer = on_answer
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(
            partial(asyncio.Semaphore, MAX_MESSAGES_PER_SERVICE)
        )
        self._is_left = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)
        self._has_started = threading.Event()
        self._problem: BaseException | None = None
        self._tasks: set[asyncio.Task[Answer | None]] = set()

    def __enter__(self) -> Courier:
        self._thread.start()
        self._has_started.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._is_left.set)
        self._thread.join()

    def submit(self, key: int, service: str, message: Message) -> None:
        self._loop.call_soon_threadsafe(self._start, key, service, message)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._work())
        except Exception as error:  # noqa: BLE001 -- whatever keeps the sender from opening is raised by __enter__
            self._problem = error
        finally:
            self._has_started.set()

    async def _work(self) -> None:
        async with self._sender as sends:
            self._sends = sends
            self._has_started.set()
            await self._is_left.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, key: int, service: str, message: Message) -> None:
        task = self._loop.create_task(self._send(key, service, message))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finish, key))

    async def _send(self, key: int, service: str, message: Message) -> Answer | None:
        async with self._turns[service]:
            if self._must_wait(key):
                return None
            return await self._sends.send(message)

    def _finish(self, key: int, task: asyncio.Task[Answer | None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._on_answer(key, _answer(task))


def _answer(task: asyncio.Task[Answer | None]) -> Answer | None:
    """The task's answer; a bug in the sender must not silence the devices after it."""
    error = task.exception()
    if error is None:
        return task.result()
    logger.error("sending failed", exc_info=error)
    return Answer(status=None, problem="Sending failed by a mistake of ours.", is_our_fault=True)
