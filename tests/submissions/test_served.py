"""Strangers at the real web server, and the real worker behind it: curl alone gets through, and a thousand don't."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS
from tests.processes import Site
from tests.servers import FeedServer

from .feeds import blog

pytestmark = [pytest.mark.slow, pytest.mark.any_database]


@dataclass(frozen=True, slots=True)
class Served:
    site: Site
    origin: str
    folder: Path

    def rows(self) -> int:
        return int(self.ask("SELECT count(*) FROM aggregator_submission")[0][0])

    def ask(self, question: str) -> list[tuple[object, ...]]:
        line = sqlite3.connect(self.site.database)
        try:
            return line.execute(question).fetchall()
        finally:
            line.close()

    def page(self, path: str = "/submit/") -> str:
        with urlopen(self.origin + path, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())


@pytest.fixture
def served(door: Served) -> Served:
    """The site, where nobody has proposed anything yet."""
    line = sqlite3.connect(door.site.database)
    with line:
        line.execute("DELETE FROM aggregator_submission")
        line.execute("DELETE FROM aggregator_attempts")
    line.close()
    return door


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("door")
    site = Site(folder / "orrery.sqlite3", folder / "data", TRUSTED_PROXIES="127.0.0.0/8")
    with site.web_server(log=folder / "web.log") as address:
        yield Served(site, address.rstrip("/"), folder)


def curl(*arguments: str) -> tuple[int, str, str]:
    """The status, where the answer leads to, and its text."""
    command = [need_program("curl"), "-sS", "-w", "\n%{http_code} %{redirect_url}", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True).stdout
    text, _, last = said.rpartition("\n")
    status, _, target = last.partition(" ")
    return int(status), target, text


def until(is_so: Callable[[], object]) -> None:
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < gives_up_at
        time.sleep(0.1)


def test_curl_alone_proposes_sees_what_was_met_and_sends(served: Served, feed_server: FeedServer) -> None:
    [token] = re.findall(r'name="token" value="([^"]+)"', curl(f"{served.origin}/submit/")[2])
    time.sleep(3)  # no other clock is at hand in that process
    fields = ["-d", f"token={token}", "-d", "leave_empty=", "--data-urlencode", f"address={blog(feed_server)}"]
    status, page, _ = curl(*fields, f"{served.origin}/submit/")
    assert (status, served.rows()) == (303, 1)
    page = served.origin + urlsplit(page).path
    with served.site.worker(log=served.folder / "worker.log"):
        until(lambda: "We are looking at it." not in curl(page)[2])
    status, _, text = curl(page)
    assert (status, "It is ready." in text, "Words that say what somebody found out" in text) == (200, True, True)
    assert curl("-X", "POST", f"{page}send/")[0] == 303
    assert "It waits for the curators." in curl(page)[2]
    assert served.ask("SELECT state FROM aggregator_submission") == [("waiting",)]


@pytest.mark.parametrize("chunks", [False, True])
def test_curl_with_more_than_four_kilobytes_is_told_so(served: Served, chunks: bool) -> None:
    header = ["-H", "Transfer-Encoding: chunked"] if chunks else []
    status, _, _ = curl(*header, "-F", "note=" + "x" * 5000, f"{served.origin}/submit/")
    assert (status, served.rows()) == (413, 0)


def test_of_a_thousand_at_once_few_are_taken_the_site_answers_throughout_and_no_row_holds_an_address(
    served: Served,
) -> None:
    seconds = int(time.time()) - 60
    token = served.site.manage("shell", "-c", SIGNED.format(seconds=seconds)).stdout.strip().splitlines()[-1]
    times: list[float] = []

    def read_a_page() -> None:
        began = time.monotonic()
        assert "Sources" in served.page("/sources/")
        times.append(time.monotonic() - began)

    with ThreadPoolExecutor(65) as pool:
        sent = [pool.submit(post, served.origin, token, number) for number in range(1000)]
        while not all(each.done() for each in sent):
            read_a_page()
    statuses = Counter(each.result() for each in sent)
    assert set(statuses) <= {303, 400, 429}
    assert 0 < statuses[303] == served.rows() <= 50
    assert len(times) > 3, "pages were answered meanwhile"
    print(statuses, len(times), max(times))
    line = sqlite3.connect(served.site.database)
    dump = "\n".join(line.iterdump())
    line.close()
    assert 'INTO "aggregator_attempts" VALUES' in dump
    assert CLIENT not in dump + (served.folder / "web.log").read_text()


CLIENT = "203.0."
SIGNED = (
    "from datetime import datetime, UTC; from aggregator.submissions.strangers import new_token;"
    "print(new_token(datetime.fromtimestamp({seconds}, UTC)))"
)


def post(origin: str, token: str, number: int) -> int:
    """The status that somebody gets who sends the form, each from another network: so a proxy says, who is believed."""
    place = urlsplit(origin)
    body = f"token={token}&leave_empty=&address=https://b{number}.example/&note=&email=".encode()
    head = (
        f"POST /submit/ HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        f"X-Forwarded-For: {CLIENT}{number % 250}.7\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE_SECONDS) as line:
        line.sendall(head.encode() + body)
        answer = b""
        while data := line.recv(65536):
            answer += data
    return int(answer.split(b" ", 2)[1])
