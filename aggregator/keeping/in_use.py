"""Who uses the site: web server and worker all the time, a restore for itself alone.

A lock on a file of DATA_DIR tells. It goes with its process, however that ends. On other machines nobody sees it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILE = "in_use"


class NotNow(Exception):
    """`str()` is a sentence for people."""


@contextmanager
def in_use(data_dir: Path) -> Iterator[None]:
    """Say that a process uses the site. Raises NotNow while a restore is under way."""
    with _locked(data_dir, fcntl.LOCK_SH, "A restore is under way. Start this again when it is done."):
        yield


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Keep web server and worker from starting. Raises NotNow if one runs."""
    running = "The site's web server or worker is running. Stop both, restore, and start them again."
    with _locked(data_dir, fcntl.LOCK_EX, running):
        yield


@contextmanager
def _locked(data_dir: Path, kind: int, taken: str) -> Iterator[None]:
    line = -1
    with suppress(OSError):  # a folder that can't be written to, where nothing else needs one: then nobody is told
        line = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    if line < 0:
        yield
        return
    try:
        try:
            fcntl.flock(line, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotNow(taken) from error
        yield
    finally:
        os.close(line)
