#!/usr/bin/env python
"""Django's command line for Orrery."""

from __future__ import annotations

import io
import os
import sys

if __name__ == "__main__":
    # Not above: the processes that read feeds import this file, too, and need nothing of Django.
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a title that the terminal can't show must not end a poll
            stream.reconfigure(errors="backslashreplace")
    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:  # whoever read the output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
