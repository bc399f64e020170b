"""A body becomes a document that is safe to store: the stages between fetching and storing, in their order.

Runs in the child processes of `reading`; nothing of Django is imported here, so these stay small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from .ingest.decode import decode
from .ingest.discover import feed_links
from .ingest.errors import NotAFeed
from .ingest.normalize import normalize
from .ingest.parse import parse
from .ingest.sanitize import sanitize
from .ingest.types import Document, Item

if TYPE_CHECKING:
    from .reading import ReadJob


def read(job: ReadJob) -> Document:
    """The document in a body, safe to store. Raises ReadError."""
    text = decode(job.body, job.content_type)
    try:
        raw = parse(text, job.url, job.content_type)
    except NotAFeed as error:
        raise NotAFeed(what=error.what, links=feed_links(text, job.url)) from error
    document = normalize(raw, url=job.url, now=job.now)
    return replace(document, items=tuple(_clean(item, job.known) for item in document.items))


def _clean(item: Item, known: Mapping[str, str]) -> Item:
    if known.get(item.guid) == item.content_hash:
        return replace(item, content_html=None)
    clean = sanitize(item.content_html or "", item.base_url)
    return replace(item, content_html=clean.html, excerpt=clean.excerpt)
