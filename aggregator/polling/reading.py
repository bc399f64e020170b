"""A body becomes a document in a child process, so that no feed can take the worker down.

Regular expressions and HTML parsers can't be stopped from a thread; a process can be. Nothing of Django is imported
here, so the children stay small. The parsers are imported only by the children, so a worker that has nothing to read
stays small, too.
"""

from __future__ import annotations

import logging
import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING

from aggregator.ingest.errors import IngestError, OurFault, ReaderStopped
from aggregator.ingest.types import Document

from .read_job import ReadJob

if TYPE_CHECKING:
    from pebble import ProcessPool

logger = logging.getLogger(__name__)

_STAGES = f"{__package__}.bodies"
_POOL = f"{__package__}.reading_pool"

JUMP_SECONDS = 1
"""By so much the time of day must differ for a clock to have been set; one that is kept in step differs by less."""

OnRead = Callable[[Document | IngestError], None]


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What reading one body may cost."""

    seconds: float = 25.0
    memory_bytes: int = 2**30
    processes: int = os.cpu_count() or 1


def _read_in_child(job: ReadJob, seconds: float) -> Document | IngestError:
    """`read`, with its errors as values and the processor time of this one job limited."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))
    try:
        # By name: only the children need the parsers, and a poll without news would spend most of its start on them.
        document: Document = import_module(_STAGES).read(job)
        return document
    except IngestError as error:
        return error
    except MemoryError:
        return ReaderStopped(reason="it needs too much memory")


class Readers:
    """A pool of reading processes, started when there is first something to read.

    Use as a context manager; leaving it ends the processes. `submit` may be called from any one thread, and is called
    from a thread of the pool for a job that a clock has cut short; `on_done` is called on a thread of the pool, once a
    job, whether it succeeds or not.
    """

    def __init__(self, limits: ReadLimits | None = None) -> None:
        self._limits = limits or ReadLimits()
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            _pools().stop(self._pool)

    def submit(self, job: ReadJob, on_done: OnRead) -> None:
        seconds = self._limits.seconds
        future = self._started_pool().schedule(_read_in_child, args=(job, seconds), timeout=seconds)
        future.add_done_callback(partial(self._finish, on_done, job, _clocks_apart()))

    def _started_pool(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            limits = self._limits
            self._pool = _pools().make_pool(limits.processes, limits.memory_bytes, [__name__, _STAGES])
        return self._pool

    def _finish(
        self, on_done: OnRead, job: ReadJob, clocks_apart: float, future: Future[Document | IngestError]
    ) -> None:
        if self._is_cut_short(future, clocks_apart):
            self.submit(job, on_done)
        else:
            on_done(_result(future, self._limits.seconds))

    def _is_cut_short(self, future: Future[Document | IngestError], clocks_apart: float) -> bool:
        """Whether a job may have been stopped before its time: pebble looks at the time of day, which has jumped."""
        if future.cancelled() or not isinstance(future.exception(), TimeoutError):
            return False
        is_running = self._pool is not None and self._pool.active
        return is_running and abs(_clocks_apart() - clocks_apart) > JUMP_SECONDS


def _clocks_apart() -> float:
    """The time of day less the even time of this machine, in seconds: it changes only when a clock is set."""
    return time.time() - time.monotonic()


def _pools() -> ModuleType:
    # By name, like the stages: most polls have nothing to read.
    return import_module(_POOL)


def _result(future: Future[Document | IngestError], seconds: float) -> Document | IngestError:
    if future.cancelled():
        return ReaderStopped(reason="the worker is shutting down")
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, TimeoutError):
        return ReaderStopped(reason=f"it took longer than {seconds:g} seconds")
    if _pools().is_death(error):
        return ReaderStopped(reason="it used up its processor time or memory")
    logger.error("reading failed", exc_info=error)
    return OurFault()
