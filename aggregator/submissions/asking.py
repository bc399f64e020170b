"""Asks strangers' servers and reads their answers, as polling does: guarded, spaced, limited, in child processes."""

from __future__ import annotations

import logging
import queue
from collections.abc import Mapping
from types import TracebackType

from django.conf import settings

from aggregator.ingest.errors import IngestError, OurFault, ReaderStopped
from aggregator.ingest.types import Request, Response
from aggregator.polling.fetching import Fetcher
from aggregator.polling.policies import fetch_policy
from aggregator.polling.reading_pool import is_death, make_pool, stop

from . import mark_reading
from .mark_reading import MarkJob, read_in_child

logger = logging.getLogger(__name__)

CONCURRENCY = 8


class Asker:
    """Servers asked and bodies read, some at a time. Use as a context manager."""

    def __init__(self) -> None:
        self._answers: queue.SimpleQueue[tuple[int, Response | IngestError]] = queue.SimpleQueue()
        self._fetcher = Fetcher(
            fetch_policy(),
            concurrency=CONCURRENCY,
            spacing_seconds=settings.FETCH_HOST_SPACING_SECONDS,
            on_done=lambda key, answer: self._answers.put((key, answer)),
        )
        self._pool = make_pool(1, mark_reading.MEMORY_BYTES, [mark_reading.__name__])

    def __enter__(self) -> Asker:
        self._fetcher.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fetcher.__exit__(None, None, None)
        stop(self._pool)

    def ask(self, urls: Mapping[int, str]) -> dict[int, Response | IngestError]:
        """The answers, by the keys of the addresses. Returns when all are there."""
        for key, url in urls.items():
            self._fetcher.submit(key, Request(url=url))
        return dict(self._answers.get() for _ in urls)

    def read(self, job: MarkJob) -> str | IngestError:
        """By which way the body shows its code; empty if it doesn't."""
        future = self._pool.schedule(read_in_child, args=(job,), timeout=mark_reading.SECONDS)
        error = future.exception()
        if error is None:
            found: str | IngestError = future.result()
            return found
        if isinstance(error, TimeoutError):
            return ReaderStopped(reason=f"it took longer than {mark_reading.SECONDS} seconds")
        if is_death(error):
            return ReaderStopped(reason="it used up its processor time or memory")
        logger.error("looking for a mark failed", exc_info=error)
        return OurFault()


def body_of(answer: Response) -> bytes:
    """The whole body, also of a large one."""
    return answer.large.take() if answer.large else answer.body
