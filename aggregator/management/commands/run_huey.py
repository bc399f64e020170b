"""Huey's worker. The app that brings this command isn't installed: every command would load three queues' clients."""

from __future__ import annotations

import ctypes
import threading
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils.module_loading import import_string
from huey.contrib.djhuey.management.commands.run_huey import Command as RunHuey

from aggregator.keeping.in_use import NotNow, in_use
from aggregator.management.freed_memory import give_back_large_blocks
from aggregator.models import SiteState
from aggregator.models.faults import FAULTS

LEFT_ALONE_SECONDS = 1.0
"""For threads that have nothing to do, or are nearly done; then they are interrupted, as Ctrl-C interrupts a poll."""
STOP_SECONDS = 4.0
"""For all of them together: whoever stops the worker kills it after a while (honcho after five seconds)."""


class Command(RunHuey):
    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for a database that was never set up: no later tick would find it better."""
        with suppress(*FAULTS):  # a database that is down for now is waited for
            if SiteState._meta.db_table not in connection.introspection.table_names():
                raise CommandError("The database has no tables yet; `manage.py migrate` makes them. Then start again.")
        if connection.vendor == "postgresql":
            # Its threads work a few times a minute; between two tasks the web server may need their connections.
            connection.settings_dict["CONN_MAX_AGE"] = 0
        connection.close()  # of this thread, which needs none any more
        give_back_large_blocks()
        try:
            with in_use(settings.DATA_DIR):
                self._work(*args, **options)
        except NotNow as error:
            raise CommandError(str(error)) from error

    def _work(self, *args: Any, **options: Any) -> None:
        """Until it is told to stop; then everything is closed."""
        queue = import_string("huey.contrib.djhuey.HUEY")
        queue.on_shutdown("close connections")(connections.close_all)  # run by each of its threads, at its end
        super().handle(*args, **options)
        _end({thread for thread in threading.enumerate() if thread.name.startswith("Worker-")})
        queue.storage.close()


def _end(workers: set[threading.Thread]) -> None:
    """Have these threads end, so that each gives back its feeds, closes its connections and leaves nothing half done.

    Huey doesn't wait for them when it is told to stop, and what is interrupted with the process closes nothing: SQLite
    would keep new rows in a file beside the database.
    """
    _wait(workers, LEFT_ALONE_SECONDS)
    for thread in workers:
        if thread.is_alive() and thread.ident:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt)
            )
    _wait(workers, STOP_SECONDS - LEFT_ALONE_SECONDS)


def _wait(threads: set[threading.Thread], seconds: float) -> None:
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
