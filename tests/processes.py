"""Other processes of the site under test: workers, commands, programs of the tests' own."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parent.parent


def site_variables() -> dict[str, str]:
    """The environment of a process that works on the tests' database and queue, with the site's own settings."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
        url = f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    queue = settings.HUEY
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "HUEY_URL": queue.get("url") or queue.get("dsn") or f"sqlite:///{queue['filename']}",
    }


class Site:
    """A site of its own: its database at this path (SQLite), everything else in a folder beside.

    More settings are named as in the environment. It gets a copy of all that another one has, or else of one that was
    set up and never used: to set it up anew takes seconds.
    """

    def __init__(self, database: Path, data_dir: Path, *, like: Site | None = None, **settings: str) -> None:
        self.database, self._data_dir = database, data_dir
        self.variables = _variables_of_a_site(database, data_dir) | settings
        origin = like._data_dir if like else _fresh_data_dir()
        shutil.copytree(origin, data_dir, ignore=shutil.ignore_patterns("orrery.sqlite3*"))
        shutil.copy(like.database if like else origin / "orrery.sqlite3", database)

    def manage(self, *arguments: str, through: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command of manage.py; by way of another program, if one is named."""
        return _manage([*arguments], self.variables, through)

    @contextmanager
    def web_server(self, through: Sequence[str] = (), *, log: Path = Path(os.devnull)) -> Iterator[str]:
        """The real web server, until the block ends; its address. What it has to say is in the log."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [*through, sys.executable, "-m", "config.web_server"]
        environment = self.variables | {"PORT": str(port), "WEB_WORKERS": "1"}
        with log.open("wb") as written:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=written)
        try:
            gives_up_at = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and not answers(port):
                assert time.monotonic() < gives_up_at, "the web server doesn't answer"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait()

    @contextmanager
    def worker(self, *, log: Path = Path(os.devnull)) -> Iterator[subprocess.Popen[bytes]]:
        """The real worker, until the block ends. What it has to say is in the log."""
        command = [sys.executable, "manage.py", "run_huey"]
        with log.open("wb") as written:
            process = subprocess.Popen(command, cwd=ROOT, env=self.variables, stderr=written)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _variables_of_a_site(database: Path, data_dir: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "",
        "DATABASE_URL": f"sqlite:///{database}",
        "HUEY_URL": f"sqlite:///{data_dir}/queue.sqlite3",
        "DATA_DIR": str(data_dir),
    }


def _manage(
    arguments: Sequence[str], variables: Mapping[str, str], through: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*through, sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@cache
def _fresh_data_dir() -> Path:
    """The folder of a site that was set up and never used, with its database in it."""
    folder = Path(tempfile.mkdtemp(prefix="orrery-fresh-site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    variables = _variables_of_a_site(folder / "orrery.sqlite3", folder)
    for command in (["migrate"], ["collectstatic", "--no-input"]):
        run = _manage(command, variables)
        assert run.returncode == 0, run.stderr
    return folder


def answers(port: int) -> bool:
    """Whether something listens at this port of this machine."""
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
