"""The feeds of a search: what they hold, how they name themselves, and that readers can read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.models import SiteState
from aggregator.pages.asked import query_string
from aggregator.search.query import parse
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.feed_rules import broken_rules
from tests.needs import need_program
from tests.newsboat import read_by_newsboat
from tests.outline import page_at
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db

SITE = "https://planet.example"
ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = ["atom.xml", "rss20.xml", "feed.json"]
QUESTIONS = [
    "trains",
    'trains "night journey"',
    "C++ & <b>",
    "機能 שלום",
    "café title:naïve",
    "100% a+b #c ?d=e;f",
    "before:2030 trains",
    "🚂 'quoted'",
]


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    settings.WEBSITE_URL = SITE
    settings.SITE_NAME = "Planet Example"
    id_base = "tag:planet.example,2026-06-07:0123456789abcdef"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": id_base, "version": 1, "changed_at": NOW})


def feed_at(client: Client, name: str, q: str) -> Any:
    answer = client.get(f"/search/{name}?q={quote(q)}")
    assert answer.status_code == 200
    return json.loads(answer.content) if name.endswith("json") else ElementTree.fromstring(answer.content)


def test_a_feed_holds_what_is_found_the_newest_first_and_no_more_than_sixty(client: Client) -> None:
    feed = make_feed()
    make_entry(title="Ships")
    for number in range(61):
        make_entry(feed, f"Train {number}", days_ago=number)
    titles = [item["title"] for item in feed_at(client, "feed.json", "train")["items"]]
    assert titles == [f"Train {number}" for number in range(60)]


@pytest.mark.parametrize("asked", ["  trains   -ships ", "trains -ships trains", "trains −ships"])
def test_a_feed_has_one_name_and_one_address_however_its_search_is_written(client: Client, asked: str) -> None:
    root = feed_at(client, "atom.xml", asked)
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {
        "self": f"{SITE}/search/atom.xml?q=trains+-ships",
        "alternate": f"{SITE}/search/?q=trains+-ships",
    }
    assert root.findtext(f"{ATOM}title") == "Planet Example: trains -ships"
    assert (
        root.findtext(f"{ATOM}id") == "tag:planet.example,2026-06-07:0123456789abcdef/search/atom.xml?q=trains+-ships"
    )


@pytest.mark.parametrize("q", QUESTIONS)
def test_feeds_keep_the_rules_whatever_is_searched(client: Client, q: str) -> None:
    make_entry(make_feed("Ada", category=make_category()), q, author="Ada", content_html="<p>x</p>")
    for name in NAMES[:2]:
        path = f"/search/{name}{query_string(str(parse(q)))}"  # as our pages link to it
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"<item>" in answer.content or b"<entry" in answer.content
        assert broken_rules(answer.content, answer["Content-Type"], SITE + path) == {}


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_feed_that_finds_nothing_keeps_the_rules_and_its_date(client: Client, name: str) -> None:
    path = f"/search/{name}?q=trains"
    answer = client.get(path)
    assert broken_rules(answer.content, answer["Content-Type"], SITE + path) == {}
    assert client.get(path).content == answer.content


@pytest.mark.parametrize("q", QUESTIONS)
def test_the_page_of_a_search_leads_to_its_feeds(client: Client, q: str) -> None:
    make_entry(title=q, content_html="<p>x</p>")
    page = page_at(client, f"/search/?q={quote(q)}")
    alternates = [link["href"] for link in page.named("link") if link["rel"] == "alternate"]
    assert len(alternates) == 3
    assert set(alternates) <= {link["href"] for link in page.classed("aside-link")}
    assert len(feed_at(client, "feed.json", q)["items"]) == 1
    for address in alternates:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("q", ["", "-trains", "before:x", "x" * 201])
def test_what_is_refused_is_a_sentence_and_no_feed(client: Client, name: str, q: str) -> None:
    answer = client.get(f"/search/{name}?q={quote(q)}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert answer.content.decode().endswith(".\n")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in answer


@pytest.mark.parametrize("name", NAMES)
def test_who_has_the_feed_gets_no_bytes_until_something_changes(client: Client, name: str) -> None:
    make_entry(title="Trains")
    path = f"/search/{name}?q=trains"
    first = client.get(path)
    assert (first["Access-Control-Allow-Origin"], first["X-Robots-Tag"]) == ("*", "noindex")
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    SiteState.objects.touch(NOW)
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


@pytest.mark.parametrize("name", NAMES[:2])
def test_newsboat_reads_a_search(client: Client, feed_server: FeedServer, tmp_path: Path, name: str) -> None:
    program = need_program("newsboat")
    entry = make_entry(title="Größe & “Maß”", guid="tag:a,2026:1", content_html="<p>Größe</p>", author="Ada")
    path = f"/search/{name}?q={quote_plus('größe “maß” & -x')}"
    answer = client.get(path)
    url = feed_server.add(path, Answer(bytes(answer.content), headers={"Content-Type": answer["Content-Type"]}))
    expected = ("tag:a,2026:1", entry.title, "Ada", entry.url, "<p>Größe</p>", int(entry.timeline_at.timestamp()))
    assert read_by_newsboat(program, [url], tmp_path) == [expected]
