"""A site in a folder of its own, and a backup of it, for tests that say nothing else of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aggregator.keeping.backing_up import back_up
from tests.keeping.sites import SILENT, fill


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "secret_key").write_text("the first\n")
    return settings.DATA_DIR


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    fill()
    path = tmp_path / "site.tar.gz"
    back_up(path, timezone.now(), SILENT)
    return path
