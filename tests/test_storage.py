"""Databases that can't be used, in words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError

from aggregator.storage import StorageFailed, faults_in_plain_words


def test_a_database_that_was_never_set_up_is_told_from_one_that_fails(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "empty.sqlite3")) as line, pytest.raises(sqlite3.OperationalError) as fault:
        line.execute("SELECT * FROM aggregator_feed")
    with pytest.raises(StorageFailed, match=r"no tables yet; `manage\.py migrate`"), faults_in_plain_words():
        raise OperationalError(str(fault.value))
