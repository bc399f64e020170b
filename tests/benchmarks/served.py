"""What a front page costs the server beside a static file: `python -m tests.benchmarks.served`. Needs nginx.

The site's own web server and nginx answer one reader over connections that stay open. Each figure is the server's
processor time for a request, the median of five rounds, and its ratio to a file that nginx has packed already. The page
has 60 entries, and the table 50,000; they are on whatever `DATABASE_URL` names, which must be empty.
"""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from statistics import median

from tests.benchmarks import site

site.start()

from django.db import connection  # noqa: E402

from aggregator.models import Entry, Feed, SiteState  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from tests.factories import NOW, make_category, make_entry, make_feed  # noqa: E402
from tests.processes import ROOT, answers, site_variables  # noqa: E402

FEEDS, ENTRIES = 40, 50_000
ROUNDS = 5
REQUESTS = 250
"""Of a round: a process of the web server answers 5,000, then another one begins."""
PACKED = {"Accept-Encoding": "gzip"}
SAMPLE = ROOT / "config" / "deploy" / "nginx.conf"


def text(chance: Random) -> str:
    """Some kilobytes that can be packed about as well as prose."""
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(500)]
    return "".join(f"<p>{' '.join(words[at : at + 60])}.</p>" for at in range(0, len(words), 60))


def fill() -> None:
    chance = Random(1)
    categories = [make_category() for _ in range(3)]
    for number in range(FEEDS):
        feed = make_feed(category=categories[number % 3])
        first = make_entry(feed, days_ago=number / FEEDS, content_html=text(chance))
        Entry.objects.bulk_create(_older(first, age) for age in range(1, ENTRIES // FEEDS))
        refresh_counts([feed])
    SiteState.objects.touch(NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _older(first: Entry, days: int) -> Entry:
    values = {field.attname: getattr(first, field.attname) for field in Entry._meta.concrete_fields}
    moment = first.timeline_at.fromtimestamp(first.timeline_at.timestamp() - 86400 * days, tz=first.timeline_at.tzinfo)
    names = {"id": None, "guid": f"{first.guid}-{days}", "url": f"{first.url}{days}/", "timeline_at": moment}
    return Entry(**{**values, **names})


class Server:
    """A server by its first process; all that come of it count."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._line = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        self._line.request("GET", "/", headers=PACKED | {name.replace("_", "-"): headers[name] for name in headers})
        answer = self._line.getresponse()
        return answer.status, answer.headers, answer.read()

    def cpu_seconds(self) -> float:
        """Of all its threads, to the nanosecond."""
        tasks = [task for pid in _family(self._pid) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


@contextmanager
def running(command: list[str], port: int, **variables: str) -> Iterator[Server]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        gives_up_at = time.monotonic() + 30
        while not answers(port):
            if process.poll() is not None or time.monotonic() > gives_up_at:
                sys.exit(f"{command[0]} doesn't answer at port {port}")
            time.sleep(0.1)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait()


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        lines = [stack.enter_context(_line()) for _ in range(count)]
        return [line.getsockname()[1] for line in lines]


def _line() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def nginx_files(folder: Path, packed: bytes, *, site_port: int, port: int, static_port: int) -> list[str]:
    """Our sample without https, and a packed file beside it; the command that starts both."""
    (folder / "page").mkdir()
    (folder / "page" / "index.html").write_bytes(gzip.decompress(packed))
    (folder / "page" / "index.html.gz").write_bytes(packed)
    sample = SAMPLE.read_text()
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{site_port}",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen unix:{folder}/http;",
        "listen [::]:80;": "",
        "/var/cache/nginx": str(folder),
    }.items():
        assert old in sample
        sample = sample.replace(old, new)
    ours = "\n".join(line for line in sample.splitlines() if "ssl_certificate" not in line)
    static = (
        f"server {{ listen 127.0.0.1:{static_port}; root {folder}/page; gzip_static on; keepalive_requests 9999999; }}"
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; user root;\n"
        "events { worker_connections 200; }\n"
        f"http {{ access_log off; sendfile on; include /etc/nginx/mime.types; client_body_temp_path {folder}/body;\n"
        f"proxy_temp_path {folder}/proxy; {static}\n{ours}\n}}\n"
    )
    return ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]


def cost(server: Server, *others: Server, status: int = 200) -> Callable[[], float]:
    """Asks for a round, and tells the processor seconds of a request to the first server, in all of these."""

    def round_of_requests() -> float:
        known = {"If_None_Match": server.ask()[1]["ETag"]} if status == 304 else {}
        before = sum(each.cpu_seconds() for each in (server, *others))
        for _ in range(REQUESTS):
            assert server.ask(**known)[0] == status
        return (sum(each.cpu_seconds() for each in (server, *others)) - before) / REQUESTS

    return round_of_requests


def missed(server: Server) -> float:
    """The processor seconds of a page that is made, as something has changed."""
    SiteState.objects.touch(NOW)
    before = server.cpu_seconds()
    server.ask()
    return server.cpu_seconds() - before


def main() -> None:
    if not shutil.which("nginx"):
        sys.exit("needs nginx (Debian: apt install nginx-light)")
    fill()
    folder = Path(tempfile.mkdtemp(prefix="orrery-served-"))
    site_port, port, static_port = free_ports(3)
    variables = site_variables() | {
        "DATA_DIR": str(folder),
        "PORT": str(site_port),
        "WEB_WORKERS": "1",
        "WEBSITE_URL": f"http://127.0.0.1:{port}",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input"]
    subprocess.run(collect, cwd=ROOT, env=variables, check=True, capture_output=True)
    with running([sys.executable, "-m", "config.web_server"], site_port, **variables) as ours:
        _, _, packed = ours.ask()
        command = nginx_files(folder, packed, site_port=site_port, port=port, static_port=static_port)
        with running(command, static_port) as nginx:
            static, cached = nginx, Server(nginx._pid, port)
            figures = {
                "nginx gzip_static": cost(static),
                "nginx 304": cost(static, status=304),
                "behind nginx, 200": cost(cached, ours),
                "behind nginx, 304": cost(cached, ours, status=304),
                "alone, 200": cost(ours),
                "alone, 304": cost(ours, status=304),
                "alone, a miss": lambda: missed(ours),
            }
            rounds = [{name: work() for name, work in figures.items()} for _ in range(ROUNDS + 1)][1:]
    page = gzip.decompress(packed)
    articles = page.count(b"<article")
    print(f"{connection.vendor}: {articles} entries of {Entry.objects.count()}, {Feed.objects.count()} feeds, ", end="")
    print(f"{len(page) / 1024:.0f} KB, {len(packed) / 1024:.0f} KB packed")
    for name in figures:
        seconds = median(each[name] for each in rounds)
        ratio = median(each[name] / each["nginx gzip_static"] for each in rounds)
        print(f"  {name:<20} {seconds * 1e6:8.0f} µs   {ratio:7.2f}")
    shutil.rmtree(folder)


main()
