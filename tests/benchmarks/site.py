"""A throw-away site for measuring: settings, an empty migrated database, and how much processor time a block takes."""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Callable
from statistics import median

import django
from django.core.management import call_command

PARAGRAPH = "<p>" + "A planet turns slowly, and a reader looks up now and then to see what is new. " * 6 + "</p>"
"""Of the posts that are shown."""


def start() -> None:
    """Set Django up on an empty database in a temporary folder."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    logging.disable(logging.INFO)


def cpu_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cpu_of(work: Callable[[], object], *, times: int) -> float:
    """Median processor seconds of one call, after one call to warm up."""
    work()
    samples = []
    for _ in range(times):
        before = cpu_seconds()
        work()
        samples.append(cpu_seconds() - before)
    return median(samples)
