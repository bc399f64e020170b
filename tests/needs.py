"""What some tests need of the machine. Where it is missing they are skipped with a word; in CI that is a failure."""

from __future__ import annotations

import os
import shutil

import pytest


def need_program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    for name in names:
        if path := shutil.which(name):
            return path
    reason = f"needs {names[0]} (Debian: apt install {names[0]})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    return pytest.skip(reason)
