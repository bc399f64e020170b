"""The mark `processor_seconds`: a test that would take minutes or hours if something were wrong is stopped.

What counts is the time that this process works, not the clock on the wall: other programs don't make the test fail.
The work of child processes and of a database's server doesn't count either: that needs a limit of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fails the test once the block has worked for longer."""

    def stop(*_: object) -> NoReturn:
        pytest.fail(f"worked for more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
