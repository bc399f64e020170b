"""The clock of a poll: the database's, so that all workers have the same, and no jump of a machine's own moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from aggregator.models.sql import time_of_day


def database_clock() -> Callable[[], datetime]:
    """A clock that begins with the database's time of day, and from then on goes evenly.

    Whether a host was asked a moment ago is read from rows that other workers have written. With one clock for all, a
    worker whose own is an hour ahead waits like the others.
    """
    began_at, began = time_of_day(), time.monotonic()
    return lambda: began_at + timedelta(seconds=time.monotonic() - began)
