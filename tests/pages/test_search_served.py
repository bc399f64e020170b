"""Searches at the real web server: a flood of slow ones leaves pages alone, and nothing that is asked is a fault."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest
from waitress.adjustments import Adjustments

from aggregator.pages import in_turn
from aggregator.pages import search as search_page
from aggregator.search.finding import Found
from config.receiving import Server
from config.web_server import THREADS, Threads
from config.wsgi import application
from tests.factories import make_entry
from tests.patience import PATIENCE_SECONDS
from tests.search.test_hostile_queries import hostile

pytestmark = pytest.mark.django_db(transaction=True)

Answer = tuple[int, dict[str, str], bytes]


class Served:
    """The site at its own web server, in threads of the test's process."""

    def __init__(self) -> None:
        line = socket.create_server(("127.0.0.1", 0))
        self._port, threads = line.getsockname()[1], Threads()
        threads.set_thread_count(THREADS)
        adjustments = Adjustments(sockets=[line], threads=THREADS, max_request_header_size=32 * 2**10)
        options: dict[str, Any] = {"dispatcher": threads, "adj": adjustments, "bind_socket": False, "requests": 10**6}
        about = (line.family, line.type, line.proto, line.getsockname())
        self._server = Server(application, {}, True, line, sockinfo=about, **options)
        self._threads, self._thread = threads, threading.Thread(target=self._server.serve, args=[PATIENCE_SECONDS])
        self._thread.start()

    def ask(self, path: str) -> Answer:
        line = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        line.request("GET", path, headers={"Host": "testserver"})
        answer = line.getresponse()
        found = answer.status, dict(answer.headers), answer.read()
        line.close()
        return found

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(PATIENCE_SECONDS)
        self._threads.wait(PATIENCE_SECONDS)


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


def test_a_flood_of_slow_searches_leaves_threads_for_pages(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    make_entry(title="Trains")
    goes_on, searching_now = threading.Event(), threading.Semaphore(0)

    def slow(*_: object, **__: object) -> Found:
        searching_now.release()
        assert goes_on.wait(PATIENCE_SECONDS)
        return Found(count=0)

    monkeypatch.setattr(search_page, "find", slow)
    with ThreadPoolExecutor(in_turn.AT_ONCE) as pool:
        slow_ones = [pool.submit(served.ask, "/search/?q=trains") for _ in range(in_turn.AT_ONCE)]
        for _ in slow_ones:
            assert searching_now.acquire(timeout=PATIENCE_SECONDS)
        # None of these would come back before the slow ones, if it had to wait for them.
        flood = [served.ask(f"/search/?q=trains+{number}") for number in range(40)]
        pages = [served.ask(path) for path in ("/", "/about/", "/search/", "/nothing/", "/atom.xml") * 4]
        goes_on.set()
        answers = [one.result() for one in slow_ones]
    assert {(status, headers["Retry-After"]) for status, headers, _ in flood} == {(503, "2")}
    assert Counter(status for status, _, _ in pages) == {200: 16, 404: 4}
    assert [status for status, _, _ in answers] == [200] * len(answers)
    assert served.ask("/search/?q=trains")[0] == 200, "their turns are free again"


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.any_database
def test_five_hundred_hostile_questions_are_answered_or_refused(served: Served) -> None:
    """By the page, and every fourth by a feed, too. What is longer than a head may be, the web server refuses."""
    make_entry(title="Needle <mark>", content_html="<p>a needle %s {} c++</p>")
    statuses: Counter[int] = Counter()
    for number, text in enumerate(hostile()):
        asked = quote(text, errors="surrogatepass")
        paths = [f"/search/?q={asked}", f"/search/{('atom.xml', 'feed.json')[number % 2]}?q={asked}"]
        for path in paths[: 1 + (number % 4 == 0)]:
            status, _, body = served.ask(path)
            statuses[status] += 1
            assert status in ({200, 400} if len(path) < 30_000 else {431}), path
            assert body.count(b"<script") == body.count(b'<script type="module" src="/static/js/')
    assert sum(statuses.values()) > 600
    assert min(statuses[200], statuses[400]) > 50
