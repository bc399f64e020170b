"""What the log says of attempts that are refused: the first at once, then how many there were, once a minute."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

TOLD_EVERY_SECONDS = 60
"""Between two lines that tell of one limit's refusals, in each process."""


def later(seconds: float, call: Callable[[], None]) -> None:
    """Have it called in so many seconds; the process may end before that."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


class Refusals:
    """Counts what is refused, and says so. A minute without any, and the next one is the first again."""

    def __init__(
        self,
        what: str,
        say: Callable[[str], None] = logger.warning,
        later: Callable[[float, Callable[[], None]], None] = later,
    ) -> None:
        self._what, self._say, self._later = what, say, later
        self._lock = threading.Lock()
        self._is_counting = False
        self._count, self._latest = 0, ""

    def note(self, of_whom: str) -> None:
        """One more; `of_whom` is in our own words."""
        with self._lock:
            if self._is_counting:
                self._count, self._latest = self._count + 1, of_whom
                return
            self._is_counting = True
        self._say(f"refused: {self._what} {of_whom}; what follows is counted, and told once a minute")
        self._later(TOLD_EVERY_SECONDS, self._tell)

    def _tell(self) -> None:
        with self._lock:
            count, latest = self._count, self._latest
            self._count, self._is_counting = 0, count > 0
        if count:
            self._say(f"refused in the last minute: {count} of {self._what}, the latest {latest}")
            self._later(TOLD_EVERY_SECONDS, self._tell)
