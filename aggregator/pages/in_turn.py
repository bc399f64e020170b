"""Dear pages, which anybody may ask for as often as they like: a process works on few at a time, whoever asks.

The other threads are there for all other pages. Nothing is written for it, and nobody is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.http import HttpResponse

from aggregator.limiting.refusals import Refusals
from aggregator.limiting.turns import Turn

AT_ONCE = 2
"""Of one kind of page, in each process, which has four threads."""
RETRY_SECONDS = 2
"""After which who came too many may try again."""


class Busy(Exception):
    """Others have all places."""


class InTurn:
    """The places for one kind of page; `what` names it in the log."""

    def __init__(self, what: str) -> None:
        self._turn, self._refusals = Turn(AT_ONCE), Refusals(what)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A place, until the end of the block. Raises Busy if none is free."""
        with self._turn.taken() as is_free:
            if not is_free:
                self._refusals.note("while others were answered")
                raise Busy
            yield


def for_now(response: HttpResponse) -> HttpResponse:
    """Have nobody keep a refusal that is over in a moment; nor does Django write a line for each of a flood."""
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def come_again(response: HttpResponse) -> HttpResponse:
    """Make of the page that says so the answer for who came too many."""
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response["Retry-After"] = str(RETRY_SECONDS)
    return for_now(response)
