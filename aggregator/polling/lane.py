"""Large bodies are read and stored one after another, while small ones pass beside them.

A body of ten megabytes is there several times until it has become rows: as bytes here and in the process that reads
it, as a document, which cleaning can make four times as long, and as what the database is sent. So a large body waits
in its file until those before it have been stored. First come, first served: none waits for ever.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MAX_LANE_BYTES = 2**23
"""Of large bodies that are being read or stored. One that is larger still has the lane for itself."""


@dataclass(eq=False, slots=True)
class _Ticket:
    """A body's place in the line."""

    size: int
    is_inside: bool = False


class Room:
    """So many bytes for all who line up, in their order; one that needs more than all there is enters when it's empty.

    May be used from any thread.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._line: deque[_Ticket] = deque()
        self._taken_bytes = 0

    def line_up(self, size: int) -> _Ticket:
        ticket = _Ticket(size)
        with self._lock:
            self._line.append(ticket)
        return ticket

    def enter(self, ticket: _Ticket) -> bool:
        """Whether it was its turn, and there was room."""
        with self._lock:
            is_room = not self._taken_bytes or self._taken_bytes + ticket.size <= self._most_bytes
            if ticket is not self._line[0] or not is_room:
                return False
            self._line.popleft()
            self._taken_bytes += ticket.size
            ticket.is_inside = True
            return True

    def leave(self, ticket: _Ticket) -> None:
        """Give back what it has, whether room or a place in the line."""
        with self._lock:
            if ticket.is_inside:
                self._taken_bytes -= ticket.size
            else:
                self._line.remove(ticket)


ROOM = Room(MAX_LANE_BYTES)
"""Of this process: the worker can have several polls under way."""


class Lane:
    """The large bodies of one poll, by the ids of their feeds. For one thread.

    Whoever adds one calls `go_on` now and then, as other polls make room, too.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or ROOM
        self._waiting: dict[int, tuple[_Ticket, Callable[[], None]]] = {}
        self._inside: dict[int, _Ticket] = {}

    @property
    def waiting(self) -> list[int]:
        return list(self._waiting)

    def add(self, feed_id: int, size: int, begin: Callable[[], None]) -> None:
        """Have `begin` called by `go_on`, once there is room."""
        self._waiting[feed_id] = self._room.line_up(size), begin

    def go_on(self) -> None:
        """Begin what there is room for."""
        while self._waiting:
            feed_id, (ticket, begin) = next(iter(self._waiting.items()))
            if not self._room.enter(ticket):
                return
            del self._waiting[feed_id]
            self._inside[feed_id] = ticket
            begin()

    def leave(self, feed_id: int) -> None:
        """Nothing of this feed's body is in memory any more, if it had a large one."""
        if ticket := self._inside.pop(feed_id, None):
            self._room.leave(ticket)

    def close(self) -> None:
        """Make room for others: this poll has ended."""
        for ticket in (*self._inside.values(), *(ticket for ticket, _ in self._waiting.values())):
            self._room.leave(ticket)
        self._inside, self._waiting = {}, {}
