"""Requests as a web server hands them on, in front of the page store or behind it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import brotli
import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from aggregator.pages.stored import Application, StoredPages


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    questions: int
    """To the database."""

    @property
    def text(self) -> str:
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
        packing = self.headers.get("Content-Encoding")
        return (unpack[packing](self.body) if packing else self.body).decode()


Ask = Callable[..., Answer]


@pytest.fixture
def lasting_connection() -> Iterator[None]:
    """Requests end no connection, as this one has the test's transaction; Django's own client does the same."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def ask(lasting_connection: None) -> Ask:
    """Asks a site that has just started for a path with a query; `headers` are spelled as WSGI does."""
    return asking(StoredPages(WSGIHandler()))


@pytest.fixture
def ask_anew(lasting_connection: None) -> Ask:
    """Asks a site that keeps no page."""
    return asking(WSGIHandler())


def asking(application: Application) -> Ask:

    def ask(path: str = "/", query: str = "", method: str = "GET", scheme: str = "http", **headers: str) -> Answer:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "wsgi.url_scheme": scheme,
            "wsgi.input": BytesIO(),
            **headers,
        }
        said: list[tuple[str, dict[str, str]]] = []
        with CaptureQueriesContext(connection) as queries:
            body = b"".join(application(environ, lambda status, headers, *_: said.append((status, dict(headers)))))
        [(status, sent)] = said
        return Answer(int(status.split()[0]), sent, body, len(queries))

    return ask
