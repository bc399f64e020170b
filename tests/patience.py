"""How long a test waits for what has to happen: much longer than it takes, as a busy machine is slow."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 300
PATIENCE_MILLISECONDS = 1000 * PATIENCE_SECONDS


def wait_until(
    is_true: Callable[[], object], seconds: float = PATIENCE_SECONDS, what: str = "what was awaited"
) -> None:
    """Return as soon as it is true; AssertionError if it doesn't become true."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)
