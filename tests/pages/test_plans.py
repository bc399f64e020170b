"""Pages begin where an index does: none reads a table of entries or feeds from end to end, however small it is."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Entry, Feed
from aggregator.models.counting import refresh_counts
from aggregator.pages import blogroll
from tests.factories import make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db

BEGIN_AT_AN_INDEX = [
    "/",
    "/category/web/",
    "/category/web/?before={entry}",
    "/source/one/",
    "/source/one/?before={entry}",
    "/post/{entry}/",
    "/archive/2026/06/",
    "/archive/2026/06/23/",
    "/archive/2026/06/23/?before={entry}",
    "/sources/",
    "/sources/2/",
    "/sources/category/web/",
    "/sources/category/web/2/",
    "/sources/others/",
    "/sources/letter/O/",
    "/atom.xml",
    "/rss20.xml",
    "/feed.json",
    "/category/web/atom.xml",
    "/category/web/rss20.xml",
    "/category/web/feed.json",
    "/category/web/opml.xml",
    "/source/one/atom.xml",
    "/source/one/rss20.xml",
    "/source/one/feed.json",
    "/opml.xml",
    "/about/",
    "/healthz",
]
WALKS = {
    "sqlite": re.compile(r"\bSCAN aggregator_(entry|feed)\b(?! USING (COVERING )?INDEX)"),
    "postgresql": re.compile(r"Seq Scan on aggregator_(entry|feed)\b"),
}


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Entry:
    """One of some posts, on a database that reads whole tables only where no index leads to what is asked for."""
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", 1)
    shelf = make_category("Web")
    feeds = [make_feed(title, category=shelf) for title in ("One", "Two")]
    make_feed("Three")
    entries = [make_entry(feeds[number % 2], days_ago=1 + number / 100) for number in range(1, 9)]
    refresh_counts(Feed.objects.all())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    return entries[1]


@pytest.mark.parametrize("address", BEGIN_AT_AN_INDEX)
def test_no_page_walks_a_table(client: Client, entry: Entry, address: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address.format(entry=entry.pk)).status_code == 200
    walks = [(query["sql"], plan) for query in queries if (plan := walk_of(query["sql"]))]
    assert walks == []


def walk_of(sql: str) -> str:
    """The plan of a question that walks a table; empty if it walks none."""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    return plan if WALKS[connection.vendor].search(plan) else ""
