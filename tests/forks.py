"""manage.py for tests that start it dozens of times: each run is forked from one process that has the libraries.

    with Forks(PATH=os.environ["PATH"]) as forks:
        run = forks.manage("check", cwd=ROOT, DATA_DIR=...)     # run.returncode, run.stdout, run.stderr

To import Django and the others is most of what a short command costs. Of ours nothing is imported before the fork, nor
are settings read, so a run begins with what its own environment says, as any start does.
"""

from __future__ import annotations

import gc
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "cryptography.hazmat.primitives.serialization",
    "cryptography.hazmat.primitives.asymmetric.ec",
    "django.contrib.admin.utils",
    "django.contrib.staticfiles.finders",
    "django.core.management.base",
    "django.core.management.commands.check",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.autodetector",
    "django.db.migrations.executor",
    "django.forms",
    "django.template.defaulttags",
    "django.template.loader_tags",
    "django.views.generic",
    "environ",
    "httpx",
    "huey",
    "psycopg",
    "redis",
    "whitenoise.middleware",
)


class Forks:
    """Use it in a `with`. Runs go one after the other, with nothing in their environment but what is given."""

    def __init__(self, **variables: str) -> None:
        self._variables = variables

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def manage(self, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        assert self._process.stdin
        assert self._process.stdout
        with tempfile.TemporaryDirectory() as folder:
            wish = {"arguments": arguments, "cwd": str(cwd), "variables": self._variables | variables, "folder": folder}
            print(json.dumps(wish), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            out, err = ((Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(arguments, code, out, err)


def manage(wish: dict[str, Any]) -> int:
    """Be manage.py; how it ended."""
    os.chdir(wish["cwd"])
    os.environ.clear()
    os.environ.update(wish["variables"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{wish['folder']}/{name}", os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(number, "w"), write_through=True) for number in (1, 2))
    sys.argv = [str(ROOT / "manage.py"), *wish["arguments"]]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself does it
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    for library in LIBRARIES:
        import_module(library)
    assert not import_module("django.conf").settings.configured
    gc.freeze()  # a run that looked through all of this for garbage would get a copy of it first
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(manage(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
