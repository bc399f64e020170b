"""What of DATA_DIR belongs to a backup beside the database: keys, and passwords that were made there."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from aggregator.unreadable import WAY_OUT, why_unreadable

from .errors import NoBackup, Refused, files_in_plain_words
from .unfinished import put, sync, working_folder

FOLDER = "keys"
"""Within a backup."""
OF_ACCOUNTS = "admin_password"
"""Belongs to the accounts that were there: where others come, and bring none, it is wrong."""
MAX_KEY_BYTES = 2**16
_NAME = re.compile(r"[A-Za-z0-9_-][\w.-]{0,79}", re.ASCII)
"""Of a file in a folder. Files with a dot are being written. With its folders it fits a tar's own field for names."""


def present() -> list[tuple[str, Path]]:
    """Each file by its name in a backup. Raises Refused for one that can't be read, or that no restore would take."""
    return list(_found())


def _found() -> Iterator[tuple[str, Path]]:
    data_dir = Path(settings.DATA_DIR)
    paths = [data_dir / name for name in settings.KEPT_FILES]
    for folder in settings.KEPT_FOLDERS:
        if (data_dir / folder).is_dir():
            with _unreadable_in_plain_words(data_dir / folder):
                paths += sorted(path for path in (data_dir / folder).iterdir() if not path.name.startswith("."))
    for path in paths:
        if path.is_file() and path.stat().st_size:
            name = f"{FOLDER}/{path.relative_to(data_dir)}"
            if not is_one(name):
                raise Refused(f"{path} has a name that no backup has: rename it, to at most 80 of a-z, 0-9, - and _.")
            with _unreadable_in_plain_words(path):
                is_key = _is_key(path)
            if not is_key:
                raise Refused(f"{path} is no key, but something else. Move it away, or put the key there again.")
            yield name, path


@contextmanager
def _unreadable_in_plain_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(f"{path} {why_unreadable(error)}. {WAY_OUT}") from error


def is_one(name: str) -> bool:
    """Whether a backup may bring a file of this name."""
    match name.split("/"):
        case [first, file]:
            return first == FOLDER and file in settings.KEPT_FILES
        case [first, folder, file]:
            return first == FOLDER and folder in settings.KEPT_FOLDERS and _NAME.fullmatch(file) is not None
    return False


@contextmanager
def staged(files: Mapping[str, Path]) -> Iterator[Callable[[], None]]:
    """What puts files of a backup, by their names in it, to where they belong; what it doesn't bring stays as it is.

    All that can go wrong is behind: they wait on the disk where they belong, and nothing else is in their places.
    Raises Refused.
    """
    data_dir = Path(settings.DATA_DIR)
    with files_in_plain_words(data_dir, verb="written"), working_folder(data_dir / FOLDER) as folder:
        waiting = {}
        for number, (name, made) in enumerate(files.items()):
            if not _is_key(made):
                raise NoBackup(f"its {name} is no key")
            place = data_dir / name.removeprefix(f"{FOLDER}/")
            _make_way(place, data_dir)
            waiting[place] = folder / str(number)
            shutil.copyfile(made, waiting[place])
            os.chmod(waiting[place], 0o600)
            sync(waiting[place])

        def put_all() -> None:
            for place, made in waiting.items():
                put(made, place)
            if f"{FOLDER}/{OF_ACCOUNTS}" not in files:
                (data_dir / OF_ACCOUNTS).unlink(missing_ok=True)
            sync(data_dir)

        yield put_all


def _make_way(place: Path, data_dir: Path) -> None:
    if place.is_dir():
        raise Refused(f"{place} is a folder, and the backup has a file of that name. Move it away, then restore.")
    folder = place.parent
    if folder != data_dir and folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file, and the backup has a folder of that name. Move it away, then restore.")
    folder.mkdir(mode=0o700, exist_ok=True)


def _is_key(path: Path) -> bool:
    """Whether it is a line of text, as all of them are: nothing starts with another secret."""
    if path.stat().st_size > MAX_KEY_BYTES:
        return False
    content = path.read_bytes()
    return content.isascii() and bool(content.strip()) and b"\0" not in content
