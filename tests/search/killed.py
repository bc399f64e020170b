"""Stores documents, and kills itself at a moment: `python -m tests.search.killed`.

For each line of its input, a number, it forks a process that polls nobody, but stores what two feeds bring, and is
killed right before that statement, of which a commit is one. It prints how many statements there were.
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

from aggregator.models import Feed  # noqa: E402
from tests.factories import NOW  # noqa: E402
from tests.stores import POLICY, Polled, lease, make_document, make_item, make_response, store_documents  # noqa: E402


def main() -> None:
    gc.freeze()
    for line in sys.stdin:
        number = int(line)
        connection.close()
        if not (child := os.fork()):
            statements = _store(number)
            print(statements, flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print("killed", flush=True)


def _store(last: int) -> int:
    """New, edited and tagged entries of each feed; how many statements it took."""
    count = 0

    def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    polled = []
    for feed in Feed.objects.order_by("pk"):
        known = feed.entries.count()
        items = [
            make_item(f"post {number}", content_html=f"<p>heron {known}</p>", content_hash=str(known))
            for number in range(known + 3)
        ]
        polled.append(Polled(lease(feed), make_response(feed), make_document(*items)))
    connection._commit = partial(counted, connection._commit)
    with connection.execute_wrapper(counted):
        store_documents(polled, now=NOW, policy=POLICY)
    return count


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
