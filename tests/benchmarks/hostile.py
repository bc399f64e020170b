"""What a hundred hostile feeds can do to a site: `python -m tests.benchmarks.hostile [--feeds 100] [--posts 10]`.

Each feed brings ten posts of 850 kB, of words, of links that grow, of references, of letters of four bytes and of
backslashes; some bring posts with endless addresses and twenty files beside each, or all the same posts, under endless
names. They are polled by a worker's own poll, twice, then a web process serves every kind of public address, as servers
call it. It says how much memory each has taken beyond what it takes for one small feed and its pages, and how large the
largest answer is, unpacked; it fails if one of them is over its bound. By hand, as a hundred feeds take minutes; on
SQLite in a temporary folder, or on what `DATABASE_URL` names.
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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from wsgiref.util import setup_testing_defaults

from tests.servers import Answer, FeedServer, Seen

POST_BYTES = 850_000
MAX_ANSWER_BYTES = 2_000_000
MAX_GROWTH_MIB = 150
ENDLESS = "&" * 1900
"""Of an address: as HTML it is five times as long."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Of a feed: the text that its posts repeat, and what stands beside that."""

    text: str
    files: int = 0
    is_shared: bool = False
    """Whether all feeds of this kind bring the same posts."""
    name: str = ""
    """What names of feeds and posts begin with."""

    def address(self, place: str) -> str:
        return f"{place}?{ENDLESS}" if self.files else place


KINDS = (
    Kind("many words and "),
    Kind("<a href=/x>link</a> "),
    Kind("&amp; &lt; "),
    Kind("𝕬𝕬 "),
    Kind("\\ "),
    Kind("a word ", files=20),
    Kind("shared ", is_shared=True, name="<&" * 120),
)
ROOT = Path(__file__).parents[2]


def document(number: int, posts: int, size: int, edition: str, kinds: int) -> bytes:
    """Another feed for each number, with other posts in each edition, all of the last hours."""
    kind = KINDS[number % kinds]
    size = size // 2 if kind.files else size  # their addresses take the rest of what a feed may have
    content = f"<![CDATA[<p>{kind.text * (size // len(kind.text.encode()))}</p>]]>".encode()
    host = "shared" if kind.is_shared else f"blog{number}"
    site_url = f"https://{host}.example/"
    items = []
    for post in range(posts):
        moment = datetime.now(UTC) - timedelta(hours=1, minutes=post)
        name = f"{kind.name} {edition} {post} of {host}"
        link = kind.address(f"{site_url}{edition}/{post}/")
        files = "".join(
            f'<enclosure url="{escape(kind.address(f"{site_url}{edition}/{post}/{file}.mp3"))}" type="audio/mpeg"/>'
            for file in range(kind.files)
        )
        items.append(
            f"<item><title>{escape(name)}</title><link>{escape(link)}</link>{files}"
            f"<guid isPermaLink='false'>{number} {edition} {post}</guid>"
            f"<pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>".encode()
            + content
            + b"</description></item>"
        )
    title = escape(f"{kind.name} Blog {number}")
    link = escape(kind.address(f"https://blog{number}.example/"))
    head = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>{link}</link>'
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
    before, growth = memory_mib("VmRSS"), 0.0
    for _ in sys.stdin:
        report = poll(Feed.objects.exclude(pk=small.pk))
        held = Feed.objects.aggregate(held=Sum("held_count"))["held"]
        growth = memory_mib("VmHWM") - before
        print(
            f"worker: {report.polled} feeds, {report.new} new, {len(report.failed)} failed, {held} held; grew by "
            f"{growth:.0f} MiB, kept {memory_mib('VmRSS') - before:.0f}, of {before:.0f}; "
            f"{Entry.objects.count()} entries",
            flush=True,
        )
        for failure in report.failed[:3]:
            print(f"        {failure.feed.url}: {failure.error}", flush=True)
    assert growth <= MAX_GROWTH_MIB, f"the worker grew by {growth:.0f} MiB"


def addresses() -> list[str]:
    from django.urls import reverse

    from aggregator.models import Entry, Feed

    longest = Entry.objects.listed().newest_first()[:12]
    days = sorted({entry.timeline_at.date() for entry in longest})
    named = [reverse(name) for name in ("front", "sources", "about", "atom", "rss", "json_feed", "opml")]
    named += [reverse("day", args=[day.year, day.month, day.day]) for day in days]
    named += [reverse("month", args=[days[-1].year, days[-1].month])]
    one_of_each_kind = Feed.objects.public().order_by("pk")[: len(KINDS) + 1]
    named += [feed.get_absolute_url() for feed in one_of_each_kind]
    for kind in ("atom.xml", "rss20.xml", "feed.json"):
        named += [f"{feed.get_absolute_url()}{kind}" for feed in one_of_each_kind]
    return [*named, *(entry.get_absolute_url() for entry in longest)]


def ask(address: str) -> bytes:
    """What a web server gets for an address of the site, page store and all. Raises AssertionError for an error."""
    from config.wsgi import application

    path, _, query = address.partition("?")
    environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    said: list[str] = []
    chunks = application(environ, lambda status, headers, exc_info=None: said.append(status))
    body = b"".join(chunks)
    getattr(chunks, "close", lambda: None)()
    assert said[0].startswith("200 "), (address, said[0])
    return body


def browse() -> None:
    """In a web server's process: ask for every kind of public address, and follow what each leads on to."""
    ask("/about/")
    small = memory_mib("VmRSS")
    sizes: dict[str, int] = {}
    waiting = addresses()
    while waiting:
        path = waiting.pop()
        if path in sizes:
            continue
        answer = ask(path)
        sizes[path] = len(answer)
        onward = re.findall(r'<a class="pager-older" href="(\?[^"]*|[^"]*/part/\d+/)"', answer.decode())
        waiting += [urljoin(path, address) for address in onward]
        del answer
    largest = sorted(sizes, key=lambda path: sizes[path])[-4:]
    growth = memory_mib("VmHWM") - small
    print(f"web: {len(sizes)} addresses; grew by {growth:.0f} MiB, of {small:.0f}")
    for path in reversed(largest):
        print(f"        {sizes[path]:>9} bytes  {path}")
    assert sizes[largest[-1]] <= MAX_ANSWER_BYTES, f"{largest[-1]} has {sizes[largest[-1]]} bytes"
    assert growth <= MAX_GROWTH_MIB, f"the web process grew by {growth:.0f} MiB"


def run(role: str, folder: str, lines: str = "") -> None:
    """Raises CalledProcessError if the process fails."""
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
    subprocess.run(command, cwd=ROOT, env=environment, input=lines, text=True, check=True)


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
            run("fill", folder, "\n".join(ours.recv()))
            run("work", folder, "poll\npoll\n")
            run("browse", folder)
        finally:
            publisher.terminate()


if __name__ == "__main__":
    main()
