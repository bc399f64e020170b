"""Things that are cheaper done together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Gathering(Generic[Thing]):
    """Keeps things until they weigh `most` together; then, or when it is asked to, does them all."""

    def __init__(self, most: int, do: Callable[[Sequence[Thing]], None]) -> None:
        self._most = most
        self._do = do
        self._things: list[Thing] = []
        self._weight = 0

    def __len__(self) -> int:
        return len(self._things)

    def add(self, thing: Thing, weight: int = 1) -> None:
        self._things.append(thing)
        self._weight += weight
        if self._weight >= self._most:
            self.do_now()

    def do_now(self) -> None:
        things, self._things, self._weight = self._things, [], 0
        if things:
            self._do(things)
