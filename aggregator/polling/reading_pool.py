"""The child processes that read. They stand apart from `reading`: a poll with nothing to read imports none of this."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import resource
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired, ProcessPool

# The fork server imports this first of all. Its memory is given back when it ends; to search it for garbage before that
# would take a fifth of the time that its imports took.
atexit.register(gc.freeze)


def make_pool(processes: int, memory_bytes: int, modules: Sequence[str]) -> ProcessPool:
    """A pool whose processes have these modules imported and no more than this memory each."""
    # If the worker itself were forked, a child could inherit a lock that one of the worker's threads has taken, and
    # wait for it for ever. The fork server has no threads.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__, *modules])
    return ProcessPool(max_workers=processes, initializer=_limit_memory, initargs=(memory_bytes,), context=context)


def stop(pool: ProcessPool) -> None:
    """End the processes, whatever they are at."""
    pool.stop()
    pool.join()


def is_death(error: BaseException) -> bool:
    """Whether a job failed because its process ended."""
    return isinstance(error, ProcessExpired | BrokenProcessPool)


def _limit_memory(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
