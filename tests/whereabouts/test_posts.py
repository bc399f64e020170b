"""Which post an address is taken to be of, where several rows could be it."""

from __future__ import annotations

import pytest

from aggregator.folding.fold import identify
from aggregator.models import Entry, Feed
from aggregator.whereabouts.answer import answer
from aggregator.whereabouts.asked import read
from aggregator.whereabouts.causes import Cause
from tests.factories import make_entry, make_feed

pytestmark = pytest.mark.django_db
ADDRESS = "https://ada.example/trains"


def add(feed: Feed, url: str, guid: str, days_ago: int) -> Entry:
    entry = make_entry(feed, url=url, guid=guid, days_ago=days_ago)
    identify(entry)
    entry.save()
    return entry


def test_a_feed_that_copies_the_id_of_a_post_does_not_stand_for_it() -> None:
    post = add(make_feed("Ada", url="https://ada.example/feed.xml"), ADDRESS, "17", days_ago=3)
    claimed = add(make_feed("Mallory", url="https://evil.example/feed.xml"), "https://evil.example/x", ADDRESS, 1)
    found = answer(read(ADDRESS, "https://planet.example")).post
    assert found
    assert (found.cause, found.shown) == (Cause.SHOWN, post)
    post.delete()
    found = answer(read(ADDRESS, "https://planet.example")).post
    assert found
    assert found.shown == claimed
