"""One web page, read while a curator waits for it: through the guard, and with little time and room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from aggregator.ingest.address import host_of
from aggregator.ingest.decode import decode
from aggregator.ingest.errors import IngestError
from aggregator.ingest.fetch import fetch
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.post_page import PostPage, read_post_page
from aggregator.ingest.types import FetchPolicy, Request, Response
from aggregator.storing.resting import wishes

from .policies import fetch_policy

PAGE_SECONDS = 10
"""In all, with every redirect: a browser waits for it."""
MAX_PAGE_BYTES = 4 * 2**20
_READ_BYTES = 2**20
_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "")
"""Media types of what can be read as a page."""


class PageRefused(ValueError):
    """There is no page to be read; the text is a sentence for people."""


def post_page_at(url: str, now: datetime) -> PostPage:
    """What the page at this address, which is normalized, says of its post. Raises PageRefused."""
    if wish := wishes(now).get(host_of(url)):
        raise PageRefused(wish)
    policy = replace(fetch_policy(), timeout_seconds=PAGE_SECONDS, max_bytes=MAX_PAGE_BYTES)
    try:
        response = asyncio.run(_fetched(url, policy))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _PAGES:
            raise PageRefused(f"That is no web page: its server calls it {kind[:100]}.")
        body = response.large.read(_READ_BYTES) if response.large else response.body[:_READ_BYTES]
        return read_post_page(decode(body, response.headers.get("content-type", "")), response.url)
    except IngestError as error:
        raise PageRefused(str(error)) from error


async def _fetched(url: str, policy: FetchPolicy) -> Response:
    transport = GuardedTransport(policy)
    try:
        return await fetch(transport, Request(url=url), policy, _at_once)
    finally:
        await transport.aclose()


@asynccontextmanager
async def _at_once(host: str) -> AsyncIterator[None]:
    """Whoever waits in a browser asks for one page, and for no other of its host."""
    yield
