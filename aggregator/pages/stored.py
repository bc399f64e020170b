"""Public pages from memory: each is made once for a version of the site, and then sent as it is, with all its headers.

It stands before Django, since a request costs Django more than the page that is there already. A page's way:

    request -> is it one of a page that is here? -> the site's version (one question) -> 304, or the bytes
            -> otherwise Django makes it, and `public_page` says what it depends on -> kept, if it is for everybody

Each process has a store of its own: nothing can be away, and nothing is copied or unpacked. So each makes a page once
more, and so does the one that follows it, as processes end after some thousands of requests. A page is filed under the
ETag that it came with. That has the version which was read before all of the page's rows, so a page of before is never
taken for a newer one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import connection
from django.db.utils import Error
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from django.utils.http import http_date, parse_http_date_safe

from aggregator.models.site_state import source_version_now, version_now

from .build import build
from .caching import CHANGED, KEPT, READS, SOURCE, etag_of_version, is_of_one_page
from .packing import packing_for

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

Key = Hashable
"""What tells one page from another, whatever the version."""

MAX_STORED_BYTES = 32 * 2**20
"""Of all pages of a process: some hundreds, packed. Those that nobody asked for longest go first."""
BYTES_OF_A_HEADER = 160
"""Python's own of two texts and their pair. A short page's headers take more than the page."""
BYTES_OF_A_PAGE = 1000
"""Python's own of what holds it together: its key, its lists, its place on the shelf."""
MAX_PAGE_BYTES = 2 * 2**20
"""Of one page: a larger one would push out dozens that are asked for more often."""
MAX_PATHS = 10_000
"""Of which a process remembers what their pages depend on."""
PRECONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")
"""Rare, and Django knows what they mean (RFC 9110 section 13.1)."""
OF_CONTENT = {"content-length", "content-encoding", "content-type"}
"""Headers that a 304 doesn't have."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    headers: Headers
    body: bytes
    etag: str
    """Without the W/ of a packed page."""
    source_id: int | None
    """The one feed that it shows, if it does."""
    changed_at: int | None
    """In seconds: its Last-Modified as soon, and as long, as it is of no other page."""
    headers_of_304: Headers

    @property
    def size(self) -> int:
        """What it takes in memory, about."""
        of_headers = sum(BYTES_OF_A_HEADER + len(name) + len(value) for name, value in self.headers)
        return BYTES_OF_A_PAGE + len(self.body) + of_headers

    def is_known_to(self, environ: Environ) -> bool:
        """Whether who asks has this page already (RFC 9110 section 13.2.2)."""
        if "HTTP_IF_NONE_MATCH" in environ:
            known = environ["HTTP_IF_NONE_MATCH"]
            return self.etag in known or known.strip() == "*"
        since = parse_http_date_safe(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
        return since is not None and self.changed_at == since and is_of_one_page(since)

    def send(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        dates = [("Last-Modified", http_date(self.changed_at))] if is_of_one_page(self.changed_at) else []
        if self.is_known_to(environ):
            start_response("304 Not Modified", self.headers_of_304 + dates)
            return []
        start_response("200 OK", self.headers + dates)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Shelf:
    """Pages by their keys, as many as MAX_STORED_BYTES hold; for several threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Key, StoredPage] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Key) -> StoredPage | None:
        with self._lock:
            if page := self._pages.get(key):
                self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: StoredPage) -> None:
        with self._lock:
            if old := self._pages.pop(key, None):
                self._bytes -= old.size
            self._pages[key] = page
            self._bytes += page.size
            while self._bytes > MAX_STORED_BYTES:
                self._bytes -= self._pages.popitem(last=False)[1].size


class StoredPages:
    """A WSGI application before another one, whose public pages it keeps."""

    def __init__(self, application: Application) -> None:
        build()  # before the first page: the processes that answer are copies of this one, and needn't read all files
        self._application = application
        self._shelf = Shelf()
        self._reads: dict[str, frozenset[str]] = {}
        """By the path of each page: the names of the query on which it depends."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_other = environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or any(name in environ for name in PRECONDITIONS)
        if is_other or not _names_this_site(environ.get("HTTP_HOST", "")):
            return self._application(environ, start_response)
        reads = self._reads.get(path)
        page = self._shelf.get(_key(environ, reads)) if reads is not None else None
        if page and page.etag == _current_etag(page.source_id):
            return page.send(environ, start_response)
        return self._made(path, environ, start_response)

    def _made(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Django's answer, which is kept if it may be."""
        said: list[Any] = []

        def listen(status: str, headers: Headers, exc_info: Any = None) -> Any:
            said[:] = status, headers
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        chunks = self._application(environ, listen)
        reads: frozenset[str] | None = environ.get(READS) if environ.get(KEPT) else None
        if reads is None or environ["REQUEST_METHOD"] != "GET" or not said[0].startswith("200 "):
            return chunks
        with closing(cast("HttpResponse", chunks)):
            body = b"".join(chunks)
        if page := _page(said[1], body, environ):
            if len(self._reads) >= MAX_PATHS:
                self._reads.clear()
            self._reads[path] = reads
            self._shelf.put(_key(environ, reads), page)
        return [body]


def _names_this_site(host: str) -> bool:
    """As Django decides it. If it does, it matters no more by which name and port: no page reads that."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _key(environ: Environ, reads: frozenset[str]) -> Key:
    query = environ.get("QUERY_STRING", "")
    values = dict(parse_qsl(query, keep_blank_values=True)) if query and reads else {}  # the last of a name, as in GET
    asked = tuple((name, values[name]) for name in sorted(reads & values.keys()))
    packing = packing_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return environ["wsgi.url_scheme"], environ["PATH_INFO"], asked, packing


def _page(headers: Headers, body: bytes, environ: Environ) -> StoredPage | None:
    """None for what isn't the same for everybody, says not which version it is, or is too large."""
    values = {name.lower(): value for name, value in headers}
    is_for_all = "public" in values.get("cache-control", "") and "set-cookie" not in values and "etag" in values
    if not is_for_all or "cookie" in values.get("vary", "").lower() or len(body) > MAX_PAGE_BYTES:
        return None
    undated = [(name, value) for name, value in headers if name.lower() != "last-modified"]
    return StoredPage(
        headers=undated,
        body=body,
        etag=values["etag"].removeprefix("W/"),
        source_id=environ[SOURCE],
        changed_at=environ[CHANGED],
        headers_of_304=[(name, value) for name, value in undated if name.lower() not in OF_CONTENT],
    )


def _current_etag(source_id: int | None) -> str:
    """That of all public pages now, or of those that show this source alone.

    Empty if that isn't there any more, and while the database can't be asked: Django says what there is to say.
    """
    try:
        if source_id is None:
            return etag_of_version(version_now())
        version = source_version_now(source_id)
        return etag_of_version(version) if version else ""
    except Error:
        connection.close()
        return ""
