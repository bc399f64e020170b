"""Where VAPID keys are kept when the environment has none: files in DATA_DIR that only their owner reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from .keys import VapidKey, current_path, old_folder, old_paths, text_of


def make_first() -> VapidKey | None:
    """The site's first key, made and kept; None if there is a file already, whatever it contains."""
    key = VapidKey.new()
    try:
        # Linked, not moved: of two processes that start together, one makes the key.
        _write(key, current_path(), os.link)
    except FileExistsError:
        return None
    return key


def rotate(current: VapidKey) -> VapidKey:
    """A new key in place of `current`, which signs on for the devices that subscribed with it."""
    # The old one is safe before the new one takes its place: at no moment is a key lost.
    old_folder().mkdir(mode=0o700, exist_ok=True)
    _write(current, old_folder() / current.id, os.replace)
    key = VapidKey.new()
    _write(key, current_path(), os.replace)
    return key


def drop(key_id: str) -> bool:
    """Delete the files of this key; whether there was one."""
    found = [path for path in (*old_paths(), current_path()) if _id_in(path) == key_id]
    for path in found:
        path.unlink()
    return bool(found)


def readable_by_others() -> list[Path]:
    """Files of keys that more than their owner can read."""
    paths = [path for path in (current_path(), *old_paths()) if path.exists()]
    return [path for path in paths if path.stat().st_mode & 0o077]


def _write(key: VapidKey, path: Path, put: Callable[[str, Path], object]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".vapid", delete=False) as file:  # with mode 0600
        file.write(key.private_text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        put(file.name, path)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _id_in(path: Path) -> str:
    try:
        return VapidKey.read(text_of(path)).id
    except ValueError:
        return path.name
