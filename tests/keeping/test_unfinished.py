"""What a killed backup leaves is cleared away by the next one, whatever that one is called; nothing else is."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

from aggregator.keeping.unfinished import working_folder

LONG_AGO = 1_000_000_000


def left_behind(place: Path, *, seconds: int = LONG_AGO) -> Path:
    """The folder of a backup that was killed then."""
    with working_folder(place) as folder:
        name = folder
    name.mkdir()
    (name / "site.sqlite3").write_bytes(b"a copy of all rows")
    os.utime(name, (seconds, seconds))
    return name


def make(place: Path) -> None:
    with working_folder(place):
        pass


def test_the_backup_of_the_next_night_clears_away_what_was_killed(tmp_path: Path) -> None:
    killed = left_behind(tmp_path / "planet-2026-01-01.tar.gz")
    make(tmp_path / "planet-2026-01-02.tar.gz")
    assert not killed.exists()


def test_what_another_program_is_at_work_on_stays_however_old_it_is(tmp_path: Path) -> None:
    at_work = left_behind(tmp_path / "other.tar.gz")
    line = os.open(at_work, os.O_RDONLY)
    fcntl.flock(line, fcntl.LOCK_EX)
    make(tmp_path / "planet.tar.gz")
    assert (at_work / "site.sqlite3").exists()
    os.close(line)
    make(tmp_path / "planet.tar.gz")
    assert not at_work.exists()


def test_what_may_just_begin_stays(tmp_path: Path) -> None:
    """A folder is made before it is locked."""
    beginning = left_behind(tmp_path / "other.tar.gz", seconds=2 * LONG_AGO + 2**31)
    make(tmp_path / "planet.tar.gz")
    assert beginning.exists()


@pytest.mark.parametrize("name", ["planet.unfinished", ".planet.unfinished", "orrery-unfinished", ".planet.tar.gz"])
def test_folders_of_others_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    make(tmp_path / "planet.tar.gz")
    assert (tmp_path / name).is_dir()


def test_no_link_leads_elsewhere(tmp_path: Path) -> None:
    """Into a folder that others may write to, somebody could put one."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    os.utime(elsewhere, (LONG_AGO, LONG_AGO))
    (tmp_path / "backups").mkdir()
    link = tmp_path / "backups" / ".planet.tar.gz.orrery-unfinished"
    link.symlink_to(elsewhere)
    os.utime(link, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    make(tmp_path / "backups" / "site.tar.gz")
    assert (elsewhere / "precious").exists()


def test_what_may_not_be_removed_keeps_no_backup_from_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = left_behind(tmp_path / "theirs.tar.gz")
    (theirs / "a folder in it").mkdir()
    open_file = os.open

    def refuse(path: Path, *flags: int, **options: Any) -> int:
        if path == theirs:
            raise PermissionError
        return open_file(path, *flags, **options)

    monkeypatch.setattr("aggregator.keeping.unfinished.os.open", refuse)
    make(tmp_path / "planet.tar.gz")
    assert theirs.exists()
