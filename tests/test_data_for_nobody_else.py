"""What the site writes is its own user's: nobody else on the machine reads hashes of passwords, or keys."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT


def manage(data_dir: Path, *arguments: str) -> None:
    """Run a command of manage.py as somebody does whose files are open to all by habit."""
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(data_dir)}
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(
        command, cwd=ROOT, env=environment, umask=0o022, check=True, capture_output=True, timeout=PATIENCE_SECONDS
    )


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_new_site_keeps_all_to_itself_but_the_static_files(tmp_path: Path) -> None:
    data_dir = tmp_path / "srv" / "planet" / "var"
    manage(data_dir, "setup_site")
    # Whoever asks for the queue first makes it.
    manage(data_dir, "shell", "-v0", "-c", "from huey.contrib.djhuey import HUEY; HUEY.pending_count()")
    files = {path.name: mode_of(path) for path in data_dir.iterdir() if path.is_file()}
    assert {"orrery.sqlite3", "queue.sqlite3", "secret_key", "admin_password"} <= files.keys()
    assert set(files.values()) == {"0o600"}
    # A proxy's user gets through to the static files, and sees no names on its way.
    assert [mode_of(folder) for folder in (data_dir, data_dir.parent)] == ["0o711", "0o711"]
    static_files = [data_dir / "static", *(data_dir / "static").rglob("*")]
    assert {mode_of(path) for path in static_files if path.is_dir()} == {"0o755"}
    assert {mode_of(path) for path in static_files if path.is_file()} == {"0o644"}
    assert any(path.suffix == ".gz" for path in static_files)


def test_in_a_folder_that_others_may_list_they_still_read_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    manage(tmp_path, "migrate")
    assert mode_of(tmp_path / "orrery.sqlite3") == "0o600"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_can_use_is_named_with_the_way_out(tmp_path: Path, settings: Settings, mode: int) -> None:
    settings.DATA_DIR = tmp_path
    for name in ("orrery.sqlite3", "secret_key"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o600)
    assert run_checks(tags=["data"]) == []
    (tmp_path / "orrery.sqlite3").chmod(mode)
    (found,) = run_checks(tags=["data"])
    assert str(tmp_path / "orrery.sqlite3") in found.msg
    assert found.hint == f"chmod go= {tmp_path / 'orrery.sqlite3'}"


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path / "later"
    assert run_checks(tags=["data"]) == []
