"""The command line on a terminal that knows no letter beyond ASCII, and before a reader that has seen enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = '<opml version="2.0"><body><outline text="Größe 🎉" xmlUrl="https://blog.example/feed"/></body></opml>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a site of its own, with one feed in it; the tests only read it."""
    folder = tmp_path_factory.mktemp("site")
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "PYTHONIOENCODING": "ascii",
    }
    manage(variables, "migrate", "--verbosity=0")
    (folder / "list.opml").write_text(LIST, encoding="utf-8")
    manage(variables, "import_opml", str(folder / "list.opml"), "--no-poll")
    return variables


def manage(variables: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True).stdout


def test_a_title_that_the_terminal_cannot_show_is_spelled_out(site: dict[str, str]) -> None:
    assert r"Gr\xf6\xdfe \U0001f389" in manage(site, "feed_status")


def test_json_is_whole_on_a_terminal_without_the_letters(site: dict[str, str]) -> None:
    [feed] = json.loads(manage(site, "feed_status", "--json"))
    assert feed["title"] == "Größe 🎉"


def test_a_reader_that_leaves_early_gets_no_traceback(site: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "feed_status"]
    with subprocess.Popen(command, cwd=ROOT, env=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert b"Broken pipe" not in running.stderr.read()
