"""`make run` and `make demo`: which settings the processes start with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parent.parent
RECORD = """#!/bin/sh
env > "$STARTED/.{name}" && mv "$STARTED/.{name}" "$STARTED/{name}"
[ {name} != setup_site ] || exit 0
# When one ends, honcho stops the others.
until [ $(ls "$STARTED" | wc -l) -ge "$PROCESSES" ]; do sleep 0.02; done
"""
PROCESSES = {"run": 3, "demo": 4}
EVERY_SETTING = (
    "import json, config.settings as s; print(json.dumps({n: str(v) for n, v in vars(s).items() if n.isupper()}))"
)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the real Makefile and Procfile, where each program only writes down its environment."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("Makefile", "Procfile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / ".installed").touch()
    for name, text in {
        "python": RECORD.format(name="$2"),  # after manage.py or -m
        "honcho": f'#!/bin/sh\nexec "{sys.executable}" -m honcho "$@"\n',
        "pip": "#!/bin/sh\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return tmp_path


def start(workshop: Path, goal: str, **variables: str) -> dict[str, dict[str, str]]:
    """The environment of each process of `make run` or `make demo`."""
    started = workshop / "started"
    started.mkdir()
    subprocess.run(
        [need_program("make"), goal],
        cwd=workshop,
        env={"PATH": os.environ["PATH"], "STARTED": str(started), "PROCESSES": str(PROCESSES[goal]), **variables},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,  # that one ended and others were stopped is an error to honcho
    )
    found = {}
    for file in started.iterdir():
        pairs = (line.partition("=") for line in file.read_text().splitlines())
        found[file.name] = {name: value for name, _, value in pairs}
    return found


def test_modules_that_cannot_be_compiled_beforehand_keep_nothing_from_starting(workshop: Path) -> None:
    """As in a folder that belongs to somebody else: Python compiles them at every start then."""
    python = workshop / ".venv" / "bin" / "python"
    python.write_text(python.read_text().replace("#!/bin/sh\n", '#!/bin/sh\n[ "$2" != compileall ] || exit 1\n'))
    (workshop / ".venv" / ".installed").unlink()
    assert "config.web_server" in start(workshop, "run")


def test_every_process_knows_the_port_of_the_web_server_from_the_env_file(workshop: Path) -> None:
    (workshop / ".env").write_text('PORT="9123"\n')
    processes = start(workshop, "run")
    ports = {name: found["PORT"] for name, found in processes.items()}
    assert ports == {"setup_site": "9123", "config.web_server": "9123", "run_huey": "9123"}


def test_a_port_in_the_environment_counts_more_than_the_env_file(workshop: Path) -> None:
    (workshop / ".env").write_text("PORT=9123\n")
    processes = start(workshop, "run", PORT="9456")
    assert {found["PORT"] for found in processes.values()} == {"9456"}


def test_the_env_file_is_left_to_the_settings(workshop: Path) -> None:
    (workshop / ".env").write_text("SITE_NAME=Planet Example\nWEB_WORKERS=3\n")
    processes = start(workshop, "run", WEB_WORKERS="5")
    assert [(found.get("SITE_NAME"), found["WEB_WORKERS"]) for found in processes.values()] == [(None, "5")] * 3


def test_the_demo_stays_away_from_the_data_of_the_env_file(workshop: Path) -> None:
    (workshop / ".env").write_text("DATA_DIR=/srv/planet\nDATABASE_URL=postgres://localhost/planet\nPORT=9123\n")
    processes = start(workshop, "demo")
    seen = [(found["DATA_DIR"], found.get("DATABASE_URL"), found["ENV_FILE"]) for found in processes.values()]
    assert seen == [("var/demo", None, "")] * 4


def test_the_demo_is_at_the_port_that_is_asked_for(workshop: Path) -> None:
    processes = start(workshop, "demo", PORT="9456")
    assert {found["WEBSITE_URL"] for found in processes.values()} == {"http://localhost:9456"}
    assert processes["config.web_server"]["PORT"] == "9456"


def test_the_demo_has_a_contact_and_warns_nobody_that_it_lacks_one(workshop: Path) -> None:
    assert {found.get("CONTACT") for found in start(workshop, "demo").values()} == {"curators@planet.example"}


def test_a_number_of_web_workers_that_is_none_is_named(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "config.web_server"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATA_DIR": str(tmp_path), "WEB_WORKERS": "many"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert run.returncode != 0
    assert "WEB_WORKERS='many' can't be used" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize(("name", "setting"), [("SITE_NAME", "Orrery"), ("ADMIN_URL", "admin/")])
def test_a_variable_that_is_left_empty_means_the_default(tmp_path: Path, name: str, setting: str) -> None:
    (tmp_path / "env").write_text(f"{name}=\n")
    assert settings_with(tmp_path / "env", tmp_path)[name] == setting


def settings_with(env_file: str | Path, data_dir: Path) -> dict[str, str]:
    """All settings of a site with this file of variables."""
    run = subprocess.run(
        [sys.executable, "-c", EVERY_SETTING],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": str(env_file), "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    found: dict[str, str] = json.loads(run.stdout)
    return found


def test_every_value_in_the_example_file_is_the_default(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    uncommented = re.sub(r"^#(?=[A-Z_]+=)", "", example, flags=re.MULTILINE)
    (tmp_path / "env").write_text(uncommented, encoding="utf-8")
    assert "\nSITE_NAME=" in uncommented
    assert settings_with(tmp_path / "env", tmp_path) == settings_with("", tmp_path)


def test_no_comment_in_the_example_file_stands_behind_a_value() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^#?[A-Z_]+=.*[ \t]#.*", example, flags=re.MULTILINE) == []


@pytest.fixture(scope="module")
def imported_for_a_poll() -> list[str]:
    """The modules that are there when the command that polls is."""
    code = "import sys, django; django.setup(); import aggregator.management.commands.poll_feeds; print(*sys.modules)"
    without_servers = {"DATABASE_URL": "", "HUEY_URL": "", "CACHE_URL": ""}  # as most sites are
    environment = os.environ | without_servers | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    "module",
    [
        *("feedparser", "bleach", "ftfy", "aiohttp", "huey", "redis", "psycopg"),
        *("aggregator.pages.views", "aggregator.ingest.markup"),
    ],
)
def test_a_poll_is_ready_to_begin_without(imported_for_a_poll: list[str], module: str) -> None:
    """Of a poll that brings nothing, importing what it doesn't need was more than half."""
    assert "aggregator.management.commands.poll_feeds" in imported_for_a_poll
    assert module not in imported_for_a_poll
