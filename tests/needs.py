"""What some tests need of the machine. Where it is missing they are skipped with a word; in CI that is a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def need_program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        if path := shutil.which(name):
            return path
    return _missing(f"needs {names[0]} (Debian: apt install {names[0]})")


def need_file(path: Path, remedy: str) -> Path:
    """The path, if a file is there; `remedy` says how to get it."""
    if path.is_file():
        return path
    return _missing(f"needs {path.name} ({remedy})")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
