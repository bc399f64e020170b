"""What a hundred hostile feeds can do to a site: `python -m tests.benchmarks.hostile [--feeds 100] [--posts 10]`.

Each feed brings ten posts of 850 kB, of words, of links that grow, of references and of letters of four bytes. They are
polled by a worker's own poll, twice, then a web process serves every kind of public address. It says how much memory
each has taken beyond what it takes for one small feed and its pages, and how large the largest answer is, unpacked. By
hand, as a hundred feeds take minutes; on SQLite in a temporary folder, or on what `DATABASE_URL` names.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html import escape
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urljoin

from tests.servers import Answer, FeedServer, Seen

POST_BYTES = 850_000
MAX_ANSWER_BYTES = 2_000_000
MAX_GROWTH_MIB = 150
KINDS = ("many words and ", "<a href=/x>link</a> ", "&amp; &lt; ", "𝕬𝕬 ")
ROOT = Path(__file__).parents[2]


def document(number: int, posts: int, size: int, edition: str, kinds: int) -> bytes:
    """Another feed for each number, with other posts in each edition, all of the last hours."""
    kind = KINDS[number % kinds]
    content = f"<![CDATA[<p>{kind * (size // len(kind.encode()))}</p>]]>".encode()
    site_url = f"https://blog{number}.example/"
    items = []
    for post in range(posts):
        name, moment = f"{edition} {post} of blog {number}", datetime.now(UTC) - timedelta(hours=1, minutes=post)
        items.append(
            f"<item><title>{escape(name)}</title><link>{site_url}{edition}/{post}/</link><guid>{number} {name}</guid>"
            f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>".encode()
            + content
            + b"</description></item>"
        )
    head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog {number}</title><link>{site_url}</link>'
    return b"".join([head.encode(), *items, b"</channel></rss>"])


def publish(feeds: int, posts: int, kinds: int, pipe: Connection) -> None:
    """Serve the feeds, each on a host of its own, until the process is ended; documents are made when asked for."""

    def handler(number: int, size: int, posts: int) -> Callable[[Seen], Answer]:
        editions = itertools.count(1)
        return lambda _: Answer(document(number, posts, size, f"edition-{next(editions)}", kinds))

    with ExitStack() as stack:
        servers = [stack.enter_context(FeedServer(f"127.0.{1 + at // 250}.{1 + at % 250}")) for at in range(feeds + 1)]
        urls = [server.add("/feed", handler(at, POST_BYTES, posts)) for at, server in enumerate(servers[1:])]
        pipe.send([servers[0].add("/feed", handler(feeds, 300, 3)), *urls])
        pipe.recv()


def memory_mib(name: str) -> float:
    """VmRSS (now) or VmHWM (at most so far) of this process."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def work() -> None:
    """In a worker's process: poll a small feed, then all, as often as there is a line to read."""
    from django.db.models import Sum

    from aggregator.management.freed_memory import give_back_large_blocks
    from aggregator.models import Entry, Feed
    from aggregator.polling.conductor import poll

    give_back_large_blocks()  # as the worker's command does

    small = Feed.objects.earliest("pk")
    poll(Feed.objects.filter(pk=small.pk))
    before = memory_mib("VmRSS")
    for _ in sys.stdin:
        report = poll(Feed.objects.exclude(pk=small.pk))
        held = Feed.objects.aggregate(held=Sum("held_count"))["held"]
        print(
            f"worker: {report.polled} feeds, {report.new} new, {len(report.failed)} failed, {held} held; grew by "
            f"{memory_mib('VmHWM') - before:.0f} MiB, kept {memory_mib('VmRSS') - before:.0f}, of {before:.0f}; "
            f"{Entry.objects.count()} entries",
            flush=True,
        )
        for failure in report.failed[:3]:
            print(f"        {failure.feed.url}: {failure.error}", flush=True)


def addresses() -> list[str]:
    from django.urls import reverse

    from aggregator.models import Entry, Feed

    longest = Entry.objects.listed().newest_first()[:12]
    days = sorted({entry.timeline_at.date() for entry in longest})
    named = [reverse(name) for name in ("front", "sources", "atom", "rss", "json_feed", "opml")]
    named += [reverse("day", args=[day.year, day.month, day.day]) for day in days]
    named += [reverse("month", args=[days[-1].year, days[-1].month])]
    named += [feed.get_absolute_url() for feed in Feed.objects.public()[:6]]
    for kind in ("atom.xml", "rss20.xml", "feed.json"):
        named += [f"{feed.get_absolute_url()}{kind}" for feed in Feed.objects.public()[:6]]
    return [*named, *(entry.get_absolute_url() for entry in longest)]


def browse() -> None:
    """In a web server's process: ask for every kind of public address, and follow what each leads on to."""
    from django.test import Client

    client = Client()
    small = client.get("/about/").status_code, memory_mib("VmRSS")
    sizes: dict[str, int] = {}
    waiting = addresses()
    while waiting:
        path = waiting.pop()
        if path in sizes:
            continue
        answer = client.get(path, SERVER_NAME="localhost")
        assert answer.status_code == 200, (path, answer.status_code)
        sizes[path] = len(answer.content)
        onward = re.findall(r'<a class="pager-older" href="(\?[^"]*|[^"]*/part/\d+/)"', answer.content.decode())
        waiting += [urljoin(path, address) for address in onward]
        del answer
    largest = sorted(sizes, key=lambda path: sizes[path])[-4:]
    print(f"web: {len(sizes)} addresses; grew by {memory_mib('VmHWM') - small[1]:.0f} MiB, of {small[1]:.0f}")
    for path in reversed(largest):
        print(f"        {sizes[path]:>9} bytes  {path}")
    assert sizes[largest[-1]] <= MAX_ANSWER_BYTES


def start(role: str, folder: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "",
        "DATA_DIR": folder,
        "WEBSITE_URL": "http://localhost",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FETCH_HOST_SPACING_SECONDS": "0",
    }
    command = [sys.executable, "-m", "tests.benchmarks.hostile", "--role", role]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, text=True)


def fill() -> None:
    from django.core.management import call_command

    from aggregator.curating.adding import enroll
    from aggregator.models import Feed

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    now = datetime.now(UTC)
    for line in sys.stdin:
        feed = Feed()
        feed.point_to(line.strip())
        enroll(feed, now)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--posts", type=int, default=10)
    parser.add_argument("--kinds", type=int, default=len(KINDS), help="only the first of them; 1 reads fastest")
    parser.add_argument("--role", choices=["fill", "work", "browse"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        import logging

        import django

        django.setup()
        logging.disable(logging.INFO)
        {"fill": fill, "work": work, "browse": browse}[options.role]()
        return
    ours, theirs = multiprocessing.Pipe()
    arguments = options.feeds, options.posts, options.kinds, theirs
    publisher = multiprocessing.Process(target=publish, args=arguments, daemon=True)
    publisher.start()
    with tempfile.TemporaryDirectory() as folder:
        try:
            start("fill", folder).communicate("\n".join(ours.recv()))
            worker = start("work", folder)
            assert worker.stdin
            worker.communicate("poll\npoll\n")
            start("browse", folder).communicate()
        finally:
            publisher.terminate()


if __name__ == "__main__":
    main()
