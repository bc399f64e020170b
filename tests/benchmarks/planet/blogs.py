"""The publisher, as seen from the process that measures: orders to it, and what its notes say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.planet.publisher import host
from tests.processes import ROOT


@dataclass(frozen=True, slots=True)
class Post:
    at: float
    """By the monotonic clock, as in Asked."""
    feed_url: str
    guid: str
    link: str


@dataclass(frozen=True, slots=True)
class Asked:
    at: float
    host: str
    path: str
    status: int


class Blogs:
    """Use as a context manager; leaving it ends the process."""

    def __init__(self, folder: Path, *, feeds: int, hosts: int, posts: int) -> None:
        self._folder = folder
        self._hosts, self._feeds, self._posts = hosts, feeds, posts
        self.port = 0

    def __enter__(self) -> Self:
        numbers = [f"--feeds={self._feeds}", f"--hosts={self._hosts}", f"--posts={self._posts}"]
        command = [sys.executable, "-m", "tests.benchmarks.planet.publisher", *numbers, f"--folder={self._folder}"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.port = int(self._said().split()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def urls(self) -> list[str]:
        return [f"http://{host(number % self._hosts)}:{self.port}/{number}" for number in range(self._feeds)]

    def order(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._said()

    def published(self) -> list[Post]:
        rows = (line.split("\t") for line in self._lines("published.tsv"))
        return [Post(float(at), url, guid, link) for at, url, guid, link in rows]

    def requests(self) -> list[Asked]:
        rows = (line.split("\t") for line in self._lines("requests.tsv"))
        return [Asked(float(at), asked, path, int(status)) for at, asked, path, status in rows]

    def _lines(self, name: str) -> list[str]:
        """Whole lines: the last one may be under way."""
        text = (self._folder / name).read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()

    def _said(self) -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, "the publisher has ended"
        return said
