"""Work on files that aren't whole yet: in a hidden folder beside the place where they belong.

Who is killed leaves the folder behind; whoever works on the same thing next begins with an empty one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import Refused


@contextmanager
def working_folder(place: Path) -> Iterator[Path]:
    """An empty folder for what is to become this file, on the same disk. Raises Refused while somebody is at it."""
    folder = place.parent / f".{place.name}.unfinished"
    folder.mkdir(mode=0o700, exist_ok=True)
    line = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"Another program is at work on {place}. Wait for it, or end it.") from error
        _empty(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(line)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def put(made: Path, place: Path) -> None:
    """Move what is whole to its place, where it takes the place of what is there. After it, no power cut undoes it."""
    sync(made)
    os.replace(made, place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    line = os.open(path, os.O_RDONLY)
    try:
        os.fsync(line)
    finally:
        os.close(line)
