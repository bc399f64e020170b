"""Blogs in a process of their own: many feeds on many loopback hosts, new posts over time, and a note of every request.

    python -m tests.benchmarks.planet.publisher --feeds 1000 --hosts 250 --posts 5 --folder F

It says "ready PORT", then takes orders, a line each, and answers each with "done": "publish" is one post in every feed
at once, "begin SECONDS" one in every feed each so many seconds from now on, at moments of its own, "stop" the end of
that. It ends with its input. Its clock is the monotonic one, which all processes of a machine share and nobody sets.

Some posts are brought by a second feed, on another host, in the same moment, as planets do: the same link, the same id,
the same words.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import count
from pathlib import Path
from typing import TextIO

TEXT = (
    "planet orbit moon comet dust ring night lens glass turn slow near far light dark north star map year week we they"
    " draw watch note count lose find read write keep and or but with under above a the of in to that this grüßt été"
)
WORDS = TEXT.split()
POST_WORDS = 300
WINDOW = 30
"""A document holds so many posts; what is not read before it leaves the window is the blog's doing, not ours."""
TWIN_SHARE = 0.1
"""How many of the posts a second feed brings, too."""
LOOK_SECONDS = 0.1


def host(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Blog:
    def __init__(self, number: int, url: str) -> None:
        self.url = url
        self.title = f"Blog {number}"
        self._items: deque[str] = deque(maxlen=WINDOW)
        self.body, self.etag = b"", ""
        self.next_at = 0.0

    def add(self, item: str) -> None:
        self._items.appendleft(item)
        items = "".join(self._items)
        head = f"<title>{self.title}</title><link>{self.url}/</link><description>Notes.</description>"
        self.body = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Blogs:
    """All of them, and the two notes: what was published, and what was asked for."""

    def __init__(self, feeds: int, hosts: int, port: int, folder: Path) -> None:
        self._random = random.Random(1)
        self._published: TextIO = (folder / "published.tsv").open("a", buffering=1, encoding="utf-8")
        self._requests: TextIO = (folder / "requests.tsv").open("a", buffering=1, encoding="utf-8")
        self._blogs = [Blog(number, f"http://{host(number % hosts)}:{port}/{number}") for number in range(feeds)]
        self._numbers = count()
        self._every_seconds = 0.0
        self._has_more_hosts = hosts > 1

    def fill(self, posts: int) -> None:
        """Older posts, a day apart: what a blog has when we first hear of it."""
        now = datetime.now(UTC)
        for days in range(posts, 0, -1):
            for number in range(len(self._blogs)):
                self._post(number, now - timedelta(days=days, seconds=self._random.randrange(3600)))

    def publish(self) -> None:
        for number in range(len(self._blogs)):
            self._post(number, datetime.now(UTC))

    def begin(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        now = time.monotonic()
        for blog in self._blogs:
            blog.next_at = now + self._random.random() * every_seconds

    def stop(self) -> None:
        self._every_seconds = 0

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for number, blog in enumerate(self._blogs):
                if self._every_seconds and blog.next_at <= now:
                    blog.next_at += self._every_seconds
                    self._post(number, datetime.now(UTC))

    def _post(self, number: int, published_at: datetime) -> None:
        """The first line of a post comes before its appearance: nobody may have what isn't noted."""
        post = next(self._numbers)
        blog = self._blogs[number]
        guid, link = f"tag:planet.example,2026:{post}", f"{blog.url}/{post}"
        text = " ".join(self._random.choices(WORDS, k=POST_WORDS))
        item = (
            f"<item><title>{escape(f'Post {post} {text[:20]}')}</title><link>{link}</link>"
            f'<guid isPermaLink="false">{guid}</guid><pubDate>{format_datetime(published_at)}</pubDate>'
            f"<description>{escape(f'<p>{text}</p>')}</description></item>"
        )
        for one in self._who_brings(number):
            self._published.write(f"{time.monotonic():.6f}\t{one.url}\t{guid}\t{link}\n")
            one.add(item)

    def _who_brings(self, number: int) -> Iterator[Blog]:
        yield self._blogs[number]
        if self._has_more_hosts and self._random.random() < TWIN_SHARE:
            yield self._blogs[(number + 1) % len(self._blogs)]  # its neighbor's host is the next one

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            name = path.removeprefix("/")
            blog = self._blogs[int(name)] if name.isdigit() and int(name) < len(self._blogs) else None
            status = 404 if blog is None else 304 if blog.etag in head else 200
            asked = writer.get_extra_info("sockname")[0]
            self._requests.write(f"{time.monotonic():.6f}\t{asked}\t{path}\t{status}\n")
            body = blog.body if blog and status == 200 else b""
            etag = blog.etag if blog else '""'
            kind = "Content-Type: application/rss+xml\r\nConnection: close"
            writer.write(
                f"HTTP/1.1 {status} X\r\nETag: {etag}\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def serve(feeds: int, hosts: int, posts: int, folder: Path) -> None:
    blogs: Blogs | None = None

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert blogs is not None
        await blogs.answer(reader, writer)

    first = await asyncio.start_server(answer, host(0), 0)
    port = first.sockets[0].getsockname()[1]
    blogs = Blogs(feeds, hosts, port, folder)
    blogs.fill(posts)
    others = [await asyncio.start_server(answer, host(number), port, backlog=256) for number in range(1, hosts)]
    going_on = asyncio.create_task(blogs.go_on())
    print(f"ready {port}", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order, *seconds = line.split()
        if order == "publish":
            blogs.publish()
        elif order == "begin":
            blogs.begin(float(seconds[0]))
        else:
            blogs.stop()
        print("done", flush=True)
    going_on.cancel()
    for server in (first, *others):
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--feeds", "--hosts", "--posts"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.feeds, options.hosts, options.posts, options.folder))


if __name__ == "__main__":
    main()
