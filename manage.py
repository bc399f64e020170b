#!/usr/bin/env python
"""Django's command line for Orrery."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys

# Nearly all that a start makes is kept: looking for garbage in it, again and again, takes a third of what a short
# command costs. Here, so that it holds for the processes that read feeds, too.
gc.set_threshold(20_000, 50, 50)

if __name__ == "__main__":
    atexit.register(gc.freeze)  # what is left goes with the process
    # Not above: the processes that read feeds import this file, too, and need nothing of Django.
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # The server that the reading processes are forked from looks for modules where we were called, not beside this
    # file. If it finds none, each of them imports the parsers anew.
    os.environ.setdefault("PYTHONPATH", os.path.dirname(os.path.abspath(__file__)))
    # As Ctrl-C does it: connections are closed, and what was under way is given back.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a title that the terminal can't show must not end a poll
            stream.reconfigure(errors="backslashreplace")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # says which setting, and what it must be
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except KeyboardInterrupt:  # what was under way is given back by then
        sys.stderr.write("\nStopped.\n")
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # whoever read the output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
