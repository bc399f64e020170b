"""From an address that somebody proposes to the feed behind it, as polls would read it. Asks no row.

ask the address ──> read ──> a feed
                      └──> a web page ──> ask and read the feeds that it names, the best first
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from aggregator.ingest.errors import IngestError, NotAFeed, TimedOut
from aggregator.ingest.types import Document, Request, Response
from aggregator.polling.fetching import Fetcher
from aggregator.polling.named_feeds import MAX_TRIED_FEEDS
from aggregator.polling.policies import askable, fetch_policy
from aggregator.polling.read_job import ReadJob
from aggregator.polling.reading import Readers

FIND_SECONDS = 25
"""For all of one address: somebody sits before the page that waits for it."""
FINDS_AT_ONCE = 16

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that could be read."""

    url: str
    """Its address, to be asked from now on."""
    read_at: str
    """Where it was read in the end, after all redirects."""
    document: Document


class Finder:
    """Asks and reads for several threads. Use as a context manager, and leave it when none of them finds any more."""

    def __init__(self) -> None:
        self._answers: dict[int, Future[Response | IngestError]] = {}
        self._lock = threading.Lock()
        self._large = threading.Lock()
        self._readers = Readers()
        self._fetcher = Fetcher(
            fetch_policy(),
            concurrency=FINDS_AT_ONCE,
            spacing_seconds=settings.FETCH_HOST_SPACING_SECONDS,
            on_done=lambda key, answer: self._answers.pop(key).set_result(answer),
        )

    def __enter__(self) -> Finder:
        self._fetcher.__enter__()
        self._readers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fetcher.__exit__(None, None, None)
        self._readers.__exit__(None, None, None)

    def find(self, address: str, now: datetime) -> Found:
        """The feed at this address, or the first that can be read of those that its page names. Raises IngestError."""
        search = _Search(self, now, stop_at=time.monotonic() + FIND_SECONDS)
        try:
            return search.read(address)
        except NotAFeed as page:
            return search.named_by(page)

    def ask(self, url: str, seconds_left: Callable[[], float]) -> Response:
        """The answer of this address. Raises IngestError."""
        answer: Future[Response | IngestError] = Future()
        self._answers[id(answer)] = answer
        self._fetcher.submit(id(answer), Request(url=url))
        return _value(answer, url, seconds_left)

    def document_of(self, answer: Response, now: datetime, seconds_left: Callable[[], float]) -> Document:
        """What the answer's body says. Raises IngestError. Of large bodies, one is in memory at a time."""
        if answer.large is None:
            return self._read(answer, answer.body, now, seconds_left)
        if not self._large.acquire(timeout=max(seconds_left(), 0)):
            raise TimedOut(host=_host(answer.url), limit_seconds=FIND_SECONDS)
        try:
            return self._read(answer, answer.large.take(), now, seconds_left)
        finally:
            self._large.release()

    def _read(self, answer: Response, body: bytes, now: datetime, seconds_left: Callable[[], float]) -> Document:
        content_type = answer.headers.get("content-type", "")
        job = ReadJob(body=body, url=answer.url, content_type=content_type, now=now, is_counted=True)
        result: Future[Document | IngestError] = Future()
        with self._lock:
            self._readers.submit(job, result.set_result)
        return _value(result, answer.url, seconds_left)


@dataclass(frozen=True, slots=True)
class _Search:
    """For one address that was proposed."""

    finder: Finder
    now: datetime
    stop_at: float

    def read(self, url: str) -> Found:
        answer = self.finder.ask(url, self._seconds_left)
        document = self.finder.document_of(answer, self.now, self._seconds_left)
        return Found(answer.permanent_url or url, answer.url, document)

    def named_by(self, page: NotAFeed) -> Found:
        trouble: IngestError | None = None
        urls, tried = askable(page.links), set[str]()
        while len(tried) < MAX_TRIED_FEEDS and (url := next((url for url in urls if url not in tried), "")):
            tried.add(url)
            try:
                return self.read(url)
            except IngestError as error:
                trouble = trouble or error
                if isinstance(error, NotAFeed):  # a page once more, which may name the feed
                    urls = [*askable(error.links), *urls]
        raise replace(page, trouble=trouble.for_everybody if trouble else "") from trouble

    def _seconds_left(self) -> float:
        return self.stop_at - time.monotonic()


def _value(future: Future[_Found | IngestError], url: str, seconds_left: Callable[[], float]) -> _Found:
    try:
        value = future.result(timeout=max(seconds_left(), 0))
    except TimeoutError as error:
        raise TimedOut(host=_host(url), limit_seconds=FIND_SECONDS) from error
    if isinstance(value, IngestError):
        raise value
    return value


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
