"""For views that anybody may post to: one call says whether this one has to wait.

It keeps no thread for long, whatever strangers do: they are counted one at a time, and who comes meanwhile is sent
away for a second.
"""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError

from .clients import client_of
from .limits import Limit, admit
from .refusals import Refusals
from .turns import Turn

SECONDS_WITHOUT_DATABASE = 60


class Strangers:
    """Those who post to one kind of address; `what` names that in the log."""

    def __init__(self, what: str, limit: Limit) -> None:
        self._limit, self._turn, self._refusals = limit, Turn(), Refusals(what)

    def seconds_to_wait(self, address: str, now: datetime) -> int:
        """Count one more from this address and return 0; or return how long it must wait, with nothing counted."""
        client = client_of(address)
        with self._turn.taken() as is_free:
            seconds = self._admit(client, now) if is_free else 1
        if seconds:
            self._refusals.note(f"from {client}")
        return seconds

    def _admit(self, client: str, now: datetime) -> int:
        try:
            return admit(self._limit, client, now)
        except DatabaseError:
            return SECONDS_WITHOUT_DATABASE
