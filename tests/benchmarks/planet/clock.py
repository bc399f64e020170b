"""A clock that some processes go by, and that can be set: by libfaketime (Debian: faketime)."""

from __future__ import annotations

from pathlib import Path


class Clock:
    """The time of day for who is started with its variables. Nobody else's changes, nor the monotonic one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.turn(0)

    def turn(self, seconds: int) -> None:
        """So much later than it is; a second passes until all notice."""
        anew = self._file.with_suffix(".new")
        anew.write_text(f"{seconds:+d}\n", encoding="ascii")
        anew.replace(self._file)

    @property
    def variables(self) -> dict[str, str]:
        """For the environment. Children inherit it, so those that read feeds go by this clock, too."""
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        assert libraries, "needs libfaketime (Debian: apt install faketime)"
        return {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
