"""How a poll without news grows: `python -m tests.benchmarks.growth [--latency-ms 200] [FEEDS ...]` (300 1000).

Every number of feeds gets a site of its own and is polled as by hand, in a process of its own; processor time, memory
and time on the wall are that process's and its children's, start-up included, the feed server's not. Ideal is what the
requests would take if nothing but the network cost time.
"""

from __future__ import annotations

import argparse
import ctypes
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks.peers import SUBREAPER, Blog, Cost, commands, cost_of, serve
from tests.servers import Answer

CONCURRENCY = 32
"""The default of POLL_CONCURRENCY."""


def measure(feeds: int, latency_seconds: float) -> tuple[Cost, float]:
    """A poll that is answered with 304 at once (the middle one of three), and the wall seconds of one that is not."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        servers = serve(stack, feeds)
        for number, server in enumerate(servers):
            Blog(server, number)
        _, command, variables = next(commands(Path(name), [server.url("/feed") for server in servers]))
        cost_of(command, Path(name), variables)
        polls = [cost_of(command, Path(name), variables) for _ in range(3)]
        for server in servers:
            server.add("/feed", Answer(status=304, delay_seconds=latency_seconds))
        slow = median(cost_of(command, Path(name), variables).wall_seconds for _ in range(3))
    return sorted(polls, key=lambda cost: cost.cpu_seconds)[1], slow


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("feeds", nargs="*", type=int, default=[300, 1000])
    parser.add_argument("--latency-ms", type=float, default=200)
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    first: Cost | None = None
    for feeds in options.feeds:
        cost, slow = measure(feeds, options.latency_ms / 1000)
        first = first or cost
        first_share = first.cpu_seconds / options.feeds[0]
        ideal = feeds / CONCURRENCY * options.latency_ms / 1000
        print(
            f"{feeds:>6} feeds   cpu {cost.cpu_seconds:5.2f} s ({cost.cpu_seconds / feeds / first_share:.2f} a feed)   "
            f"memory {cost.memory_megabytes:4.0f} MB ({cost.memory_megabytes / first.memory_megabytes:.2f})   "
            f"wall {cost.wall_seconds:5.2f} s; at {options.latency_ms:g} ms {slow:5.2f} s, ideal {ideal:5.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
