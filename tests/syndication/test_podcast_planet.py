"""A planet of podcasts: what a feed names beside its episodes is played on our pages, and by apps from our feeds."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.models import Entry
from tests.factories import NOW
from tests.outline import page_at
from tests.polls import poll_one
from tests.servers import Answer, FeedServer
from tests.stores import new_feed

pytestmark = pytest.mark.django_db
HOST = "https://show.example"
MEDIA = "{http://search.yahoo.com/mrss/}content"
EPISODES = [
    # Whole; with a second form, a transcript, a cover and chapters, as podcasts' programs write them
    (
        '<enclosure url="/1.mp3?from=feed" length="46000000" type="audio/mpeg"/>'
        "<itunes:duration>47:00</itunes:duration>"
        '<podcast:alternateEnclosure type="audio/opus" length="9"><podcast:source uri="https://show.example/1.opus"/>'
        '</podcast:alternateEnclosure><podcast:transcript url="/1.vtt" type="text/vtt"/>'
        '<itunes:image href="https://show.example/cover.jpg"/><podcast:chapters url="/1.json"/>'
    ),
    # Without type, length and sense; the same once more
    '<enclosure url="/2.m4a" length="46 MB"/><enclosure url="http://show.example/2.m4a" type="audio/x-m4a"/>',
    # A picture and a paper before the recording, whose type is none
    (
        '<enclosure url="/3.jpg" type="image/jpeg"/><enclosure url="/3.pdf" type="application/pdf"/>'
        '<enclosure url="/get?file=3.mp3" type="mp3"/>'
    ),
    # A film in several resolutions
    (
        '<media:group><media:content url="/4-1080.mp4" type="video/mp4" fileSize="9"/><media:content url="/4-720.mp4"'
        ' type="video/mp4" fileSize="7" isDefault="true"/></media:group>'
    ),
]


def document() -> bytes:
    items = "".join(
        f"<item><title>Episode {number}</title><link>{HOST}/{number}</link><guid>{HOST}/{number}</guid>"
        f"<pubDate>Tue, 23 Jun 2026 1{number}:00:00 GMT</pubDate>{episode}</item>"
        for number, episode in enumerate(EPISODES, start=1)
    )
    return (
        (
            '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
            ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:podcast="https://podcastindex.org/namespace/1.0">'
            f"<channel><title>Show</title><link>{HOST}/</link>{items}</channel></rss>"
        )
        .replace('url="/', f'url="{HOST}/')
        .encode()
    )


@pytest.fixture
def source(feed_server: FeedServer) -> str:
    """The address of the show's page."""
    feed = poll_one(new_feed(url=feed_server.add("/feed", Answer(document())), site_url=f"{HOST}/"), NOW).feed
    return feed.get_absolute_url()


def test_an_app_plays_each_episode_from_our_rss(client: Client, source: str) -> None:
    items = ElementTree.fromstring(client.get(f"{source}rss20.xml").content).findall(".//item")
    enclosures = [[dict(one.attrib) for one in item.findall("enclosure")] for item in reversed(items)]
    assert enclosures == [
        [{"url": f"{HOST}/1.mp3?from=feed", "length": "46000000", "type": "audio/mpeg"}],
        [{"url": f"{HOST}/2.m4a", "length": "0", "type": "audio/mp4"}],
        [{"url": f"{HOST}/get?file=3.mp3", "length": "0", "type": "audio/mpeg"}],
        [{"url": f"{HOST}/4-720.mp4", "length": "7", "type": "video/mp4"}],
    ]
    others = [[one.get("url", "") for one in item.findall(MEDIA)] for item in reversed(items)]
    assert others == [
        [f"{HOST}/1.opus", f"{HOST}/cover.jpg", f"{HOST}/1.vtt"],
        [],
        [f"{HOST}/3.jpg", f"{HOST}/3.pdf"],
        [],
    ]


def test_an_app_plays_each_episode_from_our_json_feed_and_atom(client: Client, source: str) -> None:
    items = json.loads(client.get(f"{source}feed.json").content)["items"]
    attached = {item["title"]: item["attachments"] for item in items}
    assert attached["Episode 1"][0] == {
        "url": f"{HOST}/1.mp3?from=feed",
        "mime_type": "audio/mpeg",
        "size_in_bytes": 46_000_000,
        "duration_in_seconds": 2820,
    }
    assert all(any(one["mime_type"].startswith(("audio/", "video/")) for one in files) for files in attached.values())
    links = ElementTree.fromstring(client.get(f"{source}atom.xml").content).iter("{http://www.w3.org/2005/Atom}link")
    assert {link.get("href") for link in links if link.get("rel") == "enclosure"} >= {
        f"{HOST}/1.mp3?from=feed",
        f"{HOST}/1.vtt",
        f"{HOST}/2.m4a",
        f"{HOST}/get?file=3.mp3",
        f"{HOST}/4-720.mp4",
    }


def test_each_episode_has_one_player_for_each_of_its_forms_and_loads_nothing(client: Client, source: str) -> None:
    players = []
    for entry in Entry.objects.order_by("timeline_at"):
        page = page_at(client, entry.get_absolute_url())
        players.append([one["src"].removeprefix(HOST) for one in (*page.named("audio"), *page.named("video"))])
        assert {one["preload"] for one in (*page.named("audio"), *page.named("video"))} == {"none"}
    assert players == [["/1.mp3?from=feed", "/1.opus"], ["/2.m4a"], ["/get?file=3.mp3"], ["/4-720.mp4"]]
    assert "Transcript (Text)" in client.get(Entry.objects.get(title="Episode 1").get_absolute_url()).text.replace(
        "<bdi>", ""
    ).replace("</bdi>", "")
