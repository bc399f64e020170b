"""kill -9 in a backup leaves no half file under its name; in a restore, the old site, the new one, or a word of it."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from aggregator.keeping.archive import opened
from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.models import Feed
from config.environment import refuse_half_restored
from tests.factories import make_feed
from tests.keeping.sites import SILENT, fill
from tests.processes import ROOT, site_variables

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.no_cover]
MARK = "restore_interrupted"
STEP_ON_POSTGRESQL = 4
"""Each moment takes seconds there."""

Run = Callable[..., tuple[int, int]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs a command that is killed at a moment: what it returned, and to how many moments it came."""
    command = [sys.executable, "-m", "tests.keeping.killed"]
    variables = site_variables() | {"DATA_DIR": str(tmp_path / "of-the-process")}
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def run(*arguments: str, data_dir: Path, moment: int | None = None) -> tuple[int, int]:
            connection.close()
            assert process.stdin
            assert process.stdout
            database = str(data_dir / "orrery.sqlite3") if connection.vendor == "sqlite" else None
            wish = {"arguments": arguments, "data_dir": str(data_dir), "database": database, "moment": moment}
            print(json.dumps(wish), file=process.stdin, flush=True)
            code, count = process.stdout.readline().split()
            return int(code), int(count)

        yield run
        process.kill()


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """A site, with its database in it if that is a file."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "secret_key").write_text("old")
    make_feed("Old")
    keep_database(settings.DATA_DIR)
    return settings.DATA_DIR


def keep_database(folder: Path) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(str(connection.settings_dict["NAME"]), folder / "orrery.sqlite3")


def state_of(data_dir: Path) -> tuple[list[str], str]:
    """Which feeds are there, and which key."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(data_dir / "orrery.sqlite3")) as line:
            assert line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            titles = [title for (title,) in line.execute("SELECT title FROM aggregator_feed ORDER BY id")]
    else:
        titles = list(Feed.objects.order_by("pk").values_list("title", flat=True))
    return titles, (data_dir / "secret_key").read_text()


def moments_of(count: int) -> list[int]:
    """All; where each takes long, some."""
    return list(range(1, count + 1, 1 if connection.vendor == "sqlite" else STEP_ON_POSTGRESQL))


@pytest.mark.any_database
def test_a_backup_that_is_killed_leaves_the_file_of_before_or_a_whole_one(
    data_dir: Path, run: Run, tmp_path: Path
) -> None:
    backup = tmp_path / "backups" / "site.tar.gz"
    backup.parent.mkdir()
    arguments = ("backup", str(backup), "--overwrite")
    code, count = run(*arguments, data_dir=data_dir)
    assert code == 0
    assert count >= 15
    first = backup.read_bytes()
    for moment in moments_of(count):
        backup.write_bytes(first)
        assert run(*arguments, data_dir=data_dir, moment=moment)[0] == -signal.SIGKILL, (moment, count)
        assert [path.name for path in backup.parent.iterdir() if path.suffix == ".gz"] == [backup.name]
        unpacked = tmp_path / f"unpacked-{moment}"
        unpacked.mkdir()
        with opened(backup) as whole:
            assert DATABASE in whole.unpack(unpacked, SILENT)
    backup.unlink()
    assert run("backup", str(backup), data_dir=data_dir, moment=count // 2)[0] == -signal.SIGKILL
    assert not backup.exists()
    assert run("backup", str(backup), data_dir=data_dir)[0] == 0
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_a_restore_that_is_killed_leaves_one_site_or_says_so_and_goes_again(
    data_dir: Path, run: Run, tmp_path: Path
) -> None:
    backup = tmp_path / "new.tar.gz"
    old = tmp_path / "old.tar.gz"
    back_up(old, timezone.now(), SILENT)
    Feed.objects.all().delete()
    fill()
    (data_dir / "secret_key").write_text("new")
    back_up(backup, timezone.now(), SILENT)
    before, after = (["Old"], "old"), (["Ökologie", "Planet"], "new")

    def begin_anew() -> None:
        if (kept := tmp_path / "kept").exists():
            shutil.rmtree(data_dir)
            shutil.copytree(kept, data_dir)
            return
        assert run("restore", str(old), "--replace", data_dir=data_dir)[0] == 0
        assert state_of(data_dir) == before
        if connection.vendor == "sqlite":  # all of the site is in its folder, and copied sooner than restored
            shutil.copytree(data_dir, kept)

    begin_anew()
    code, count = run("restore", str(backup), "--replace", data_dir=data_dir)
    assert (code, state_of(data_dir)) == (0, after)
    assert count > 20
    found = set()
    for moment in moments_of(count):
        begin_anew()
        assert run("restore", str(backup), "--replace", data_dir=data_dir, moment=moment)[0] == -signal.SIGKILL
        if (data_dir / MARK).exists():
            found.add("told")
            with pytest.raises(ImproperlyConfigured, match=f"manage.py restore {backup}$"):
                refuse_half_restored(data_dir / MARK)
            assert run("restore", str(backup), data_dir=data_dir)[0] == 0
            assert state_of(data_dir) == after
            assert not (data_dir / MARK).exists()
        else:
            state = state_of(data_dir)
            assert state in (before, after)
            found.add("old" if state == before else "new")
    assert found == {"old", "told", "new"}
    assert run("restore", str(backup), "--replace", data_dir=data_dir)[0] == 0
    assert [path.name for path in data_dir.iterdir() if path.name.endswith("unfinished")] == []
