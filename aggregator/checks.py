"""What `manage.py check` finds of the data's folder: whether others on the machine can read what is in it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004

_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_data(**kwargs: Any) -> list[CheckMessage]:
    """A warning that names the files, where there are such: databases hold hashes of passwords, keys are keys."""
    exposed = sorted(path for path in _files_of(settings.DATA_DIR) if _is_open(path))
    if not exposed:
        return []
    names = " ".join(str(path) for path in exposed)
    return [
        Warning(
            f"Other users of this machine can read or change {names}.",
            hint=f"chmod go= {names}",
            id="aggregator.W001",
        )
    ]


def _files_of(folder: Path) -> Iterator[Path]:
    """Keys and databases. Folders beside them, such as the static files, are for others to read."""
    return (path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else iter(())


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _FOR_OTHERS)
    except OSError:  # a database's companions come and go
        return False
