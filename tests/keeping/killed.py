"""Backups and restores that kill themselves at a moment: `python -m tests.keeping.killed`.

For each line of its input it forks a process that runs a command, and prints what that returned, and how many moments
it came to. A line is JSON: `arguments`, `data_dir`, `database` (a file, or null for the one of the environment) and
`moment` (a number, or null). A moment is each file that is opened to be written, renamed, removed or synchronized, each
database that is opened, and each commit: right before it, or right after it.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

sys.dont_write_bytecode = True  # the first run would come to more moments than the others
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.urls import reverse  # noqa: E402

EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect"}


class Moments:
    def __init__(self, last: int | None, told: int) -> None:
        self._last, self._told = last, told
        self.count = 0

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        is_writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in EVENTS or is_writing:
            self.pass_by()

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            self.pass_by()
            result = call(*arguments, **options)
            self.pass_by()
            return result

        return watched


def work(wish: dict[str, Any], told: int) -> None:
    settings.DATA_DIR = Path(wish["data_dir"])
    if wish["database"]:
        connection.settings_dict["NAME"] = wish["database"]
    moments = Moments(wish["moment"], told)
    os.fsync, os.replace = moments.around(os.fsync), moments.around(os.replace)
    BaseDatabaseWrapper.commit = moments.around(BaseDatabaseWrapper.commit)
    sys.addaudithook(moments.hear)
    with contextlib.redirect_stderr(io.StringIO()):
        call_command(*wish["arguments"], stdout=io.StringIO(), stderr=io.StringIO())
    os.write(told, str(moments.count).encode())


def main() -> None:
    reverse("admin:index")  # loads what each command would load
    gc.freeze()
    for line in sys.stdin:
        heard, told = os.pipe()
        child = os.fork()
        if not child:
            work(json.loads(line), told)
            os._exit(0)
        os.close(told)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with open(heard, "rb") as count:
            print(code, int(count.read() or 0), flush=True)


if __name__ == "__main__":
    main()
