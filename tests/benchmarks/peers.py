"""Our poll beside the peers that are installed, in one run: `python -m tests.benchmarks.peers [FEEDS [TIMES]]`.

newsboat is found on the path; lemon24/reader and django-planet by READER_PYTHON and PLANET_PYTHON, each a Python that
has it. Processor time counts, start-up
and children included, the feed server's not; in brackets, ours as a multiple. Of several times the median is told.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from statistics import median

from tests.servers import Answer, FeedServer, Seen

ROOT = Path(__file__).resolve().parents[2]
READER_PYTHON = os.environ.get("READER_PYTHON", "")
PLANET_PYTHON = os.environ.get("PLANET_PYTHON", "")
EPOCH = datetime(2026, 6, 1, tzinfo=UTC)
CONTENT = "http://purl.org/rss/1.0/modules/content/"
SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER (prctl(2)): what a poll leaves behind, such as a fork server, is waited for here."""

ADD_OURS = """
import sys, django
django.setup()
from urllib.parse import urlsplit
from aggregator.models import Feed
urls = sys.stdin.read().split()
Feed.objects.bulk_create(Feed(url=url, host=urlsplit(url).hostname, slug=f"s{n}") for n, url in enumerate(urls))
"""
ADD_READERS = """
import sys
from reader import make_reader
reader = make_reader("reader.sqlite")
for url in sys.stdin.read().split():
    reader.add_feed(url)
"""
POLL_READERS = """
from reader import make_reader
make_reader("reader.sqlite").update_feeds(workers=20, scheduled=False)
"""

PLANET_SETTINGS = """
SECRET_KEY = "of a benchmark"
USE_TZ = True
SITE_ID = 1
INSTALLED_APPS = [f"django.contrib.{name}" for name in ("auth", "contenttypes", "sites")] + ["planet"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "planet.sqlite"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
"""
ADD_PLANETS = """
import sys, django
django.setup()
from planet.models import Blog, Feed
from planet.utils import md5_hash
for url in sys.stdin.read().split():
    Feed.objects.create(url=url, title=url, guid=md5_hash(url), blog=Blog.objects.create(url=url + "/", title=url))
"""

TEXT = (
    "planet orbit moon comet dust ring night lens glass turn slow near far light dark north star map year week we they"
    " draw watch note count lose find read write keep and or but with under above a the of in to that this grüßt été"
)
WORDS = TEXT.split()


class Blog:
    """A feed on a host of its own: 17 posts of 5 KB, more when it is told to post, a build date when it is built."""

    def __init__(self, server: FeedServer, number: int) -> None:
        self._random = random.Random(number)
        self._number = number
        self._posts: list[str] = []
        self._built = 0
        self._body = b""
        self.is_conditional = True
        self.url = server.add("/feed", self._answer)
        self.post(17)

    def post(self, posts: int) -> None:
        self._posts[:0] = [self._item(len(self._posts) + more) for more in reversed(range(posts))]
        self.build()

    def build(self) -> None:
        self._built += 1
        built = format_datetime(EPOCH + timedelta(seconds=self._built))
        head = f"<title>Blog {self._number}</title><link>{self._site}</link><lastBuildDate>{built}</lastBuildDate>"
        rss = f'<rss version="2.0" xmlns:content="{CONTENT}"><channel>{head}{"".join(self._posts[:20])}</channel></rss>'
        self._body = rss.encode()

    @property
    def _site(self) -> str:
        return f"https://blog{self._number}.example/"

    def _answer(self, seen: Seen) -> Answer:
        return Answer(self._body, headers={"ETag": f'"{self._built}"'} if self.is_conditional else {})

    def _item(self, number: int) -> str:
        date = format_datetime(EPOCH - timedelta(days=17 - number))
        link = f"{self._site}{number}/"
        return (
            f"<item><title>{self._sentence(6)}</title><link>{link}</link><guid>{link}</guid><pubDate>{date}</pubDate>"
            f"<content:encoded>{escape(self._html())}</content:encoded></item>"
        )

    def _html(self) -> str:
        paragraphs = (
            f'<p>{self._sentence(40)} <a href="/{self._random.randrange(99)}/">{self._sentence(3)}</a>'
            f" <em>{self._sentence(4)}</em> {self._sentence(30)} <code>{self._sentence(2)}</code></p>"
            for _ in range(11)
        )
        return "".join(paragraphs) + '<p><img src="/picture.png" alt="A picture" width="640" height="480"></p>'

    def _sentence(self, words: int) -> str:
        return " ".join(self._random.choices(WORDS, k=words))


def first(blogs: list[Blog]) -> None:
    """Nothing is known yet."""


def same304(blogs: list[Blog]) -> None:
    """Nothing is new, and who asks if anything is hears that."""
    for blog in blogs:
        blog.is_conditional = True


