"""The clock of a poll: the database's, so that all workers have the same, and no jump of a machine's own moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.models.sql import time_of_day

MAX_ANSWERS = 5
"""Taken at most. A machine that is busy at a worker's start can be so for longer than it is worth to wait."""
EXACT_SECONDS = 0.05
"""How long an answer may take that is good enough: hosts are asked seconds apart."""


def database_clock(
    ask: Callable[[], datetime] = time_of_day, even: Callable[[], float] = time.monotonic
) -> Callable[[], datetime]:
    """A clock that begins with the database's time of day (`ask`), and from then on goes evenly (`even`, seconds).

    Whether a host was asked a moment ago is read from rows that other workers have written. With one clock for all, a
    worker whose own is an hour ahead waits like the others. An answer that takes a second is up to a second old when it
    is read, so of several the one counts that took least.
    """
    answers: list[tuple[float, float, datetime]] = []
    while len(answers) < MAX_ANSWERS:
        asked = even()
        told = ask()
        took = even() - asked
        answers.append((took, asked + took / 2, told))
        if took <= EXACT_SECONDS:
            break
    _, began, began_at = min(answers)
    return lambda: began_at + timedelta(seconds=even() - began)
