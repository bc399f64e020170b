"""Things that are cheaper done together, gathered for a little while."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Gathering(Generic[Thing]):
    """Does things together: once they weigh `most`, or once the first of them has waited for `wait_seconds`."""

    def __init__(self, do: Callable[[Sequence[Thing]], None], *, most: int, wait_seconds: float) -> None:
        self._do = do
        self._most = most
        self._wait_seconds = wait_seconds
        self._things: list[Thing] = []
        self._weight = 0
        self._due_at = math.inf

    def __len__(self) -> int:
        return len(self._things)

    @property
    def seconds_left(self) -> float:
        """Until they have to be done, if no other comes; infinite while there is none."""
        return max(0.0, self._due_at - time.monotonic())

    def add(self, thing: Thing, weight: int = 1) -> None:
        if not self._things:
            self._due_at = time.monotonic() + self._wait_seconds
        self._things.append(thing)
        self._weight += weight

    def do_if_due(self) -> None:
        if self._weight >= self._most or not self.seconds_left:
            self.do_now()

    def do_now(self) -> None:
        things, self._things, self._weight, self._due_at = self._things, [], 0, math.inf
        if things:
            self._do(things)
