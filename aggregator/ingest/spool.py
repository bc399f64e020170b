"""A body as it comes: in memory while it is small, in a file without a name once it is large.

A poll asks many servers at a time, and each body can have FETCH_MAX_BYTES. So the large ones lie in files until it is
their turn to be read, and no server is kept waiting for that.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

LARGE_BYTES = 2**19
"""Nearly all feeds are smaller."""


class Spool:
    """Bytes that are added one after another, then looked at and taken; large ones lie in `folder` meanwhile.

    The file has no name, so it is gone as soon as nobody has it any more, also when a worker is killed. Whoever takes
    the bytes or drops the spool needn't close it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._bytes = bytearray()
        self._file: BinaryIO | None = None
        self.size = 0

    def __del__(self) -> None:
        # A poll that is interrupted drops bodies wherever they are.
        self.close()

    @property
    def is_large(self) -> bool:
        return self._file is not None

    def add(self, part: bytes) -> None:
        """Raises OSError if there is no room on the disk."""
        self.size += len(part)
        if self._file is not None:
            self._file.write(part)
            return
        self._bytes += part
        if self.size > LARGE_BYTES:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 -- stays open until it is taken
            self._file.write(self._bytes)
            self._bytes = bytearray()

    def read(self, most: int = -1) -> bytes:
        """The first `most` bytes, or all."""
        if self._file is None:
            return bytes(self._bytes if most < 0 else self._bytes[:most])
        self._file.seek(0)
        found = self._file.read(most)
        self._file.seek(0, os.SEEK_END)  # where more is added
        return found

    def take(self) -> bytes:
        """All of it; nothing is kept."""
        taken = self.read()
        self.close()
        return taken

    def close(self) -> None:
        self._bytes = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None
