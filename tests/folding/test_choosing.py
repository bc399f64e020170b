"""Which of several entries of one post is nearest to the post's home: each reason counts before those below it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from aggregator.folding.fold import identify
from aggregator.folding.nearness import nearness_of_each, origin_of
from aggregator.folding.sharing import telling_keys
from aggregator.models import Entry, Feed
from tests.factories import NOW

LINK = "https://host.example/~ada/engines/"


def entry_of(feed_url: str, guid: str = "1", *, pk: int, minutes: int = 0, **fields: object) -> Entry:
    feed = Feed(pk=pk, url=feed_url, site_url=LINK)
    at = NOW + timedelta(minutes=minutes)
    entry = Entry(pk=pk, feed=feed, url=LINK, guid=guid, first_seen_at=at, **fields)
    identify(entry)
    return entry


def test_the_nearest_comes_first() -> None:
    home, elsewhere = "https://host.example/~ada/feed.xml", "https://feeds.example/ada.xml"
    ids_of_another = "tag:bo.example,2026:1"
    from_near_to_far = [
        entry_of(elsewhere, pk=11, minutes=9, is_original=True),
        entry_of(home, pk=10, minutes=8),
        entry_of("https://host.example/~bo/feed.xml", pk=9, minutes=7),
        entry_of(home, ids_of_another, pk=8, minutes=6),
        entry_of(elsewhere, pk=7, minutes=4),
        entry_of(elsewhere, pk=6, minutes=5),
        entry_of(elsewhere, ids_of_another, pk=4, minutes=3),
        entry_of(elsewhere, ids_of_another, pk=5, minutes=3),
    ]
    witness = entry_of("https://bo.example/feed.xml", ids_of_another, pk=1)
    entries = [*from_near_to_far, witness]
    origins = {entry.pk: origin_of(entry) for entry in entries}
    nearness = nearness_of_each(entries, origins, telling_keys(entries), {})
    assert all(nearness[near.pk] < nearness[far.pk] for near, far in pairwise(from_near_to_far))
