"""Looks for a mark in a body, in a child process with limits: pages and feeds of strangers are read there alone.

No Django is imported here, so the child stays small.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import IngestError, ReaderStopped
from aggregator.ingest.marks import feed_has, file_has, page_has_link, page_has_meta
from aggregator.ingest.parse import parse

from .places import Kind

SECONDS = 20
MEMORY_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class MarkJob:
    """A body, where it came from, and what is looked for in it."""

    body: bytes
    url: str
    content_type: str
    kind: Kind
    code: str
    sources: str
    """Below which address the pages of our sources are."""


def read(job: MarkJob) -> str:
    """By which way the body shows the code; empty if it doesn't. Raises ReadError."""
    text = decode(job.body, job.content_type)
    if job.kind == "feed":
        return "line" if feed_has(parse(text, job.url, job.content_type), job.code) else ""
    if job.kind == "file":
        return "file" if file_has(text, job.code) else ""
    if page_has_meta(text, job.code):
        return "meta"
    return "rel_me" if job.sources and page_has_link(text, job.url, job.code, job.sources) else ""


def read_in_child(job: MarkJob) -> str | IngestError:
    """`read`, with its errors as values and its processor time limited."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + SECONDS) + 1, hard))
    try:
        return read(job)
    except IngestError as error:
        return error
    except MemoryError:
        return ReaderStopped(reason="it needs too much memory")
