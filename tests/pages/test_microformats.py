"""The front page as programs read it that look for microformats (mf2), by the parser that people use: each of its posts
stands in our Atom feed, by the same address, author, date and name."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from xml.etree import ElementTree

import mf2py
import pytest
from django.test import Client

from tests.documents import rss
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.polls import poll_one
from tests.servers import Answer, FeedServer
from tests.writers import sign

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ATOM = "{http://www.w3.org/2005/Atom}"
Post = tuple[str, str, str, datetime]
"""Its address, name, author and moment."""


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    settings.WEBSITE_URL = "https://planet.example"


def posts_of_page(client: Client, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The page's feed, and the posts that are found in it."""
    html = client.get(path).content.decode()
    found = mf2py.parse(doc=html, url=f"https://planet.example{path}")
    [feed] = found["items"]
    assert feed["type"] == ["h-feed"]
    return feed, [one for one in feed["children"] if one["type"] == ["h-entry"]]


def as_post(entry: dict[str, Any]) -> Post:
    about = entry["properties"]
    [name], [url], [published] = about["name"], about["url"], about["published"]
    [author] = about.get("author", [""])
    return url, name, author if isinstance(author, str) else author["properties"]["name"][0], moment(published)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def posts_of_atom(client: Client, path: str = "/atom.xml") -> list[Post]:
    entries = ElementTree.fromstring(client.get(path).content).findall(f"{ATOM}entry")
    return [
        (
            entry.findall(f"{ATOM}link")[0].get("href", ""),
            entry.findtext(f"{ATOM}title") or "",
            entry.findtext(f"{ATOM}author/{ATOM}name") or "",
            moment(entry.findtext(f"{ATOM}published") or ""),
        )
        for entry in entries
    ]


TITLES = ["One & <two>", "  Spaces  within ", "שלום עולם", "C++ \"and\" 'more'", "🎈", "Ada: of two authors"]
URLS = ["https://ada.example/?a=1&b=2", "https://ada.example/%C3%BC", "https://xn--bcher-kva.example/x/"]


def test_as_many_posts_are_found_as_atom_has_and_with_the_same_addresses(client: Client) -> None:
    shelf = make_category("Web")
    for number in range(20):
        feed = make_feed(f"Blog {number}", category=shelf, display=["full", "excerpt", "link"][number % 3])
        for age in range(3):
            title, url = TITLES[(number + age) % len(TITLES)], URLS[number % 3]
            where = {"url": f"{url}#{number}-{age}"} if age else {}  # the others have an address of their own
            make_entry(feed, title, author=f"Ann {number}", days_ago=1 + age + number / 100, **where)
    _, found = posts_of_page(client, "/")
    of_atom = posts_of_atom(client)
    assert len(found) == len(of_atom) == 60
    assert [as_post(entry) for entry in found] == [(url, " ".join(name.split()), *rest) for url, name, *rest in of_atom]


@pytest.mark.parametrize("path", ["/", "/category/web/", "/source/ada/", "/archive/2026/06/23/", "/author/ann/"])
def test_every_list_of_posts_is_a_feed_with_a_name(client: Client, path: str) -> None:
    entries = [make_entry(make_feed("Ada", slug="ada", category=make_category("Web")), "Trains", author="Ann")]
    entries.append(make_entry(entries[0].feed, "Rain", author="Ann", days_ago=1.01))
    sign(entries)
    feed, found = posts_of_page(client, path)
    assert feed["properties"]["name"][0]
    assert [as_post(entry)[:2] for entry in found] == [(entry.url, entry.title) for entry in entries]


def test_a_note_is_found_by_its_text_and_its_address(client: Client) -> None:
    note = make_entry(make_feed("Ada"), title="", content_html="<p>Rain again.</p>", excerpt="Rain again.")
    note.title = ""
    note.save()
    _, [found] = posts_of_page(client, "/")
    about = found["properties"]
    assert (about["url"], about["name"], about["content"][0]["value"]) == ([note.url], ["Rain again."], "Rain again.")


def test_html_of_a_post_adds_no_property(client: Client, feed_server: FeedServer) -> None:
    forged = "<div class='h-entry'><a class='u-url p-author h-card' href='https://evil.example/'>Mallory</a></div>"
    document = rss("Ada", [("Trains", NOW)]).replace(
        b"</item>", f"<description>{escape(forged)}</description></item>".encode()
    )
    poll_one(make_feed("Ada", url=feed_server.add("/feed", Answer(document))))
    _, [found] = posts_of_page(client, "/")
    assert "Mallory" in found["properties"]["content"][0]["value"]
    assert set(found["properties"]) == {"name", "url", "content", "published"}
    assert "children" not in found
