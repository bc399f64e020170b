"""Our feeds keep the rules that validators and readers hold them to, whatever the posts are that they give out."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aggregator.models import Enclosure, Entry, Feed, SiteState
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.feed_rules import broken_rules
from tests.invented import HOST, PIECES, joined
from tests.polls import poll_one
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SITE = "https://planet.example"
FEEDS = ["/rss20.xml", "/atom.xml"]
FEEDS_OF_ADA = [f"/source/ada{path}" for path in FEEDS]
CASES = sorted((Path(__file__).parents[1] / "feeds").glob("*.[xj]*"))
POSTS_AT_ONCE = 60


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    settings.WEBSITE_URL = SITE
    settings.SITE_NAME = "Planet Example"
    id_base = "tag:planet.example,2026-06-07:0123456789abcdef"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": id_base, "version": 1, "changed_at": NOW})


def broken(client: Client, paths: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """What feeds of ours break, by their paths."""
    found = {}
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200
        if faults := broken_rules(response.content, response["Content-Type"], SITE + path):
            found[path] = faults
    return found


def document(items: Iterable[str]) -> bytes:
    """A feed of items, each with a date, and with a link of its own if it names none."""
    written = ""
    for number, item in enumerate(items):
        link = "" if "<link>" in item else f"<link>{HOST}/{number}</link>"
        written += f"<item>{link}<pubDate>Tue, 23 Jun 2026 10:{number:02}:00 GMT</pubDate>{item}</item>"
    names = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    head = f"<title>Ada</title><link>{HOST}/</link><language>en</language>"
    return f'<rss version="2.0" {names}><channel>{head}{written}</channel></rss>'.encode()


def read(feed_server: FeedServer, body: bytes, path: str = "/feed", **fields: object) -> None:
    url = feed_server.add(path, Answer(body))
    poll_one(make_feed("Ada", url=url, **{"slug": "ada", "last_ok_at": None, "category": None, **fields}))
    assert Entry.objects.count() == body.count(b"<item>")


# -- documents -------------------------------------------------------------------------------------------------------

TITLES = ("AT&amp;T", "The &lt;b&gt; tag", "<b>bold</b>", "1 < 2", "&amp;lt;script&amp;gt;", "C &lt;/div&gt;")
TALK = "<title>Talk</title><description>We talk.</description>"


def file(name: str, media_type: str = "audio/mpeg", length: str = "length='1234'") -> str:
    return f"<enclosure url='https://cdn.example/{name}' {length} type='{media_type}'/>"


def text(html: str, title: str = "<title>One</title>") -> str:
    return f"{title}<description>{escape(html)}</description>"


DOCUMENTS = {
    "nothing": [],
    "a podcast": [
        TALK + file("a.mp3") + "<itunes:duration>47:00</itunes:duration>",
        TALK + file("b.mp3", length="") + "<itunes:duration>never</itunes:duration>",
        TALK + file("c.mp3", length="length='1 MB'"),
        file("d.mp3"),
    ],
    "many files, of all kinds": [
        TALK + file("a.webm", "video/webm") + file("b.mp4", "video/mp4") + file("c.mp3") + file("d", "mp3"),
        TALK + file("e.jpg", "image/jpeg") + "<media:content url='/f.png'><media:title> </media:title></media:content>",
        TALK + "<media:content url='https://cdn.example/g.jpg' medium='image' fileSize='0' duration='x'>"
        "<media:title>A &lt;b&gt;gull&lt;/b&gt; &amp;amp; more</media:title></media:content>",
    ],
    "pictures alone": [
        text("<p><img src='/a.jpg' alt=''></p>"),
        text("<img src='/b.jpg' srcset='/c.jpg 2x'>", title=""),
        "<title>Beside</title>" + file("d.jpg", "image/jpeg"),
    ],
    "notes": [text("Rain again.", title=""), text("<p>Sun, <em>at last</em></p>", title="<title> </title>")],
    "titles": [f"<title>{escape(title)}</title><description>x</description>" for title in TITLES],
    "titles alone": ["<title>One</title>", "<title>One</title><description> </description>"],
    "links within, and from nowhere": [
        text("<a href='/x'>x</a><a href='#f'>1</a><a href='javascript:x'>j</a><a href='b c.html'>f</a><p id=f>n</p>"),
        text("<a href='mailto:a@b.example'>m</a><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><a href>h</a>"),
    ],
    "torn and hostile": [
        text("<ul><li>a<li>b<dl><dt>a<dd>b</dl><table><td>d<p>x<tr>y</table><b><i>mis</b>nested</i></p></div>"),
        text("<p onclick='x()' style='position:fixed'>a<script>b</script><iframe src='https://x.example/'></iframe>"),
        text("<ruby>漢<rb>字<rt>kan</ruby><rp>(</rp><li>lone<td>cell<summary>s<font color=red>r</font><center>c"),
        text("<a href='/1'><p>block <a href='/2'>nested</a></p></a><h2>Head<p>in it</h2><pre><code>a<b && c"),
    ],
    "odd characters": [
        "<title>\x85 \x93q\x94 \ufffd</title><description>&#x96; \u202e &amp;#0; &amp;#xFFFE;</description>",
        "<guid isPermaLink='false'>tag:a.example,2026:ü</guid><title>שלום</title><author>a@b.example (Ä)</author>",
    ],
    "addresses with all characters": [
        f"<guid>{HOST}/?y[]=1</guid><link>{HOST}/?y[]=1</link>" + TALK + file("f[1].mp3") + file("p[2].jpg"),
        f"<guid>{HOST}/a|b c</guid><link>{HOST}/a|b c?x={{1}}^`\\#[ü]</link>" + TALK + file("f 1|{2}.mp3"),
        "<link>https://bücher.example/ä?ö=ü#ß</link>" + TALK + "<source url='https://b.example/f[1].xml'>B</source>",
        "<link>https://my_blog.example/1</link>" + TALK + "<enclosure url='https://[2001:db8::1]/f.mp3'/>",
    ],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_feeds_keep_the_rules_whatever_they_give_out(client: Client, feed_server: FeedServer, name: str) -> None:
    read(feed_server, document(DOCUMENTS[name]), category=make_category("Python"))
    assert broken(client, [*FEEDS, *FEEDS_OF_ADA]) == {}


@pytest.mark.parametrize("display", ["excerpt", "link"])
def test_feeds_keep_the_rules_where_less_is_shown(client: Client, feed_server: FeedServer, display: str) -> None:
    items = [item for name in ("a podcast", "pictures alone", "notes", "titles") for item in DOCUMENTS[name]]
    read(feed_server, document(items), display=display)
    assert broken(client, FEEDS_OF_ADA) == {}


@pytest.mark.parametrize("language", ["en", "jp", "english", "iw", "de-DE-1996", "*", "x-klingon", "gsw"])
def test_feeds_keep_the_rules_in_any_language(client: Client, language: str) -> None:
    make_entry(make_feed("Ada", language=language), language=language)
    assert broken(client, FEEDS_OF_ADA) == {}


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_feeds_keep_the_rules_in_whatever_format_it_was_read(
    client: Client, feed_server: FeedServer, case: Path
) -> None:
    url = feed_server.add("/" + case.name, Answer(case.read_bytes()))
    assert poll_one(make_feed("Ada", url=url, slug="ada", last_ok_at=None)).new
    assert broken(client, FEEDS_OF_ADA) == {}


@pytest.mark.slow
def test_feeds_keep_the_rules_whatever_posts_are_made_of(client: Client, feed_server: FeedServer) -> None:
    """Each kind of piece in a post of its own, and 250 posts of several."""
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    choices = [[piece] for piece in range(len(PIECES))]
    choices += [draw.choices(range(len(PIECES)), k=draw.randint(2, 8)) for _ in range(250)]
    posts = [joined(choice, wrapped=draw.random() < 0.5).html for choice in choices]
    for number, first in enumerate(range(0, len(posts), POSTS_AT_ONCE)):
        items = [text(html) for html in posts[first : first + POSTS_AT_ONCE]]
        read(feed_server, document(items), f"/{number}", slug="ada")
        assert (seed, broken(client, FEEDS_OF_ADA)) == (seed, {})
        Feed.objects.all().delete()


def test_the_feeds_of_an_empty_site_keep_the_rules(client: Client) -> None:
    make_category("Python")
    make_feed("Ada", description="")
    paths = [place + path for place in ("", "/category/python", "/source/ada") for path in FEEDS]
    assert broken(client, paths) == {}


def test_rows_that_ingest_would_not_write_break_no_rule(client: Client) -> None:
    """Those of curators, of imports and of old versions."""
    odd = make_feed("Ada & <b>", slug="ada", site_url="", description="<b>x</b>", language="english", newest_at=NOW)
    make_entry(odd, "A <b> title", url="", guid="", author="Ada <b>", language="jp", excerpt="")
    make_entry(odd, "Edited", url="/x", excerpt="x", updated_at=NOW + timedelta(days=400))
    make_entry(odd, "Through a planet", source_url="https://b.example/f[1].xml", excerpt="", content_html="")
    make_entry(make_feed("Gopher"), "No address")
    Feed.objects.filter(title="Gopher").update(url="gopher://ada.example/f", site_url="")
    entry = make_entry(make_feed(has_enclosures=True), "Files")
    for position, media_type in enumerate(["mp3", "image", "audio/mpeg; x"]):
        url = f"https://ada.example/ü[{position}]"
        Enclosure.objects.create(entry=entry, position=position, url=url, media_type=media_type, byte_count=5)
    assert broken(client, [*FEEDS, *FEEDS_OF_ADA]) == {}
