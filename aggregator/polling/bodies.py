"""A body becomes a document that is safe to store: the stages between fetching and storing, in their order.

Runs in the child processes of `reading`; nothing of Django is imported here, so these stay small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.decode import charset_flaw, decode
from aggregator.ingest.errors import NotAFeed
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.trackers import counts_readers
from aggregator.ingest.types import Document, Item
from aggregator.ingest.xmlrepair import has_stray_ampersands

from .read_job import ReadJob
from .recall import document_of


def read(job: ReadJob) -> Document:
    """The document in a body, safe to store. Raises ReadError."""
    text = decode(job.body, job.content_type)
    try:
        document = document_of(text, job, is_known=lambda item: _is_known(item, job.known))
    except NotAFeed as error:
        # By name, as few bodies are web pages, and every start of the reading processes would import it.
        links = import_module("aggregator.ingest.discover").feed_links(text, job.url)
        raise NotAFeed(what=error.what, links=links) from error
    counting = sum(counts_readers(item.content_html or "") for item in document.items) if job.is_counted else 0
    return replace(
        document,
        items=tuple(_clean(item, job) for item in document.items),
        counting_items=counting,
        is_mended=document.is_mended or (text.startswith("<") and has_stray_ampersands(text)),
        charset_flaw=charset_flaw(job.body, job.content_type),
        byte_count=len(job.body),
    )


def _is_known(item: Item, known: Mapping[str, str]) -> bool:
    return known.get(item.guid) == item.content_hash


def _clean(item: Item, job: ReadJob) -> Item:
    if item.content_html is None:
        return item
    if _is_known(item, job.known):
        return replace(item, content_html=None)
    clean = sanitize(item.content_html, item.base_url, prefix_of(job.url, item.guid), page_url=item.url)
    return replace(item, content_html=clean.html, excerpt=clean.excerpt, is_cut=clean.is_cut)
