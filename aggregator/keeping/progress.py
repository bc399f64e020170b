"""How far long work is: a line when a step begins, and one now and then while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

TELL_SECONDS = 5
"""Between two lines of one step: a small site's step has none."""


class Progress:
    def __init__(self, tell: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._step, self._told_at = "", clock()

    def begin(self, step: str) -> None:
        """What is done from now on, such as "Copying the database"."""
        self._step, self._told_at = step, self._clock()
        self._tell(f"{step} …")

    def at(self, done: int, total: int) -> None:
        """How far the step is."""
        if self._clock() - self._told_at >= TELL_SECONDS:
            self._told_at = self._clock()
            self._tell(f"{self._step}: {100 * done // max(total, 1)} %")
