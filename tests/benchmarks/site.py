"""A throw-away site for measuring: settings, an empty migrated database, and how much processor time a block takes."""

from __future__ import annotations

import logging
import os
import random
import re
import resource
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median

import django
from django.core.management import call_command

PARAGRAPH = "<p>" + "A planet turns slowly, and a reader looks up now and then to see what is new. " * 6 + "</p>"
"""Of the posts that are shown."""
POSTS = Path(__file__).resolve().parents[2] / "aggregator" / "demo" / "posts"
PHRASE_WORDS, PHRASES = 6, 160


def start() -> None:
    """Set Django up on an empty database in a temporary folder."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    logging.disable(logging.INFO)


def text_of(number: int) -> str:
    """The content of a post, some 5 kilobytes that gzip makes three times as small, as it does with written ones.

    One sentence again and again would be fifty times as small, and hardly take time to send. Of a thousand numbers each
    has a text of its own.
    """
    return _texts()[number % 1000]


@cache
def _texts() -> list[str]:
    words = re.sub("<[^>]+>", " ", " ".join(path.read_text() for path in sorted(POSTS.rglob("*.html")))).split()
    dice = random.Random(1)  # the same texts each time
    starts = (dice.choices(range(len(words) - PHRASE_WORDS), k=PHRASES) for _ in range(1000))
    return [
        "".join(
            f"<p>{' '.join(' '.join(words[start : start + PHRASE_WORDS]) for start in paragraph)}</p>"
            for paragraph in (each[first : first + 16] for first in range(0, PHRASES, 16))
        )
        for each in starts
    ]


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
