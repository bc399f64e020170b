"""What a poll costs: new, unchanged by 304, unchanged by body: `python -m tests.benchmarks.poll [FEEDS]`."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from datetime import timedelta

from tests.benchmarks import site

site.start()

from aggregator.models import Entry, Feed  # noqa: E402
from aggregator.polling.conductor import poll  # noqa: E402
from tests.documents import rss  # noqa: E402
from tests.factories import NOW, make_feed  # noqa: E402
from tests.servers import Answer, FeedServer  # noqa: E402


def serve(stack: ExitStack, feeds: int) -> list[tuple[FeedServer, str, bytes]]:
    """One loopback address a feed, as on the web one host a blog."""
    served = []
    for number in range(feeds):
        server = stack.enter_context(FeedServer(f"127.0.{1 + number // 250}.{1 + number % 250}"))
        posts = [(f"Post {number} {post}", NOW - timedelta(days=post)) for post in range(15)]
        body = rss(f"Blog {number}", posts, site_url=f"https://blog{number}.example/")
        url = server.add("/feed", Answer(body, headers={"ETag": '"1"'}))
        make_feed(url=url, state="pending", last_ok_at=None)
        served.append((server, url, body))
    return served


def measure(name: str, first_cpu: float | None = None) -> float:
    Feed.objects.update(next_poll_at=NOW, last_polled_at=None)
    wall, cpu = time.perf_counter(), site.cpu_seconds()
    report = poll()
    wall, cpu = time.perf_counter() - wall, site.cpu_seconds() - cpu
    share = f"  {cpu / first_cpu:.2f} of first" if first_cpu else ""
    print(
        f"{name:<10} {report.polled} feeds  wall {wall:6.2f} s  cpu {cpu:6.2f} s (with server)  new {report.new}{share}"
    )
    return cpu


def main() -> None:
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with ExitStack() as stack:
        served = serve(stack, feeds)
        first = measure("first")
        measure("same304", first)
        for server, _, body in served:
            server.add("/feed", Answer(body))
        measure("same200", first)
        print(f"{Entry.objects.count()} entries")


if __name__ == "__main__":
    main()
