"""Which files of a folder are templates of the planet's own."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = (".html", ".xml", ".txt")
"""Other files in the folder are none, such as what an editor leaves there."""


def templates_in(folder: Path) -> list[Path]:
    """Sorted; none, where there is no such folder. Raises OSError for one that can't be looked into."""
    if not folder.exists():
        return []
    next(folder.iterdir(), None)  # `rglob` would take one that it may not read for an empty one
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
