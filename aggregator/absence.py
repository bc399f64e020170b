"""When something that the site needs is away, such as its database: what the log is told once it is back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


class Absence:
    """Of one thing, as this process finds it. Several threads may use it."""

    def __init__(self, thing: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._thing, self._clock = thing, clock
        self._lock = threading.Lock()
        self._since: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether it was missed, and not found since."""
        return self._since is not None

    def missed(self) -> None:
        with self._lock:
            self._since = self._clock() if self._since is None else self._since

    def found(self) -> None:
        """Write a line if it was missed."""
        if self._since is None:  # nearly always, and needs no lock
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            logger.warning("%s is back, after %.0f seconds", self._thing, self._clock() - since)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A block that fails if the thing is away, and only then can succeed if it isn't."""
        try:
            yield
        except Exception:
            self.missed()
            raise
        self.found()
