"""What of DATA_DIR belongs to a backup beside the database: keys, passwords that were made there, and what the site has
of its own to show (a logo, a text, templates)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from aggregator.own.logo import SUFFIXES as LOGO_SUFFIXES
from aggregator.own.template_files import SUFFIXES as TEMPLATE_SUFFIXES
from aggregator.own.template_files import templates_in
from aggregator.own.words import SUFFIXES as TEXT_SUFFIXES
from aggregator.unreadable import WAY_OUT, why_unreadable

from .errors import NoBackup, Refused, files_in_plain_words
from .unfinished import put, sync, working_folder

FOLDER = "keys"
"""Within a backup."""
OWN = "own"
"""The folder there of what pages show."""
OF_ACCOUNTS = "admin_password"
"""Belongs to the accounts that were there: where others come, and bring none, it is wrong."""
MAX_KEY_BYTES = 2**16
MAX_OWN_BYTES = 2**20
"""Of a file of the site's own. Those that settings name are smaller by far."""
MAX_NAME = 99
"""Characters of a name in a backup with its folders: as many as fit a tar's own field."""
OWN_SUFFIXES = (*LOGO_SUFFIXES, *TEXT_SUFFIXES)
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
            name = _named(FOLDER, path, data_dir)
            with _unreadable_in_plain_words(path):
                is_key = _is_key(path)
            if not is_key:
                raise Refused(f"{path} is no key, but something else. Move it away, or put the key there again.")
            yield name, path
    for path in _own_files(data_dir):
        name = _named(OWN, path, data_dir)
        with _unreadable_in_plain_words(path), path.open("rb"):
            if path.stat().st_size > MAX_OWN_BYTES:
                raise Refused(f"{path} has more than {MAX_OWN_BYTES:,} bytes, which no backup takes. Make it smaller.")
        yield name, path


def _own_files(data_dir: Path) -> list[Path]:
    """Those that settings name, and templates; what lies elsewhere is left out (`elsewhere`)."""
    named = [path for path in settings.OWN_FILES.values() if path.is_relative_to(data_dir) and path.is_file()]
    with _unreadable_in_plain_words(data_dir / settings.OWN_TEMPLATES):
        return [*named, *templates_in(data_dir / settings.OWN_TEMPLATES)]


def elsewhere() -> dict[str, Path]:
    """By their settings, files of the site's own that lie outside of DATA_DIR: a backup doesn't have them."""
    data_dir = Path(settings.DATA_DIR)
    return {name: path for name, path in settings.OWN_FILES.items() if not path.is_relative_to(data_dir)}


def _named(folder: str, path: Path, data_dir: Path) -> str:
    """Its name in a backup. Raises Refused if it can't have one."""
    name = f"{folder}/{path.relative_to(data_dir).as_posix()}"
    if not is_one(name):
        raise Refused(f"{path} has a name that no backup has: rename it, to at most 80 of a-z, 0-9, - and _.")
    return name


@contextmanager
def _unreadable_in_plain_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(f"{path} {why_unreadable(error)}. {WAY_OUT}") from error


def is_one(name: str) -> bool:
    """Whether a backup may bring a file of this name."""
    match name.split("/"):
        case [first, *folders, file] if first == OWN:
            is_template = folders[:1] == [settings.OWN_TEMPLATES]
            suffixes = TEMPLATE_SUFFIXES if is_template else OWN_SUFFIXES
            is_named = len(name) <= MAX_NAME and all(map(_NAME.fullmatch, (*folders, file)))
            is_others = folders[:1] in (["static"], *([kept] for kept in settings.KEPT_FOLDERS))
            return is_named and not is_others and file.lower().endswith(suffixes)
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
            kind, _, place_in_it = name.partition("/")
            if kind == FOLDER and not _is_key(made):
                raise NoBackup(f"its {name} is no key")
            if made.stat().st_size > MAX_OWN_BYTES:
                raise NoBackup(f"its {name} is too large")
            place = data_dir / place_in_it
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
    for folder in reversed(place.relative_to(data_dir).parents[:-1]):
        if (data_dir / folder).exists() and not (data_dir / folder).is_dir():
            raise Refused(
                f"{data_dir / folder} is a file, and the backup has a folder of that name. Move it away, then restore."
            )
        (data_dir / folder).mkdir(mode=0o700, exist_ok=True)


def _is_key(path: Path) -> bool:
    """Whether it is a line of text, as all of them are: nothing starts with another secret."""
    if path.stat().st_size > MAX_KEY_BYTES:
        return False
    content = path.read_bytes()
    return content.isascii() and bool(content.strip()) and b"\0" not in content
