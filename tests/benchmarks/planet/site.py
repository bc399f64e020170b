"""Our site on given stores: its commands, its workers and its web server, as the Procfile starts them.

What they say goes to a file each, every line with the seconds since the beginning.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.planet.stores import free_port
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import ROOT, answers

STOP_SECONDS = 120
"""For a worker that ends what it has begun: a poll takes a minute."""
RESTART_SECONDS = 2
"""As config/deploy/orrery-worker.service has it, for what ended by itself."""


class Site:
    """Set up on an empty database. `root` is the checkout that is run: this one, or another commit's."""

    def __init__(self, folder: Path, *, database_url: str, queue_url: str, root: Path = ROOT, **settings: str) -> None:
        self.folder, self.root = folder, root
        self.began_at = time.monotonic()
        self.variables = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": "",
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": database_url,
            "HUEY_URL": queue_url,
            "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        self.manage("migrate", "--verbosity=0")
        self.manage("collectstatic", "--no-input", "--verbosity=0")

    def manage(self, *arguments: str, text: str = "") -> str:
        """What a command of manage.py says. Raises for one that fails."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command, cwd=self.root, env=self.variables, input=text, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{arguments[0]}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    def add_feeds(self, urls: Sequence[str]) -> None:
        """Not read yet: all are due."""
        self.manage("add_feed", "--from=-", "--no-poll", text="\n".join(urls))

    def worker(self, number: int, *options: str, **variables: str) -> Program:
        return Program(self, f"worker-{number}", ["manage.py", "run_huey", *options], **variables)

    def web_server(self) -> WebServer:
        return WebServer(self)


class Program:
    """A process of the site, that is started anew when it ended by itself."""

    def __init__(self, site: Site, name: str, command: Sequence[str], **variables: str) -> None:
        self.name = name
        self.log = site.folder / f"{name}.log"
        self.ended_by_itself: list[int] = []
        """With which status, each time."""
        self._site, self._command, self._variables = site, command, variables
        self._process: subprocess.Popen[str] | None = None
        self._ended_at: float | None = None

    def start(self) -> None:
        variables = self._site.variables | self._variables
        self._process = subprocess.Popen(
            [sys.executable, *self._command],
            cwd=self._site.root,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._write_down, args=(self._process,), daemon=True).start()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Have it end what it has begun; whoever takes too long is killed."""
        self._end(signal.SIGINT)

    def start_if_it_ended(self) -> None:
        if self._process is None or (status := self._process.poll()) is None:
            return
        if self._ended_at is None:
            self._ended_at = time.monotonic()
            self.ended_by_itself.append(status)
        elif time.monotonic() - self._ended_at > RESTART_SECONDS:
            self._ended_at = None
            self.start()

    def _end(self, how: signal.Signals) -> None:
        process, self._process, self._ended_at = self._process, None, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _write_down(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with self.log.open("a", encoding="utf-8") as log:
            for line in process.stdout:
                log.write(f"{time.monotonic() - self._site.began_at:8.2f} {line}")
                log.flush()


class WebServer(Program):
    def __init__(self, site: Site) -> None:
        self.port = free_port()
        super().__init__(site, "web", ["-m", "config.web_server"], PORT=str(self.port))

    def start(self) -> None:
        super().start()
        wait_until(lambda: answers(self.port), PATIENCE_SECONDS, "the web server answers")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"
