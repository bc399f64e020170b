"""Files beside posts in forms that no standard or few readers know, but that feeds have."""

from __future__ import annotations

import pytest

from aggregator.ingest.enclosures import MAX_ENCLOSURES
from aggregator.ingest.media_files import media_type_of
from aggregator.ingest.types import Enclosure

from .test_enclosures import MP3, TEXT, beside, document, item, json_item, rss, urls

HERE = "https://show.example"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>S</title><entry><id>urn:1</id><title>Tide</title>{}</entry></feed>'


def atom(inner: str) -> tuple[Enclosure, ...]:
    return document(ATOM.format(inner)).items[0].enclosures


@pytest.mark.parametrize(
    "inner",
    [
        "<image><url>/c.jpg</url><title>Cover</title><link>https://other.example/</link></image>",
        "<image>https://show.example/c.jpg</image>",
        '<image href="/c.jpg"/>',
        "<thumbnail>/c.jpg</thumbnail>",
        "<featuredImage>/c.jpg</featuredImage>",
        '<webfeeds:cover xmlns:webfeeds="http://webfeeds.org/rss/1.0" image="/c.jpg"/>',
    ],
)
def test_a_picture_of_the_item_in_an_element_of_its_own_is_there(inner: str) -> None:
    channel = "<image><url>/channel.png</url></image>"
    feed = document(f'<rss version="2.0"><channel><title>S</title>{channel}<item>{TEXT}{inner}</item></channel></rss>')
    [one] = feed.items
    assert ([each.url for each in one.enclosures], one.url, one.title) == ([f"{HERE}/c.jpg"], f"{HERE}/1", "Tide")


@pytest.mark.parametrize(
    ("inner", "url", "media_type"),
    [
        ('<content type="audio/mpeg" src="/a.mp3"/>', f"{HERE}/a.mp3", "audio/mpeg"),
        ('<content type="image/png" src="/a"/><summary>S</summary>', f"{HERE}/a", "image/png"),
        ('<link rel="alternate" type="audio/ogg" href="/a.ogg"/>', f"{HERE}/a.ogg", "audio/ogg"),
    ],
)
def test_a_content_that_is_a_file_stands_beside_the_post(inner: str, url: str, media_type: str) -> None:
    assert [(one.url, one.media_type) for one in atom(inner)] == [(url, media_type)]


def test_a_content_that_is_a_page_is_the_link() -> None:
    [one] = document(ATOM.format('<content type="text/html" src="/a.html"/>')).items
    assert (one.url, one.enclosures) == (f"{HERE}/a.html", ())
    [other] = document(ATOM.format('<link href="/1"/><content type="text/html" src="/a.html"/>')).items
    assert other.url == f"{HERE}/1"


def test_all_that_podcasts_add_is_there() -> None:
    spaces = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    inner = (
        f'<enclosure url="{MP3}" type="audio/mpeg" length="5"/><podcast:transcript {spaces} url="/t.vtt"'
        f' type="text/vtt" language="en"/><podcast:transcript {spaces} url="/t.srt"/>'
        f"<podcast:alternateEnclosure {spaces}"
        ' type="audio/opus" length="3" title="Small"><podcast:source uri="ipfs://x"/><podcast:source uri="https://show.example/1.opus"/>'
        '<podcast:source uri="https://mirror.example/1.opus"/></podcast:alternateEnclosure>'
    )
    assert beside(inner) == (
        Enclosure(MP3, "audio/mpeg", 5),
        Enclosure(f"{HERE}/1.opus", "audio/opus", 3, title="Small"),
        Enclosure(f"{HERE}/t.vtt", "text/vtt", title="Transcript (en)"),
        Enclosure(f"{HERE}/t.srt", "application/x-subrip", title="Transcript"),
    )


def test_of_one_film_in_several_resolutions_its_default_is_there_but_every_format() -> None:
    group = (
        '<media:group><media:content url="/1080.mp4" type="video/mp4"/><media:content url="/720.mp4" type="video/mp4"'
        ' isDefault="true"/><media:content url="/720.webm" type="video/webm"/></media:group>'
    )
    assert urls(group) == [f"{HERE}/720.mp4", f"{HERE}/720.webm"]
    apart = '<media:content url="/a.mp4" type="video/mp4"/><media:content url="/b.mp4" type="video/mp4"/>'
    assert len(urls(apart)) == 2
    named = apart.replace("/>", "><media:title>One</media:title></media:content>")
    assert len(urls(f"<media:group>{named}</media:group>")) == 2
    assert len(urls(f"{group}{group.replace('/720', '/other')}")) == 4


