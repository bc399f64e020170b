"""What it costs to find out whom to ask, among 300, 2,000 and 20,000 feeds: `python -m tests.benchmarks.schedule`.

DATABASE_URL chooses the database, which must be empty. Milliseconds on the wall, as PostgreSQL works in a process of
its own; to be compared within one run.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from tests.benchmarks import site

site.start()

from django.db import connection, transaction  # noqa: E402

from aggregator.models import Feed  # noqa: E402
from aggregator.polling.conductor import poll  # noqa: E402
from tests.factories import NOW  # noqa: E402

SIZES = (300, 2_000, 20_000)
UNDER_WAY = 32
CLAIM = 64
LATER = NOW + timedelta(hours=3)


def grow(size: int) -> None:
    """Feeds up to this number, five a host; some are being polled by another worker."""
    numbers = range(Feed.objects.count(), size)
    feeds = (
        Feed(
            url=f"https://blog{number // 5}.example/{number}",
            host=f"blog{number // 5}.example",
            slug=f"blog-{number}",
            state="active",
            last_polled_at=NOW - timedelta(hours=1),
        )
        for number in numbers
    )
    Feed.objects.bulk_create(feeds, batch_size=1000)


def make_due(feeds: int) -> None:
    """So many feeds are due, all over the table, and others under way."""
    step = max(Feed.objects.count() // max(feeds, 1), 1)
    Feed.objects.update(lease=None, next_poll_at=LATER)
    due = list(Feed.objects.order_by("pk").values_list("pk", flat=True))[::step][:feeds]
    for start in range(0, len(due), 1000):
        Feed.objects.filter(pk__in=due[start : start + 1000]).update(next_poll_at=NOW - timedelta(minutes=1))
    busy = Feed.objects.order_by("-pk").values_list("pk", flat=True)[:UNDER_WAY]
    Feed.objects.filter(pk__in=list(busy)).update(lease=uuid.uuid4(), next_poll_at=NOW + timedelta(minutes=2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def milliseconds(work: Callable[[], object], times: int = 25) -> float:
    """Median of one call, undone each time."""
    samples = []
    for _ in range(times):
        with transaction.atomic():
            before = time.perf_counter()
            work()
            samples.append(1000 * (time.perf_counter() - before))
            transaction.set_rollback(True)
    return median(samples)


def claim() -> None:
    Feed.objects.due(NOW).claim(NOW, lease_seconds=180, spacing_seconds=2, limit=CLAIM)


def tick() -> None:
    poll(clock=lambda: NOW)


def main() -> None:
    figures: dict[str, list[float]] = {}
    for size in SIZES:
        grow(size)
        for name, due in (("claim, all due", size), ("claim, 60 due", 60)):
            make_due(due)
            figures.setdefault(name, []).append(milliseconds(claim))
        make_due(0)
        figures.setdefault("tick, none due", []).append(milliseconds(tick))
    print(f"{connection.vendor:<16}" + "".join(f"{size:>9,} feeds       " for size in SIZES))
    for name, found in figures.items():
        print(f"{name:<16}" + "".join(f"{ms:8.2f} ms ({ms / found[0]:5.2f})   " for ms in found))


if __name__ == "__main__":
    main()
