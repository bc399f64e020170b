"""A worker that does nothing but claim and give back: `python -m tests.claimer FOLDER SECONDS NUMBER WORKERS`.

Of the feeds, it wants each WORKERS-th, from the NUMBER-th on: those who want the same first feed of a host meet at its
row anyway; those who want others, as when a curator has some polled, meet only at the host.

A host that it has claimed is a file in the folder for as long as it holds it. It prints how many hosts it held, and
how many of them another one held at the same time.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from aggregator.models import Feed  # noqa: E402


def main(folder: Path, seconds: float, number: int, workers: int) -> None:
    wanted = Feed.objects.alias(turn=F("pk") % workers).filter(turn=number)
    held = shared = 0
    stop_at = time.monotonic() + seconds
    while time.monotonic() < stop_at:
        now = timezone.now()
        feeds = wanted.due(now).claim(now, lease_seconds=60, spacing_seconds=0, limit=20)
        flags = [folder / feed.host for feed in feeds]
        for flag in flags:
            held += 1
            try:
                flag.touch(exist_ok=False)
            except FileExistsError:
                shared += 1
        time.sleep(random.uniform(0, 0.01))
        for flag in flags:
            flag.unlink(missing_ok=True)
        ids = [feed.pk for feed in feeds]
        Feed.objects.filter(pk__in=ids).update(lease=None, next_poll_at=timezone.now(), last_polled_at=timezone.now())
    print(held, shared)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
