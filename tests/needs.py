"""What some tests need of the machine. Where it is missing they are skipped with a word; in CI that is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test; in CI, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def need_program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        if path := shutil.which(name):
            return path
    return missing(f"needs {names[0]} (Debian: apt install {names[0]})")


def need_file(path: Path, remedy: str) -> Path:
    """The path, if a file is there; `remedy` says how to get it."""
    if path.is_file():
        return path
    return missing(f"needs {path.name} ({remedy})")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size, mounted on the folder (Linux, root)."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        # Also in CI: no package brings the leave to mount, and most containers haven't it.
        pytest.skip("needs a small disk: root, and leave to mount one (Linux)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
