"""Files beside posts in our own feeds: a podcast app plays from each of them."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.models import Enclosure, Entry
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
DURATION = "{http://www.itunes.com/dtds/podcast-1.0.dtd}duration"
FEEDS = ["/atom.xml", "/rss20.xml", "/feed.json"]
COVER = {"url": "https://a.example/cover.png", "media_type": "image/png", "title": "A gull & a boat"}
TALK = {"url": "https://a.example/talk.mp3?a=1&b=2", "media_type": "audio/mpeg", "byte_count": 46, "seconds": 2820}
NOTES = {"url": "https://a.example/notes", "media_type": ""}
PAGE = {"url": "https://a.example/player", "media_type": "text/html"}


def make_post(*files: dict[str, Any], display: str = "full", **fields: object) -> Entry:
    entry = make_entry(make_feed(has_enclosures=True, display=display), **fields)
    for position, one in enumerate(files):
        Enclosure.objects.create(entry=entry, position=position, **one)
    return entry


def xml(client: Client, path: str) -> ElementTree.Element:
    return ElementTree.fromstring(client.get(path).content)


def json_item(client: Client) -> dict[str, Any]:
    [item] = json.loads(client.get("/feed.json").content)["items"]
    return dict(item)


def test_atom_links_to_every_file_with_what_is_known_of_it(client: Client) -> None:
    make_post(COVER, TALK, NOTES, PAGE)
    links = [link.attrib for link in xml(client, "/atom.xml").iter(f"{ATOM}link") if link.get("rel") == "enclosure"]
    assert links == [
        {"rel": "enclosure", "href": COVER["url"], "type": "image/png", "title": "A gull & a boat"},
        {"rel": "enclosure", "href": TALK["url"], "type": "audio/mpeg", "length": "46"},
        {"rel": "enclosure", "href": NOTES["url"]},
    ]


def test_rss_has_one_enclosure_which_can_be_played_and_the_others_as_media(client: Client) -> None:
    make_post(COVER, TALK, NOTES)
    [item] = xml(client, "/rss20.xml").iter("item")
    assert [one.attrib for one in item.findall("enclosure")] == [
        {"url": TALK["url"], "length": "46", "type": "audio/mpeg"}
    ]
    assert item.findtext(DURATION) == "2820"
    media = [(one.attrib, one.findtext(f"{MEDIA}title")) for one in item.findall(f"{MEDIA}content")]
    assert media == [
        ({"url": COVER["url"], "type": "image/png"}, "A gull & a boat"),
        ({"url": NOTES["url"]}, None),
    ]


@pytest.mark.parametrize(
    ("file", "written"),
    [(NOTES, ("0", "application/octet-stream")), (COVER, ("0", "image/png"))],
)
def test_an_enclosure_of_rss_has_all_three_attributes(
    client: Client, file: dict[str, Any], written: tuple[str, str]
) -> None:
    make_post(file)
    [enclosure] = xml(client, "/rss20.xml").iter("enclosure")
    assert (enclosure.get("url"), enclosure.get("length"), enclosure.get("type")) == (file["url"], *written)


@pytest.mark.parametrize("media_type", ["mp3", "image", "audio/", "/mpeg", "audio/mpeg, x", "a b/c"])
def test_what_is_no_media_type_is_given_out_as_none(client: Client, media_type: str) -> None:
    make_post(TALK | {"media_type": media_type})
    [enclosure] = xml(client, "/rss20.xml").iter("enclosure")
    [link] = [link for link in xml(client, "/atom.xml").iter(f"{ATOM}link") if link.get("rel") == "enclosure"]
    [attachment] = json_item(client)["attachments"]
    unknown = "application/octet-stream"
    assert (enclosure.get("type"), attachment["mime_type"], link.get("type")) == (unknown, unknown, None)


def test_json_feed_has_an_image_and_attachments(client: Client) -> None:
    make_post(COVER, TALK, NOTES)
    item = json_item(client)
    assert (item["image"], item["attachments"]) == (
        COVER["url"],
        [
            {"url": TALK["url"], "mime_type": "audio/mpeg", "size_in_bytes": 46, "duration_in_seconds": 2820},
            {"url": NOTES["url"], "mime_type": "application/octet-stream"},
        ],
    )


@pytest.mark.parametrize("path", FEEDS)
def test_another_planet_reads_from_our_feeds_what_stood_beside_a_post(client: Client, path: str) -> None:
    make_post(COVER, TALK)
    url = f"https://planet.example{path}"
    read = normalize(parse(client.get(path).content.decode(), url, ""), url=url, now=NOW)
    assert {one.url for one in read.items[0].enclosures} == {COVER["url"], TALK["url"]}
    assert next(one.byte_count for one in read.items[0].enclosures if one.url == TALK["url"]) == 46


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("display", ["excerpt", "link"])
def test_a_feed_shown_as_titles_gives_out_no_files(client: Client, path: str, display: str) -> None:
    make_post(TALK, COVER, display=display)
    assert (b"talk.mp3" in client.get(path).content) == (display == "excerpt")


@pytest.mark.parametrize("path", FEEDS)
def test_files_of_many_posts_cost_one_question_and_of_none_none(client: Client, path: str) -> None:
    make_entry()
    for files in ([], [TALK], [TALK], [TALK, COVER]):
        if files:
            make_post(*files)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert sum("aggregator_enclosure" in query["sql"] for query in queries) == bool(files)


# -- notes -----------------------------------------------------------------------------------------------------------


def make_note(display: str = "full") -> None:
    make_entry(make_feed(display=display), content_html="<p>Rain again.</p>", excerpt="Rain again.")
    Entry.objects.update(title="")


def test_a_note_has_no_title_where_none_is_demanded(client: Client) -> None:
    make_note()
    item = json_item(client)
    assert ("title" in item, item["content_html"]) == (False, "<p>Rain again.</p>")
    [written] = xml(client, "/rss20.xml").iter("item")
    assert (written.find("title"), written.findtext("description")) == (None, "Rain again.")
    [entry] = xml(client, "/atom.xml").iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Rain again."
    assert not feedparser.parse(io.BytesIO(client.get("/rss20.xml").content)).bozo


def test_where_only_titles_are_given_out_a_note_has_one(client: Client) -> None:
    make_note("link")
    [written] = xml(client, "/rss20.xml").iter("item")
    assert (json_item(client)["title"], written.findtext("title")) == ("Rain again.", "Rain again.")
