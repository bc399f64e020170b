"""Work on files that aren't whole yet: in a hidden folder beside the place where they belong.

Who is killed leaves the folder behind, with a copy of the site in it. Whoever works on the same thing next begins with
an empty one; and as backups have names with a date, whoever works beside it next clears it away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import Refused

SUFFIX = ".orrery-unfinished"
"""Others have unfinished things, too, and theirs stay."""
MAX_START_SECONDS = 3600
"""A folder is made, then locked. One that is older, and that nobody has locked, is nobody's."""


@contextmanager
def working_folder(place: Path) -> Iterator[Path]:
    """An empty folder for what is to become this file, on the same disk. Raises Refused while somebody is at it."""
    folder = place.parent / f".{place.name}{SUFFIX}"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with _locked(folder):
            _clear_away_beside(folder)
            for path in folder.iterdir():
                path.unlink()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except _Locked as error:
        raise Refused(f"Another program is at work on {place}. Wait for it, or end it.") from error


class _Locked(Exception):
    pass


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Raises _Locked if somebody else has it."""
    line = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _Locked from error
        yield
    finally:
        os.close(line)


def _clear_away_beside(folder: Path) -> None:
    """What others left who were killed, so that their copies don't fill the disk."""
    oldest = time.time() - MAX_START_SECONDS
    for other in folder.parent.glob(f".*{SUFFIX}"):
        # It may be another's who lets nobody in, or go at this moment.
        with suppress(OSError, _Locked):
            if other != folder and other.lstat().st_mtime < oldest:
                with _locked(other):
                    shutil.rmtree(other)


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
