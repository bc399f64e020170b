"""One at a time, or a few: dear work that strangers can ask for, such as looking at a password for half a second.

Limits count who asks; but a thousand addresses with one try each would still keep every thread and core busy, and
readers would wait. Nor may all threads wait with them where somebody else holds the database.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """In this process, one has it or nobody, or so many. Nobody queues for it: who waits keeps a thread, too."""

    def __init__(self, most: int = 1) -> None:
        self._places = threading.BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Whether it was free; then it's the block's own until its end."""
        is_mine = self._places.acquire(blocking=False)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._places.release()
