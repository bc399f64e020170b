"""Pages begin where an index does: none reads entries or feeds from end to end, be it a table or an index, and none
works more because there are more of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from aggregator.models import Category, Entry, Feed, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.pages import blogroll, tags
from aggregator.pages.parts import PART_BYTES
from aggregator.urls import urlpatterns
from tests.factories import NOW, make_category, make_entry, make_feed, unsaved_entry
from tests.tagged import tag_all
from tests.writers import sign

pytestmark = pytest.mark.django_db

BEGIN_AT_AN_INDEX = [
    "/",
    "/category/web/",
    "/category/web/?before={entry}",
    "/source/one/",
    "/source/one/?before={entry}",
    "/source/one/status/",
    "/post/{entry}/",
    "/post/{long}/part/2/",
    "/author/ann/",
    "/author/ann/?before={entry}",
    "/archive/2026/06/",
    "/archive/2026/06/23/",
    "/archive/2026/06/23/?before={entry}",
    "/sources/",
    "/sources/2/",
    "/sources/category/web/",
    "/sources/category/web/2/",
    "/sources/others/",
    "/sources/letter/O/",
    "/tag/one/",
    "/tag/one/?before={entry}",
    "/tag/one/atom.xml",
    "/tag/one/rss20.xml",
    "/tag/one/feed.json",
    "/tags/",
    "/tags/letter/O/",
    "/tags/letter/O/2/",
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
    "/author/ann/atom.xml",
    "/author/ann/rss20.xml",
    "/author/ann/feed.json",
    "/atom.xml?before={entry}",
    "/category/web/atom.xml?before={entry}",
    "/source/one/atom.xml?before={entry}",
    "/tag/one/atom.xml?before={entry}",
    "/author/ann/atom.xml?before={entry}",
    "/opml.xml",
    "/.well-known/recommendations.opml",
    "/follow/",
    "/new.json",
    "/category/web/new.json",
    "/source/one/new.json",
    "/tag/one/new.json",
    "/author/ann/new.json",
    "/about/",
    "/robots.txt",
    "/favicon.ico",
    "/why/",
    "/why/?url=https://blog.example/post-1/",
    "/why/?url=https://one.example/some/thing?a=b%23c",
    "/why/?url=/post/{entry}/",
    "/why/?url=/source/one/",
    "/submit/",
    "/source/one/owner/",
    "/healthz",
]
SEARCHES = [
    "/search/",
    "/search/?q=post",
    "/search/?q=post&before={entry}",
    "/search/?q=post+source:one&order=best",
    "/search/?q=nowhere",
    "/search/atom.xml?q=post",
    "/search/rss20.xml?q=post",
    "/search/feed.json?q=post",
    "/search/feed.json?q=post&before={entry}",
    "/opensearch.xml",
]
"""Their work grows with what is found, up to a second: `tests/benchmarks` has the figures."""
LISTS = ["/sitemap.xml", *(f"/sitemap/{kind}/1.xml" for kind in ("pages", "sources", "tags", "days"))]
"""They name all days, sources and tags, in files of a bounded size."""
STEPS = 100
WALKS = {
    "sqlite": re.compile(
        r"\bSCAN aggregator_(entry|feed|tag|entrytag|author|entryauthor)\b(?! USING (COVERING )?INDEX)"
    ),
    "postgresql": re.compile(r"Seq Scan on aggregator_(entry|feed|tag|entrytag|author|entryauthor)\b"),
}


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Entry:
    """One of some posts, on a database that reads whole tables only where no index leads to what is asked for."""
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", 1)
    monkeypatch.setattr(tags, "PAGE_TAGS", 1)
    shelf = make_category("Web")
    feeds = [make_feed(title, category=shelf) for title in ("One", "Two")]
    make_feed("Three")
    entries = [make_entry(feeds[number % 2], days_ago=1 + number / 100, author="Ann") for number in range(1, 9)]
    sign(entry for entry in entries if entry.feed == feeds[0])
    make_entry(feeds[0], days_ago=2, content_html="<p>Word after word.</p>" * (PART_BYTES // 20))
    tag_all("One", "Other")
    refresh_counts(Feed.objects.all())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    return entries[1]


@pytest.mark.parametrize("address", [*BEGIN_AT_AN_INDEX, *SEARCHES, *LISTS])
def test_no_page_walks_a_table(client: Client, entry: Entry, address: str) -> None:
    long = Entry.objects.latest("pk")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address.format(entry=entry.pk, long=long.pk)).status_code == 200
    walks = [(query["sql"], plan) for query in queries if (plan := walk_of(query["sql"]))]
    assert walks == []


def walk_of(sql: str) -> str:
    """The plan of a question that walks a table; empty if it walks none, or asks nothing."""
    if not sql.startswith(("SELECT", "WITH")):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    return plan if WALKS[connection.vendor].search(plan) else ""


def test_every_public_page_is_looked_at() -> None:
    """What leads elsewhere, and pages of one proposal or owner, ask for no posts, or for those of one feed."""
    every = [*BEGIN_AT_AN_INDEX, *SEARCHES, *LISTS]
    names = {resolve(address.format(entry=1, long=1).partition("?")[0]).url_name for address in every}
    ours = {
        pattern.name
        for pattern in urlpatterns
        if pattern.name and not pattern.name.startswith(("moved_", "submission", "owner"))
    }
    assert ours - names == set()


@pytest.fixture
def steps() -> Iterator[count[int]]:
    """Counts, by STEPS, the steps of SQLite's machine: how much it works, whatever else the computer does."""
    counted = count()
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: next(counted) and 0, STEPS)
    yield counted
    connection.connection.set_progress_handler(None, 0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
def test_no_page_works_more_because_there_are_more_posts(
    client: Client, steps: count[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", 1)
    monkeypatch.setattr(tags, "PAGE_TAGS", 1)
    web = make_category("Web")
    feeds = [make_feed("One", category=web), make_feed("Two", category=web), make_feed("Three")]
    add_posts(feeds, 0, 150)
    long = make_entry(feeds[0], days_ago=2, content_html="<p>Word after word.</p>" * (PART_BYTES // 20))
    tag_all("One", "Other")
    newest = Entry.objects.filter(feed=feeds[0], author="Ann").latest("timeline_at")
    addresses = [address.format(entry=newest.pk, long=long.pk) for address in BEGIN_AT_AN_INDEX]
    few = steps_of_pages(client, addresses, steps)
    add_posts(feeds, 150, 3000)
    many = steps_of_pages(client, addresses, steps)
    assert {page: (few[page], many[page]) for page in addresses if many[page] > 1.3 * few[page] + 5} == {}


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
def test_no_page_works_more_because_there_are_more_feeds(
    client: Client, steps: count[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the list of all, and counts by an index: these take some steps a feed, where a question takes dozens."""
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", 20)
    monkeypatch.setattr(tags, "PAGE_TAGS", 1)
    web, rest = make_category("Web"), make_category("Rest")
    one, _ = make_feed("One", category=web), make_feed("Of no category")
    add_feeds(rest, 0, 300)
    add_posts([one], 0, 150)
    long = make_entry(one, days_ago=2, content_html="<p>Word after word.</p>" * (PART_BYTES // 20))
    newest, in_rest = (feed.entries.latest("timeline_at") for feed in (one, Feed.objects.get(slug="feed-0")))
    own = {address.replace("/web/", f"/{slug}/") for address in BEGIN_AT_AN_INDEX for slug in ("web", "rest")}
    own -= {"/opml.xml", "/.well-known/recommendations.opml", "/category/rest/opml.xml", "/sources/category/web/2/"}
    posts = {address: in_rest if "/rest/" in address else newest for address in sorted(own)}
    addresses = [address.format(entry=post.pk, long=long.pk) for address, post in posts.items()]
    few = steps_of_pages(client, addresses, steps)
    add_feeds(rest, 300, 700)
    many = steps_of_pages(client, addresses, steps)
    per_feed = {page: (many[page] - few[page]) * STEPS / 400 for page in addresses}
    assert {page: number for page, number in per_feed.items() if number > 25} == {}


def add_feeds(category: Category, first: int, last: int) -> None:
    """Feeds of these numbers, each with two posts of spring."""
    feeds = []
    for number in range(first, last):
        feeds.append(Feed(title=f"Feed {number}", slug=f"feed-{number}", state="active", category=category))
        feeds[-1].point_to(f"https://{number}.example/feed")
    feeds = Feed.objects.bulk_create(feeds)
    Entry.objects.bulk_create(unsaved_entry(feed, days_ago=age + feed.pk / 1000) for feed in feeds for age in (40, 50))
    tag_all("One", "Other")
    with site_change():
        refresh_counts(Feed.objects.filter(category=category))
        SiteState.objects.touch(NOW)


def add_posts(feeds: list[Feed], first: int, last: int) -> None:
    """Posts of these numbers, each feed's; the first 150 are of one and a half days in June, the others of years."""
    ages = [1 + number / 100 if number < 150 else number for number in range(first, last)]
    posts = [
        unsaved_entry(feed, days_ago=age, author="Ann" if feed is feeds[0] else "") for feed in feeds for age in ages
    ]
    Entry.objects.bulk_create(posts)
    tag_all("One", "Other")
    sign(posts)
    with site_change():
        refresh_counts(Feed.objects.all())
        SiteState.objects.touch(NOW)


def steps_of_pages(client: Client, addresses: list[str], steps: count[int]) -> dict[str, int]:
    taken = {}
    for address in addresses:
        before = next(steps)
        assert client.get(address).status_code == 200, address
        taken[address] = next(steps) - before
    return taken
