"""Our list of sources, imported into another site: the same sources, however they are called."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.models import Category, Feed
from tests.commands.running import run
from tests.factories import NOW, make_category, make_feed

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

CATEGORIES = ["AC/DC", "News, all", "/", "Été & <b>hiver</b>", "日本語", 'Quoted "so"', "Empty"]
TITLES = [
    "AC/DC",
    "Rain & Trains",
    "<script>alert(1)</script>",
    "'\"",
    "שלום",
    "🎈",
    "  Spaced  out ",
    "News, all",
    "a" * 300,
]
ADDRESSES = [
    "https://xn--bcher-kva.example/feed",
    "https://ada.example/%C3%BC/feed?x=%C3%A4&y=%20",
    "http://bob.example:8080/?feed=rss2&lang=en",
    "https://cyd.example/a%2Fb/;p=1",
    "https://dan.example/" + "long/" * 300,
]
"""As rows have them, whatever somebody wrote."""
Source = tuple[str, str, str, str]


def sources() -> set[Source]:
    """Of what readers may know: address, title, site, category."""
    feeds = Feed.objects.exclude(state="rejected").select_related("category")
    return {
        (feed.url, " ".join(feed.shown_title.split()), feed.site_url, feed.category.name if feed.category else "")
        for feed in feeds
    }


def moved(client: Client, folder: Path, path: str = "/opml.xml") -> set[Source]:
    """What an empty site has after the import of the list."""
    file = folder / "list.opml"
    file.write_bytes(client.get(path).content)
    Feed.objects.all().delete()
    Category.objects.all().delete()
    run("import_opml", str(file), "--no-poll")
    return sources()


@pytest.mark.parametrize("path", ["/opml.xml", "/.well-known/recommendations.opml"])
def test_it_gives_the_same_sources(client: Client, tmp_path: Path, path: str) -> None:
    shelves = [make_category(name, slug=f"c{number}") for number, name in enumerate(CATEGORIES)]
    for number, title in enumerate(TITLES):
        make_feed(title, category=shelves[number % (len(shelves) - 1)])
        make_feed(f"No shelf: {title}"[:300], language="de")
    for url in ADDRESSES:
        make_feed(url=url, title="", category=shelves[1])
    here = sources()
    assert len(here) == 2 * len(TITLES) + len(ADDRESSES)
    assert moved(client, tmp_path, path) == here


@pytest.mark.parametrize("name", CATEGORIES[:-1])
def test_a_category_that_holds_one_source_of_its_name_stays_one(client: Client, tmp_path: Path, name: str) -> None:
    make_feed(name, category=make_category(name, slug="c"))
    here = sources()
    assert moved(client, tmp_path) == here


def test_blogs_that_are_paused_or_gone_are_taken_along_and_no_others(client: Client, tmp_path: Path) -> None:
    for state in ("active", "paused", "gone", "pending", "rejected"):
        make_feed(state, state=state)
    assert {title for _, title, _, _ in moved(client, tmp_path)} == {"active", "paused", "gone"}


def test_an_outline_says_all_that_is_known_of_a_source(client: Client) -> None:
    make_feed(
        "Ada",
        url="https://ada.example/f",
        site_url="https://ada.example/",
        category=make_category("Python"),
        language="de-CH",
        created_at=NOW,
    )
    body = ElementTree.fromstring(client.get("/opml.xml").content).find("body")
    assert body is not None
    [folder] = body
    assert [one.attrib for one in folder] == [
        {
            "text": "Ada",
            "title": "Ada",
            "type": "rss",
            "xmlUrl": "https://ada.example/f",
            "htmlUrl": "https://ada.example/",
            "category": "/Python",
            "language": "de-ch",
            "created": "Wed, 24 Jun 2026 12:00:00 +0000",
        }
    ]


def test_recommendations_are_the_list_and_say_where_it_is(client: Client) -> None:
    make_feed("Ada", category=make_category("Python"))
    known, well_known = client.get("/opml.xml"), client.get("/.well-known/recommendations.opml")
    assert known.content == well_known.content
    assert well_known["Link"] == '<http://testserver/opml.xml>; rel="canonical"'
    for name in ("Access-Control-Allow-Origin", "Cache-Control", "ETag", "Content-Type"):
        assert known[name] == well_known[name]
    assert known["Access-Control-Allow-Origin"] == "*"
