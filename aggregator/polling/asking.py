"""What a feed's server is asked: most often, whether there is anything new since last time."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.ingest.types import Request, Response
from aggregator.models import Feed
from aggregator.storing.anew import is_to_read_anew

BELIEVED_FOR = timedelta(days=7)
"""A server that has said "not modified" for so long may be wrong: some say so for ever, after a move or behind a cache
that is out of order. Once in this time, the whole feed is worth its bytes."""


def request_for(feed: Feed, now: datetime, *, is_anew: bool = False) -> Request:
    """The request, with the validators of the last answer; without them if the feed is to be read anew in any case."""
    is_doubtful = feed.unchanged_since is not None and now - feed.unchanged_since >= BELIEVED_FOR
    if is_anew or is_doubtful or is_to_read_anew(feed):
        return Request(url=feed.url)
    return Request(url=feed.url, etag=feed.etag, last_modified=feed.last_modified)


def brings_nothing(feed: Feed, answer: Response, *, is_anew: bool = False) -> bool:
    """Whether the answer is what the feed said last time, and needn't be read."""
    is_known = answer.body_hash == feed.body_hash and not (is_anew or is_to_read_anew(feed))
    return answer.status == HTTPStatus.NOT_MODIFIED or is_known
