"""Why a backup or a restore can't be: a sentence for people, which names the thing and the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Refused(Exception):
    """`str()` is the sentence."""


class NoBackup(Refused):
    """What should be restored can't be: whoever made it, nothing of it was believed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no backup of Orrery's, or it is damaged: {why}. Nothing was changed.")


MAX_SHOWN = 300
"""Characters of what a backup says."""


def shown(text: str, longest: int = MAX_SHOWN) -> str:
    """A stranger's words on one line of a terminal, which they can't steer."""
    line = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(line.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


_REASONS = {
    errno.ENOSPC: "its disk is full. Make room there, or name a file on another disk",
    errno.EDQUOT: "its user may fill no more of the disk. Make room there, or name a file on another disk",
    errno.EFBIG: "its disk takes no file that large. Name a file on another disk",
    errno.ENOENT: "there is no such folder, or no such file. Make it, or name another",
    errno.ENOTDIR: "a part of the path is no folder. Name another file",
    errno.EISDIR: "it is a folder. Name a file in it",
    errno.EACCES: "its user has no right to. See who owns the folder and the file, or name another",
    errno.EPERM: "its user has no right to. See who owns the folder and the file, or name another",
    errno.EROFS: "its disk may only be read. Name a file on another disk",
    errno.EIO: "its disk fails. Look at the disk, or name a file on another one",
}


@contextmanager
def files_in_plain_words(path: Path, *, verb: str) -> Iterator[None]:
    """Raises Refused for what the system says of files in the block. `verb` is "read" or "written"."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"{error.strerror or error}")
        raise Refused(f"{path} can't be {verb}: {reason}.") from error