def same200(blogs: list[Blog]) -> None:
    """Nothing is new, but whoever asks gets all."""
    for blog in blogs:
        blog.is_conditional = False


def touched(blogs: list[Blog]) -> None:
    """Only the dates at which the sites were built are new."""
    same304(blogs)
    for blog in blogs:
        blog.build()


def advance5(blogs: list[Blog]) -> None:
    """One blog in twenty has two new posts."""
    for blog in blogs[::20]:
        blog.post(2)


def advance100(blogs: list[Blog]) -> None:
    """Each blog has a new post."""
    for blog in blogs:
        blog.post(1)


# newsboat keeps validators only from its second poll on; so it is asked twice before it is asked what it can do best.
SCENARIOS = (first, same304, same200, touched, same304, advance5, advance100)


def serve(stack: ExitStack, feeds: int) -> list[FeedServer]:
    """A server a feed, as on the web one host a blog."""
    hosts = (f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(feeds))
    return [stack.enter_context(FeedServer(host)) for host in hosts]


def commands(folder: Path, urls: list[str]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Name, poll and environment of each aggregator, its feeds added."""
    listed = "\n".join(urls)
    ours = {
        "DATA_DIR": str(folder / "data"),
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FETCH_HOST_SPACING_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    run([*manage, "migrate", "-v0"], folder, ours)
    run([sys.executable, "-c", ADD_OURS], folder, ours, listed)
    yield "orrery", [*manage, "poll_feeds", "--all"], ours
    if newsboat := shutil.which("newsboat"):
        (folder / "urls").write_text(listed)
        (folder / "config").write_text("reload-threads 20\nsuppress-first-reload yes\n")
        yield "newsboat", [newsboat, "-u", "urls", "-c", "cache", "-C", "config", "-x", "reload"], {"HOME": str(folder)}
    if READER_PYTHON:
        run([READER_PYTHON, "-c", ADD_READERS], folder, {}, listed)
        yield "reader", [READER_PYTHON, "-c", POLL_READERS], {}
    if PLANET_PYTHON:
        (folder / "planet_settings.py").write_text(PLANET_SETTINGS)
        planets = {"DJANGO_SETTINGS_MODULE": "planet_settings", "PYTHONPATH": str(folder)}
        run([PLANET_PYTHON, "-m", "django", "migrate", "-v0"], folder, planets)
        run([PLANET_PYTHON, "-c", ADD_PLANETS], folder, planets, listed)
        yield "django-planet", [PLANET_PYTHON, "-m", "django", "planet_update_all_feeds"], planets


def run(command: list[str], folder: Path, variables: dict[str, str], text: str = "") -> None:
    environment = os.environ | variables
    subprocess.run(command, cwd=folder, env=environment, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class Cost:
    cpu_seconds: float
    wall_seconds: float
    memory_megabytes: float


def cost_of(command: list[str], folder: Path, variables: dict[str, str]) -> Cost:
    """Of a command and all its descendants; the memory is the most that the command's own process had."""
    started = time.perf_counter()
    cpu = wall = 0.0
    kilobytes = 0
    with subprocess.Popen(command, cwd=folder, env=os.environ | variables, stdout=subprocess.DEVNULL) as process:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return Cost(cpu, wall, kilobytes / 1024)
            if not pid:
                if process.returncode is None:  # its descendants may outlive it
                    kilobytes = max(kilobytes, peak_kilobytes(process.pid))
                time.sleep(0.005)
                continue
            cpu += usage.ru_utime + usage.ru_stime
            if pid == process.pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                wall = time.perf_counter() - started


def peak_kilobytes(pid: int) -> int:
    """VmHWM (proc(5)); 0 of a process that has ended and is not waited for yet.

    Not ru_maxrss: that counts what we had ourselves when we started it.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def measure(feeds: int) -> list[tuple[str, dict[str, float]]]:
    """Each scenario in its order, and the processor seconds of each aggregator."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        blogs = [Blog(server, number) for number, server in enumerate(serve(stack, feeds))]
        aggregators = list(commands(Path(name), [blog.url for blog in blogs]))
        rows = []
        for scenario in SCENARIOS:
            scenario(blogs)
            seconds = {
                who: cost_of(command, Path(name), variables).cpu_seconds for who, command, variables in aggregators
            }
            rows.append((scenario.__name__, seconds))
        return rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("feeds", nargs="?", type=int, default=100)
    parser.add_argument("times", nargs="?", type=int, default=1)
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    runs = [measure(options.feeds) for _ in range(options.times)]
    for row in zip(*runs, strict=True):
        name = row[0][0]
        seconds = {who: median(cpus[who] for _, cpus in row) for who in row[0][1]}
        ratios = "  ".join(f"{who} {cpu:.2f} s ({seconds['orrery'] / cpu:.2f})" for who, cpu in seconds.items())
        print(f"{name:<11} {options.feeds} feeds  {ratios}", flush=True)


if __name__ == "__main__":
    main()
