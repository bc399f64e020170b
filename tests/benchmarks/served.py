"""What readers' requests cost the server, beside nginx with the same bytes: `python -m tests.benchmarks.served`.

The site's own web server gives out a front page of 60 entries, 50,000 being in the table; nginx gives out the page as a
file, packed before (`gzip_static`), and as its cache in front of the site holds it, by the sample of `config/deploy`.
They are asked as browsers ask, which take brotli: the site packs in it, and a file of nginx's is in gzip. Rows are on
whatever `DATABASE_URL` names, which must be empty; SQLite in a temporary folder without it. Each figure is a median of
five rounds, in which all take turns: microseconds of processor time of all processes that serve a request, and the
ratio to the file. Where the cache stands is asked by https, and so is its file.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median

from tests.benchmarks import site

site.start()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from aggregator.models import Entry, SiteState  # noqa: E402
from aggregator.models.counting import refresh_counts  # noqa: E402
from config.wsgi import application  # noqa: E402
from tests.factories import make_category, make_feed, unsaved_entry  # noqa: E402
from tests.processes import ROOT, site_variables  # noqa: E402
from tests.proxies import NAME, free_port, make_certificate, running, write_nginx_files  # noqa: E402

ENTRIES, FEEDS = 50_000, 40
ROUNDS = 5
REQUESTS = 400
"""In a round; all rounds together must stay below the number after which a process of the site starts anew."""
FILE_SERVER = """keepalive_requests 100000;
server {{
	listen 127.0.0.1:{plain};
	listen 127.0.0.1:{tls} ssl;
	ssl_certificate {folder}/fullchain.pem;
	ssl_certificate_key {folder}/privkey.pem;
	root {folder}/file;
	tcp_nopush off;
	gzip_static on;
}}"""


def fill() -> None:
    categories = [make_category() for _ in range(3)]
    feeds = [make_feed(category=categories[number % 3]) for number in range(FEEDS)]
    entries = (
        unsaved_entry(feeds[number % FEEDS], days_ago=number / FEEDS, content_html=site.text_of(number))
        for number in range(ENTRIES)
    )
    Entry.objects.bulk_create(entries, batch_size=1000)
    refresh_counts(feeds)
    SiteState.objects.touch(timezone.now())


def questions_of(path: str) -> tuple[int, int, bytes]:
    """How many questions a page costs the database when it is made and when it is there; and its bytes, plain."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_HOST": "testserver",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1",
    }
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            body = b"".join(application({**environ, "wsgi.input": BytesIO()}, lambda *_: None))
        counts.append(len(queries))
    return counts[0], counts[1], body


class Reader:
    """One connection, kept open, over which requests go one after the other."""

    def __init__(
        self, port: int, *, is_tls: bool = False, packings: str = "gzip, br", headers: Iterable[str] = ()
    ) -> None:
        line: socket.socket = socket.create_connection(("127.0.0.1", port))
        if is_tls:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
            line = tls.wrap_socket(line, server_hostname=NAME)
        self._line, self._file = line, line.makefile("rb")
        lines = ["GET / HTTP/1.1", f"Host: {NAME}", f"Accept-Encoding: {packings}", *headers]
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    def ask(self) -> tuple[int, dict[str, str], bytes]:
        self._line.sendall(self._request)
        status = int(self._file.readline().split()[1])
        headers = {}
        while (line := self._file.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, self._file.read(int(headers.get("content-length", 0)))


@dataclass(slots=True)
class Way:
    """One way in which the page, or a 304, is given out."""

    name: str
    reader: Callable[[], Reader]
    processes: Callable[[], float]
    """Processor seconds of all that work for it."""
    status: int = 200

    def microseconds(self) -> float:
        """Of one request."""
        reader = self.reader()
        before = self.processes()
        for _ in range(REQUESTS):
            status, _, body = reader.ask()
            assert (status, bool(body)) == (self.status, self.status == 200)
        return (self.processes() - before) / REQUESTS * 1e6


def processor_seconds(*roots: int) -> float:
    """Of these processes and of those that they started, all of their threads, so far (Linux)."""
    total = 0
    for pid in map(str, roots):
        for schedule in Path("/proc", pid, "task").glob("*/schedstat"):
            total += int(schedule.read_text().split()[0])
        children = Path("/proc", pid, "task", pid, "children").read_text().split()
        total += int(processor_seconds(*map(int, children)) * 1e9)
    return total / 1e9


def start_site(stack: ExitStack, folder: Path) -> tuple[int, int]:
    """The port and the process of the site's web server, as `make run` starts it, with one process that answers."""
    port = free_port()
    variables = site_variables() | {"ENV_FILE": "", "PORT": str(port), "WEB_WORKERS": "1"}
    variables |= {"DATA_DIR": str(folder / "data"), "WEBSITE_URL": f"https://{NAME}"}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
        cwd=ROOT,
        env=variables,
        check=True,
    )
    command = [sys.executable, "-m", "config.web_server"]
    return port, stack.enter_context(running(command, port, folder / "site.log", variables))


