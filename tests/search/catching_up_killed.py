"""Does what the worker does with posts of before, and kills itself: `python -m tests.search.catching_up_killed`.

For each line of its input, a number, it forks a process that is killed right before that statement, of which a commit
is one. It prints "killed", or how many statements there were.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from aggregator import tasks  # noqa: E402

PARTS = (tasks.index_older_entries, tasks.look_after_tags, tasks.read_bylines_of_before)


def main() -> None:
    gc.freeze()
    for line in sys.stdin:
        part, number = map(int, line.split())
        connection.close()
        if not (child := os.fork()):
            print(_work(part, number), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print("killed", flush=True)


def _work(part: int, last: int) -> int:
    count = 0

    def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    connection.ensure_connection()
    connection._commit = partial(counted, connection._commit)
    with connection.execute_wrapper(counted):
        PARTS[part].call_local()
    return count


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
