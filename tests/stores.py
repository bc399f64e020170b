"""What a poll found becomes rows: items and documents made from a few words, and stored."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import Document, Item, Response
from aggregator.models import Feed
from aggregator.storing.documents import Polled, store_documents
from aggregator.storing.feed_row import Stored, store_all_unchanged

from .factories import NOW, make_feed

POLICY = SchedulePolicy()


def make_item(name: str, *, days_ago: float | None = 1, **fields: object) -> Item:
    item = Item(
        guid=f"urn:{name}",
        url=f"https://blog.example/{name}/",
        title=name,
        author="Ada",
        content_html=f"<p>{name}</p>",
        content_hash=f"hash of {name}",
        excerpt=name,
        published_at=None if days_ago is None else NOW - timedelta(days=days_ago),
    )
    return replace(item, **fields)


def make_document(*items: Item, **fields: object) -> Document:
    document = Document(
        title="A blog",
        description="",
        site_url="https://blog.example/",
        feed_id="urn:blog",
        language="en",
        ttl_seconds=None,
        items=items,
    )
    return replace(document, **fields)


def make_response(feed: Feed, **fields: object) -> Response:
    return replace(Response(url=feed.url, status=200, body_hash="b0d1", etag='"e"', last_modified="L"), **fields)


def lease(feed: Feed) -> Feed:
    feed.lease = uuid.uuid4()
    feed.save(update_fields=["lease"])
    return feed


def store_items(feed: Feed, *items: Item, now=NOW, **fields: object) -> Stored:
    return store_document(lease(feed), make_response(feed), make_document(*items, **fields), now=now)


def store_document(feed: Feed, response: Response, document: Document, *, now=NOW) -> Stored:
    (stored,) = store_documents([Polled(feed, response, document)], now=now, policy=POLICY)
    return stored


def store_unchanged(feed: Feed, response: Response, *, now=NOW) -> Stored:
    (stored,) = store_all_unchanged([(feed, response)], now=now, policy=POLICY)
    return stored


def new_feed(**fields: object) -> Feed:
    return make_feed(last_ok_at=None, state=Feed.State.PENDING, **fields)
