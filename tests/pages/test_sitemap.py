"""What search engines are told: which pages there are, which they needn't ask for, and nothing of the admin."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from aggregator.models import Feed, PostsOfDay
from aggregator.models.counting import refresh_counts
from aggregator.pages import sitemap
from tests.factories import make_category, make_entry, make_feed
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db
SITE = "http://testserver"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
    found = [str(one.text) for one in ET.fromstring(answer.content).iter(f"{SPACE}loc")]
    assert all(one.startswith(f"{SITE}/") for one in found)
    return [one.removeprefix(SITE) for one in found]


def all_addresses(client: Client) -> list[str]:
    return [address for path in addresses(client, "/sitemap.xml") for address in addresses(client, path)]


@pytest.fixture
def feed() -> Feed:
    """Two posts of it under tags, on two days of two months; beside it what readers don't know of."""
    feed = make_feed("A & B", slug="a-b", category=make_category("Web & more", slug="web"))
    for days_ago in (2, 30):
        make_entry(feed, days_ago=days_ago)
    make_entry(feed, "Held", days_ago=70, is_held=True)
    tag_all("Code", "مرحبا")
    make_entry(feed, "Once", tags=["Rare"], days_ago=2)
    tag_all("Rare")
    waiting = make_feed("Waiting", state="pending", category=make_category("Unseen"))
    make_entry(waiting, days_ago=100)
    refresh_counts(Feed.objects.all())
    return feed


def test_the_map_names_the_pages_that_readers_find_and_no_other(client: Client, feed: Feed) -> None:
    assert all_addresses(client) == [
        *("/", "/sources/", "/tags/", "/about/", "/follow/"),
        "/category/web/",
        "/source/a-b/",
        *("/tag/code/", "/tag/%D9%85%D8%B1%D8%AD%D8%A8%D8%A7/"),
        *("/archive/2026/06/", "/archive/2026/06/22/", "/archive/2026/05/", "/archive/2026/05/25/"),
    ]
    assert {client.get(address).status_code for address in all_addresses(client)} == {200}


def test_an_empty_site_has_a_map_too(client: Client) -> None:
    assert addresses(client, "/sitemap.xml") == ["/sitemap/pages/1.xml"]
    assert "/" in all_addresses(client)


def test_long_lists_go_on_in_other_files(client: Client, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "FILE_ADDRESSES", 2)
    for number in range(4):
        make_feed(f"Blog {number}", slug=f"blog-{number}")
    whole = all_addresses(client)
    assert len(addresses(client, "/sitemap/sources/1.xml")) == 2
    assert len(addresses(client, "/sitemap/sources/3.xml")) == 1
    assert [path for path in whole if path.startswith("/source/")] == [
        "/source/a-b/",
        *(f"/source/blog-{number}/" for number in range(4)),
    ]


@pytest.mark.parametrize("path", ["sources/0", "sources/2", "pages/2", "nothing/1", "sources/9999", "sources/99999"])
def test_there_is_no_other_file(client: Client, feed: Feed, path: str) -> None:
    assert client.get(f"/sitemap/{path}.xml").status_code == 404


def test_a_source_says_when_it_posted_last(client: Client, feed: Feed) -> None:
    assert b"<lastmod>2026-06-22T12:00:00+00:00</lastmod>" in client.get("/sitemap/sources/1.xml").content


def test_the_map_costs_the_same_however_many_posts_there_are(client: Client, feed: Feed) -> None:
    with CaptureQueriesContext(connection) as queries:
        all_addresses(client)
    assert not [query["sql"] for query in queries if "aggregator_entry" in query["sql"]]
    PostsOfDay.objects.create(day=datetime(2001, 1, 1, tzinfo=UTC).date(), posts=1)
    assert "/archive/2001/01/01/" in all_addresses(client)


def test_of_thousands_of_sources_nothing_is_read_but_what_the_map_says(client: Client, feed: Feed) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/sitemap/sources/1.xml")
    assert not [query["sql"] for query in queries if "posts_by_month" in query["sql"]]


def test_the_map_is_known_by_the_sites_version(client: Client, feed: Feed) -> None:
    for path in ("/sitemap.xml", "/sitemap/days/1.xml"):
        etag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


# -- robots.txt --------------------------------------------------------------------------------------------------------


def allowed(client: Client) -> RobotFileParser:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())
    return rules


def test_robots_are_led_to_the_map_and_past_what_has_no_end(client: Client) -> None:
    rules = allowed(client)
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]
    for path in ("/", "/source/a/", "/post/1/", "/search/", "/search/atom.xml?q=x", "/submit/", "/why/", "/atom.xml"):
        assert rules.can_fetch("*", SITE + path), path
    for path in ("/search/?q=x", "/why/?url=https://a.example/", "/owner/x/", "/notifications/push/subscribe/"):
        assert not rules.can_fetch("*", SITE + path), path


def test_robots_learn_nothing_of_the_admin(client: Client, settings: Settings) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert settings.ADMIN_URL.strip("/") not in answer.content.decode()


# -- the icon ----------------------------------------------------------------------------------------------------------


def test_the_icon_is_where_programs_look_for_it(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/x-icon", "public, max-age=604800")
    assert answer.content.startswith(b"\0\0\1\0\3\0")
    assert len(answer.content) < 8192
    page = client.get("/about/").content.decode()
    assert '<link rel="icon" sizes="16x16 32x32 48x48" href="/favicon.ico">' in page