def test_a_picture_named_by_several_elements_is_there_once_in_its_largest_size() -> None:
    small = '<enclosure url="/a-300x200.jpg" type="image/jpeg"/>'
    large = '<media:content medium="image" url="/a-1024x768.jpg">'
    large += "<media:description>Sand</media:description></media:content>"
    for inner in (small + large, large + small):
        assert beside(inner) == (Enclosure(f"{HERE}/a-1024x768.jpg", "image/jpeg", title="Sand"),)
    assert urls(f'{small}{large}<media:content medium="image" url="/a.jpg"/>') == [f"{HERE}/a.jpg"]


def test_a_file_under_two_addresses_is_there_once() -> None:
    assert urls(
        f'<enclosure url="{MP3}"/><enclosure url="http://show.example/1.mp3"/><enclosure url="{MP3}?from=2"/>'
    ) == [MP3]
    assert (
        len(urls('<enclosure url="/get?id=1" type="audio/mpeg"/><enclosure url="/get?id=2" type="audio/mpeg"/>')) == 2
    )


def test_a_film_whose_page_is_the_item_itself_is_no_file() -> None:
    flash = (
        '<media:content url="https://www.youtube.com/v/abcdefghijk?version=3" type="application/x-shockwave-flash"/>'
    )
    page = "<link>https://www.youtube.com/watch?v=abcdefghijk</link>"
    said = "<media:description>Ice, seen from below</media:description>"
    thumbnail = '<media:thumbnail url="/t.jpg"/>'
    [film] = rss(f"<title>Ice</title>{page}<media:group>{flash}{thumbnail}{said}</media:group>").items
    assert (film.content_html, film.enclosures) == (
        "<p>Ice, seen from below</p>",
        (Enclosure(f"{HERE}/t.jpg", "image/jpeg"),),
    )


def test_what_is_spoken_in_a_film_is_a_text_where_there_is_no_other() -> None:
    spoken = '<media:content url="/v.mp4"/><media:text type="html">&lt;p&gt;Ahoy&lt;/p&gt;</media:text>'
    assert rss(f"<title>Ice</title>{spoken}").items[0].content_html == "<p>Ahoy</p>"
    assert item(spoken).content_html == "Low water at noon."


def test_what_a_feed_written_on_a_laptop_names_lies_at_its_blog() -> None:
    local = "http://localhost:4000"
    feed = document(
        f'<rss version="2.0"><channel><title>S</title><link>{local}/</link><item><title>T</title><link>{local}/1</link>'
        f'<description>x</description><enclosure url="{local}/1.mp3"/><enclosure url="http://10.0.0.1/2.mp3"/></item>'
        "</channel></rss>"
    )
    [one] = feed.items
    assert (feed.site_url, one.url, [each.url for each in one.enclosures]) == (f"{HERE}/", f"{HERE}/1", [MP3])


@pytest.mark.parametrize(
    ("members", "url"),
    [
        ({"attachments": {"url": MP3, "mime_type": "audio/mpeg"}}, MP3),
        ({"attachments": [MP3]}, MP3),
        ({"image": {"url": "/p.png"}}, f"{HERE}/p.png"),
    ],
)
def test_a_json_feed_may_be_sloppy(members: dict[str, object], url: str) -> None:
    assert [one.url for one in json_item(content_text="x", **members).enclosures] == [url]


@pytest.mark.parametrize(
    ("told", "url", "media_type"),
    [
        *(("audio/mp3", "/a", "audio/mpeg"), ("audio/x-mpeg", "/a", "audio/mpeg"), ("image/jpg", "/a", "image/jpeg")),
        *(("mp3", "/a", "audio/mpeg"), ("audio", "/a", "audio/mpeg"), ("video", "/a", "video/mp4")),
        *(("", "/get.php?id=1&file=a.mp3", "audio/mpeg"), ("", "/get.php?f=/x/a.pdf#2", "application/pdf")),
        *(("", "/get.php?v=1.2", ""), ("application/x", "/get?f=a.mp3", "application/x")),
        *(("", "/a.wma", "audio/x-ms-wma"), ("", "/a.tiff", "image/tiff"), ("", "/a.mpg", "video/mpeg")),
    ],
)  # fmt: skip
def test_a_type_is_told_by_whatever_says_it(told: str, url: str, media_type: str) -> None:
    assert media_type_of(told, f"{HERE}{url}") == media_type


def test_of_very_many_files_those_that_have_no_place_are_one_link_to_the_post() -> None:
    files = [f'<enclosure url="/{n}.zip"/>' for n in range(MAX_ENCLOSURES + 3)]
    last = beside("".join(files))[-1]
    assert last == Enclosure(f"{HERE}/1", "text/html", title="3 more files")
    assert beside("".join(files[: MAX_ENCLOSURES + 1]))[-1].title == "1 more file"
    assert len(beside("".join(files[:MAX_ENCLOSURES]))) == MAX_ENCLOSURES
