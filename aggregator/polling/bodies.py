"""A body becomes a document that is safe to store: the stages between fetching and storing, in their order.

Runs in the child processes of `reading`; nothing of Django is imported here, so these stay small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import NotAFeed
from aggregator.ingest.normalize import ContentMissing, normalize
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.types import Document, Item

from .recall import Memory, parse_remembering

if TYPE_CHECKING:
    from .reading import ReadJob


def read(job: ReadJob) -> Document:
    """The document in a body, safe to store. Raises ReadError."""
    text = decode(job.body, job.content_type)
    document = _recalled(text, job) or _document(text, job, Memory())
    return replace(document, items=tuple(_clean(item, job.known) for item in document.items))


def _recalled(text: str, job: ReadJob) -> Document | None:
    """The document with the help of what is remembered; None if a content is needed that was left out."""
    try:
        document = _document(text, job, Memory.load(job.memory))
    except ContentMissing:
        return None
    is_whole = all(item.content_html is not None or _is_known(item, job.known) for item in document.items)
    return document if is_whole else None


def _document(text: str, job: ReadJob, memory: Memory) -> Document:
    try:
        raw, remembered = parse_remembering(text, job.url, job.content_type, memory)
    except NotAFeed as error:
        # By name, as few bodies are web pages, and every start of the reading processes would import it.
        links = import_module("aggregator.ingest.discover").feed_links(text, job.url)
        raise NotAFeed(what=error.what, links=links) from error
    return replace(normalize(raw, url=job.url, now=job.now), memory=remembered.dump())


def _is_known(item: Item, known: Mapping[str, str]) -> bool:
    return known.get(item.guid) == item.content_hash


def _clean(item: Item, known: Mapping[str, str]) -> Item:
    if item.content_html is None:
        return item
    if _is_known(item, known):
        return replace(item, content_html=None)
    clean = sanitize(item.content_html, item.base_url)
    return replace(item, content_html=clean.html, excerpt=clean.excerpt)
