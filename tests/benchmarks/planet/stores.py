"""PostgreSQL and Redis of our own, that can be killed, stopped and started again; their data lies in a folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import answers

ROLE = "orrery"
"""The site's role: its connections are counted. We ourselves look on as `postgres`."""
MAX_CONNECTIONS = 40
"""Of the server: many more than the role may have, so that we can always look."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


class Server:
    """A program that listens at a port. Use as a context manager; leaving it ends the program."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(signal.SIGKILL)

    def start(self) -> None:
        command, options = self._command()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **options)
        wait_until(self._is_ready, what=f"{self.name} answers: see {self.log}")

    def end(self, how: signal.Signals) -> None:
        """Returns when the program has ended."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def restart(self, how: signal.Signals) -> None:
        self.end(how)
        self.start()

    def _command(self) -> tuple[Sequence[str], dict[str, Any]]:
        raise NotImplementedError

    def _is_ready(self) -> bool:
        return answers(self.port)


class PostgreSQL(Server):
    """An empty database of the role `orrery`, which gets no more than so many connections.

    SIGQUIT ends it at once, as a crash does (its "immediate" way); SIGINT sends everybody away first.
    """

    name = "postgresql"

    def __init__(self, folder: Path, *, connections: int) -> None:
        super().__init__(folder)
        self._data = folder / "postgresql"
        self._programs = _programs()
        # It refuses to run as root.
        self._as_whom: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        )
        self._data.mkdir(mode=0o700)
        if self._as_whom:
            shutil.chown(self._data, "postgres", "postgres")
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-A", "trust", "-U", "postgres"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._as_whom)
        self._connections = connections

    def __enter__(self) -> Self:
        super().__enter__()
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CONNECTION LIMIT {self._connections}")
            connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
        return self

    @property
    def url(self) -> str:
        """For the site."""
        return f"postgres://{ROLE}@127.0.0.1:{self.port}/{ROLE}"

    def connect(self, database: str = ROLE) -> psycopg.Connection[Any]:
        """For us, who are not counted."""
        return psycopg.connect(
            f"postgres://postgres@127.0.0.1:{self.port}/{database}", autocommit=True, connect_timeout=5
        )

    def refused(self) -> int:
        """How often the site wanted one connection too many."""
        return self.log.read_text(encoding="utf-8", errors="replace").count("too many connections for role")

    def _command(self) -> tuple[Sequence[str], dict[str, Any]]:
        listens = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self._data)]
        more = ["-c", f"max_connections={MAX_CONNECTIONS}", "-c", "log_lock_waits=on"]
        return [str(self._programs / "postgres"), "-D", str(self._data), *listens, *more], {"cwd": "/", **self._as_whom}

    def _is_ready(self) -> bool:
        with suppress(psycopg.OperationalError):
            self.connect("postgres").close()
            return True
        return False


class Redis(Server):
    """With a journal, so that a restart keeps what it holds; forgetful, without."""

    name = "redis"

    def __init__(self, folder: Path, *, is_forgetful: bool = False) -> None:
        super().__init__(folder)
        self._data = folder / "redis"
        self._data.mkdir()
        self._keeps = "no" if is_forgetful else "yes"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> tuple[Sequence[str], dict[str, Any]]:
        listens = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._data)]
        return ["redis-server", *listens, "--save", "", "--appendonly", self._keeps], {}


def _programs() -> Path:
    """Where the newest PostgreSQL has its programs: Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    assert program, "needs PostgreSQL (Debian: apt install postgresql)"
    return Path(program).resolve().parent
