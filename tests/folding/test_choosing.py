"""Which of several entries of one post is nearest to the post's home: each reason counts before those below it."""

from __future__ import annotations

from itertools import pairwise

from aggregator.folding.choosing import nearness_of
from aggregator.models import Entry, Feed
from tests.factories import NOW

LINK = "https://ada.example/~ada/engines/"


def entry_of(feed_url: str, site_url: str = "", guid: str = "1", pk: int = 1) -> Entry:
    return Entry(pk=pk, feed=Feed(url=feed_url, site_url=site_url), url=LINK, guid=guid, first_seen_at=NOW)


def test_the_nearest_comes_first() -> None:
    home, elsewhere = "https://ada.example/feed.xml", "https://feeds.example/ada.xml"
    from_near_to_far = [
        entry_of(home, "https://ada.example/~ada/", pk=9),
        entry_of(home, "https://ada.example/", pk=8),
        entry_of(home, "https://ada.example/~bo/", pk=7),
        entry_of(elsewhere, "https://ada.example/~ada/", pk=6),
        entry_of(home, "https://ada.example/~ada/", guid="tag:bo.example,2026:1", pk=5),
        entry_of(elsewhere, "https://planet.example/", pk=3),
        entry_of(elsewhere, "https://planet.example/", pk=4),
    ]
    assert all(nearness_of(near) < nearness_of(far) for near, far in pairwise(from_near_to_far))
