"""A file that is there and may not be read: named with who can't and why, and nobody is told to make it anew."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT


def without_rights_over_all_files() -> list[str]:
    """What runs a program as us and as nothing more: root reads what nobody may, unless that is taken away."""
    if os.geteuid():
        return []
    return [need_program("setpriv"), "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.parametrize(("content", "how"), [(b"", "is empty"), (b"\n", "is empty"), (b"\x00\xff\xfe", "is damaged")])
def test_a_secret_key_without_a_key_stops_the_start_and_stays(tmp_path: Path, content: bytes, how: str) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-m", "config.web_server"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path), "PORT": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        f"The secret key, {path}, {how}: put the one of your backup there, or delete the file and a new one is made "
        "(everybody logs in anew).\n"
    )
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["SECRET_KEY", "VAPID_PRIVATE_KEY", "DATABASE_URL"])
def test_a_file_named_for_a_setting_that_is_empty_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mounted"
    path.write_text("\n")
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path), f"{name}_FILE": str(path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == f"{name}_FILE, {path}, is empty: put the value there, or unset {name}_FILE."


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("secret_key", ""),
        ("vapid_private_key", ""),
        ("vapid_old/a_key", ""),
        ("env", "ENV_FILE"),
        ("password", "SECRET_KEY_FILE"),
        ("address", "DATABASE_URL_FILE"),
        ("private", "VAPID_PRIVATE_KEY_FILE"),
        ("logo.png", "SITE_LOGO"),
        ("about.txt", "ABOUT_FILE"),
    ],
)
def test_a_file_that_may_not_be_read_is_named_with_user_and_reason(tmp_path: Path, name: str, variable: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("SITE_NAME=Planet\n")
    path.chmod(0)
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        [*without_rights_over_all_files(), sys.executable, "manage.py", "vapid_keys", "--ensure"],
        cwd=ROOT,
        env=variables | ({variable: str(path)} if variable else {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    said = run.stderr
    assert run.returncode == 1
    assert f"can't be read by the user {getpass.getuser()}: permission denied" in said
    assert "Let this user read it, or run this as the user that it belongs to." in said
    assert str(path) in said
    assert [words for words in ("Traceback", "emove", "broken", "backup") if words in said] == []


def test_a_database_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "orrery.sqlite3"
    path.write_bytes(b"")
    path.chmod(0)
    run = subprocess.run(
        [*without_rights_over_all_files(), sys.executable, "manage.py", "feed_status"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 1
    assert f"its file, {path}, can't be opened; see who owns it, who may write to its folder, and" in run.stderr


@pytest.mark.parametrize(("name", "named"), [("vapid_private_key",) * 2, ("vapid_old/key", "vapid_old")])
def test_a_backup_names_the_kept_file_that_may_not_be_read_and_not_its_own(
    tmp_path: Path, name: str, named: str
) -> None:
    kept = tmp_path / "data" / name
    kept.parent.mkdir(parents=True)
    kept.write_text("a key\n")
    (tmp_path / "data" / named).chmod(0)
    run = subprocess.run(
        [*without_rights_over_all_files(), sys.executable, "manage.py", "backup", str(tmp_path / "site.tar.gz")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    (tmp_path / "data" / named).chmod(0o700)  # else nobody can clear it away
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        f"CommandError: {tmp_path / 'data' / named} can't be read by the user {getpass.getuser()}: permission denied. "
        "Let this user read it, or run this as the user that it belongs to."
    )
    assert not (tmp_path / "site.tar.gz").exists()
