"""The migration of a site that has rejected feeds: their places are removed, and nobody else's; and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from aggregator.models import Feed, RemovedSource

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BEFORE = "0028_desk_lists"
REJECTED = {
    "https://spam.example/feed.xml": "spam.example",
    "https://www.spam.example/other.xml": "spam.example",
    "https://many.example/alice/feed.xml": "many.example/alice",
    "https://below.example/feed.xml": "below.example/feed.xml",
    "https://query.example/?feed=alice": "",
}
"""Feeds' addresses, and the places that are removed with them."""
WANTED = [
    "https://many.example/bob/feed.xml",
    "https://carol.below.example/feed.xml",
    "https://query.example/?feed=bob",
]


@pytest.fixture
def old() -> Iterator[Any]:
    """The feeds of a site of before. The next test has the tables of today."""
    yield MigrationExecutor(connection).migrate([("aggregator", BEFORE)]).apps.get_model("aggregator", "Feed")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def fill(feed: Any) -> None:
    for number, url in enumerate([*REJECTED, *WANTED]):
        host = url.split("/")[2]
        state = "rejected" if url in REJECTED else "active"
        feed.objects.create(url=url, host=host, site_url=f"https://{host}/", slug=f"feed-{number}", state=state)


def test_places_of_rejected_feeds_are_removed_and_no_others(old: Any) -> None:
    fill(old)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    found = {row.place: row for row in RemovedSource.objects.all()}
    assert sorted(found) == sorted({place for place in REJECTED.values() if place})
    assert not RemovedSource.objects.covering(WANTED)
    assert found["spam.example"].feed == Feed.objects.get(url="https://spam.example/feed.xml")
    assert MigrationExecutor(connection).migrate([("aggregator", BEFORE)])
