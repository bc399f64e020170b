"""A thread with an event loop, for servers and browsers that tests talk to in plain, waiting calls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines beside the test; `close` when all that they opened is closed."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 20) -> T:
        """What the coroutine returns; TimeoutError after `seconds`."""

        async def limited() -> T:
            async with asyncio.timeout(seconds):
                return await work

        return asyncio.run_coroutine_threadsafe(limited(), self.loop).result(seconds + 5)

    def call(self, act: Callable[[], T]) -> T:
        """What a plain function returns when it is called in the loop's thread."""

        async def work() -> T:
            return act()

        return self.run(work())

    def close(self) -> None:
        self.run(_end_tasks())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    # What waits for the other side's polite end of TLS would outlive the loop.
    for transport in list(loop._transports.values()):  # type: ignore[attr-defined]
        transport.abort()
    await asyncio.sleep(0.01)
