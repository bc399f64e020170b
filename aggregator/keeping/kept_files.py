"""What of DATA_DIR belongs to a backup beside the database: keys, and passwords that were made there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.conf import settings

from aggregator.unreadable import WAY_OUT, why_unreadable

from .errors import Refused, files_in_plain_words
from .unfinished import put, sync

FOLDER = "keys"
"""Within a backup."""
OF_ACCOUNTS = "admin_password"
"""Belongs to the accounts that were there: where others come, and bring none, it is wrong."""


def present() -> list[tuple[str, Path]]:
    """Each file by its name in a backup. Raises Refused for one that can't be read."""
    found = list(_found())
    for _, path in found:
        with _unreadable_in_plain_words(path), path.open("rb"):
            pass
    return found


def _found() -> Iterator[tuple[str, Path]]:
    for name in settings.KEPT_FILES:
        path = Path(settings.DATA_DIR) / name
        if path.is_file():
            yield f"{FOLDER}/{name}", path
        elif path.is_dir():
            with _unreadable_in_plain_words(path):
                # Files with a dot are being written.
                inside = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
            yield from ((f"{FOLDER}/{name}/{one.name}", one) for one in inside)


@contextmanager
def _unreadable_in_plain_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(f"{path} {why_unreadable(error)}. {WAY_OUT}") from error


def is_one(name: str) -> bool:
    """Whether a backup may bring a file of this name."""
    parts = PurePosixPath(name).parts
    is_plain = all(not part.startswith(".") for part in parts)
    return is_plain and len(parts) in {2, 3} and parts[0] == FOLDER and parts[1] in settings.KEPT_FILES


def place(files: Mapping[str, Path]) -> None:
    """Put files of a backup, by their names in it, to where they belong. What it doesn't bring stays as it is."""
    data_dir = Path(settings.DATA_DIR)
    with files_in_plain_words(data_dir, verb="written"):
        for name, made in files.items():
            where = data_dir.joinpath(*PurePosixPath(name).parts[1:])
            where.parent.mkdir(mode=0o700, exist_ok=True)
            os.chmod(made, 0o600)
            put(made, where)
        if f"{FOLDER}/{OF_ACCOUNTS}" not in files:
            (data_dir / OF_ACCOUNTS).unlink(missing_ok=True)
        sync(data_dir)
