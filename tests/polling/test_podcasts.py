"""Feeds whose posts are more than text, from their documents to our pages and to our own feeds."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.diagnosis import skipped_note
from aggregator.models import Enclosure, Entry
from tests.factories import NOW
from tests.outline import page_at
from tests.polls import pending, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db

PODCAST = """<?xml version="1.0"?>
<!-- What: a podcast whose episodes have no page of their own, one with a cover; a photo that hangs beside its words; an
item that is a file alone, and one that is nothing. Seen: shows that live on a host for sound alone. Expect: players, a
picture, a link with a name, one item left out. -->
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Salt hour</title><link>https://salt.example/</link>
<item><guid isPermaLink="false">salt-2</guid><title>The weir</title><description>We stand on the weir.</description>
<enclosure url="https://salt.example/weir.mp3" length="46000000" type="audio/mpeg"/>
<itunes:duration>47:00</itunes:duration><itunes:image href="https://salt.example/weir.jpg"/></item>
<item><guid isPermaLink="false">salt-1</guid><description>The lock keeper's dog.</description>
<media:content url="https://salt.example/dog.jpg" medium="image"><media:description>A wet dog</media:description>
</media:content></item>
<item><enclosure url="https://salt.example/Tide%20table.pdf" length="2000000" type="application/pdf"/></item>
<item><pubDate>Wed, 24 Jun 2026 10:00:00 GMT</pubDate></item>
</channel></rss>"""


def test_sound_pictures_and_files_come_through_to_pages_and_podcast_apps(
    client: Client, feed_server: FeedServer
) -> None:
    feed = poll_one(pending(feed_server.add("/salt", Answer(PODCAST.encode())), title="")).feed
    assert feed.skipped == {"empty": 1}
    page = page_at(client, "/")
    assert [text for kind, text in page.outline if kind == "entry"] == [
        "The weir",
        "The lock keeper's dog.",
        "Tide table",
    ]
    assert [player["src"] for player in page.named("audio")] == ["https://salt.example/weir.mp3"]
    pictures = {one["src"]: one["alt"] for one in page.named("img") if "salt.example" in one["src"]}
    assert pictures == {"https://salt.example/weir.jpg": "Picture", "https://salt.example/dog.jpg": "A wet dog"}
    html = client.get("/").content.decode()
    assert ("Audio, 47 min, 46 MB</a>" in html, "PDF, 2 MB</a>" in html) == (True, True)
    weir = Entry.objects.get(guid="salt-2")
    assert next(link["href"] for link in page.classed("u-url")) == weir.get_absolute_url()
    [first, *_] = ElementTree.fromstring(client.get("/rss20.xml").content).iter("enclosure")
    assert first.attrib == {"url": "https://salt.example/weir.mp3", "length": "46000000", "type": "audio/mpeg"}


def test_a_second_poll_changes_nothing_beside_its_posts(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/salt", Answer(PODCAST.encode())))
    poll_one(feed)
    before = list(Enclosure.objects.values())
    feed_server.add("/salt", Answer(PODCAST.replace("Salt hour", "Salt hours").encode()))
    outcome = poll_one(feed)
    assert (outcome.changed, outcome.new, list(Enclosure.objects.values())) == (0, 0, before)


def test_a_post_that_is_cut_off_says_so_at_its_end_and_on_its_feeds_row_at_each_poll(feed_server: FeedServer) -> None:
    head, words = PODCAST.partition("<item>")[0], "word " * 220_000
    long = f"{head}<item><link>https://salt.example/a</link><description>{words}</description></item></channel></rss>"
    feed = pending(feed_server.add("/salt", Answer(long.encode())))
    poll_one(feed)
    feed_server.add("/salt", Answer(long.replace("Salt hour", "Salt hours").encode()))
    again = poll_one(feed, NOW + timedelta(hours=1))
    assert Entry.objects.get().content_html.endswith(' href="https://salt.example/a">[…]</a></p>')
    assert (again.changed, skipped_note(again.feed)) == (0, "1 item cut short after a million characters")