def start_nginx(stack: ExitStack, folder: Path, site_port: int, page: bytes) -> tuple[int, int, int, int]:
    """Ports at which the page is a file (http, https) and where it comes from the site (https); nginx's process."""
    (folder / "file").mkdir()
    (folder / "file" / "index.html.gz").write_bytes(page)
    (folder / "file" / "index.html").write_bytes(gzip.decompress(page))
    make_certificate(folder)
    plain, tls, cached = free_port(), free_port(), free_port()
    file_server = FILE_SERVER.format(plain=plain, tls=tls, folder=folder)
    write_nginx_files(folder, cached, site_port=site_port, static_files=folder / "data" / "static", more=file_server)
    command = ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]
    return plain, tls, cached, stack.enter_context(running(command, cached, folder / "nginx.log"))


def ways_of(stack: ExitStack, folder: Path) -> tuple[list[Way], list[Way]]:
    """Those by http, and those by https; the file comes first."""
    site_port, site_pid = start_site(stack, folder)
    behind_tls = ["X-Forwarded-Proto: https"]
    _, headers, page = Reader(site_port, packings="gzip", headers=behind_tls).ask()
    known = f"If-None-Match: {headers['etag']}"
    plain, tls, cached, nginx_pid = start_nginx(stack, folder, site_port, page)

    def by_site() -> float:
        return processor_seconds(site_pid)

    def by_nginx() -> float:
        return processor_seconds(nginx_pid)

    def by_both() -> float:
        return processor_seconds(site_pid, nginx_pid)

    return [
        Way("nginx, a packed file", lambda: Reader(plain), by_nginx),
        Way("Orrery alone", lambda: Reader(site_port, headers=behind_tls), by_site),
        Way("Orrery alone, 304", lambda: Reader(site_port, headers=[*behind_tls, known]), by_site, 304),
    ], [
        Way("nginx, a packed file, https", lambda: Reader(tls, is_tls=True), by_nginx),
        Way("Orrery in nginx's cache, https", lambda: Reader(cached, is_tls=True), by_both),
        Way("Orrery in nginx's cache, https, 304", lambda: Reader(cached, is_tls=True, headers=[known]), by_both, 304),
    ]


def show(ways: list[Way]) -> None:
    samples: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(ROUNDS):
        for way in ways:
            samples[way.name].append(way.microseconds())
    of_file = median(samples[ways[0].name])
    for name, each in samples.items():
        print(f"{name:<38}{median(each):8.1f} µs{median(each) / of_file:8.2f} ×")


def main() -> None:
    fill()
    missed, hit, page = questions_of("/")
    count = page.count(b"<article")
    packed = len(gzip.compress(page, 6))
    print(f"{count} entries, {len(page) / 1024:.0f} KB, {packed / 1024:.0f} KB packed")
    print(f"{missed} questions when it is made, {hit} when it is there")
    with tempfile.TemporaryDirectory(prefix="orrery-served-") as name, ExitStack() as stack:
        os.chmod(name, 0o755)  # nginx's processes may be another user's
        for ways in ways_of(stack, Path(name)):
            show(ways)


if __name__ == "__main__":
    if shutil.which("nginx") and shutil.which("openssl"):
        main()
    else:
        print("To compare with nginx, install nginx and openssl (Debian: apt install nginx-light openssl).")
