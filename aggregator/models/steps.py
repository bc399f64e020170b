"""Work on very many rows, in steps that are each a transaction: others need the database, too."""

from __future__ import annotations

import time
from collections.abc import Callable

MIN_PAUSE_SECONDS = 0.02


def in_steps(step: Callable[[], int], *, until: float) -> int:
    """Take one step after the other, until one finds nothing to do or `until` has come, by `time.monotonic`.

    A step returns how much it did; this, how much they all did. After each, others have the database for as long as it
    took.
    """
    count = 0
    while (began_at := time.monotonic()) < until and (done := step()):
        count += done
        time.sleep(max(time.monotonic() - began_at, MIN_PAUSE_SECONDS))
    return count
