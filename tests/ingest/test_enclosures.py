"""What stands beside an item's text, however its feed names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.ingest.enclosures import MAX_ENCLOSURES
from aggregator.ingest.media_files import MAX_BYTES, MAX_SECONDS, byte_count_of, media_type_of, seconds_of
from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.types import Document, Enclosure, Item, Skipped

URL = "https://show.example/feed"
NOW = datetime(2026, 6, 24, 12, 0, tzinfo=UTC)
SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:atom="http://www.w3.org/2005/Atom"'
)
TEXT = "<title>Tide</title><link>https://show.example/1</link><description>Low water at noon.</description>"
MP3 = "https://show.example/1.mp3"


def document(text: str) -> Document:
    return normalize(parse(text, URL, ""), url=URL, now=NOW)


def rss(*items: str) -> Document:
    written = "".join(f"<item>{item}</item>" for item in items)
    return document(f'<rss version="2.0" {SPACES}><channel><title>Show</title>{written}</channel></rss>')


def item(inner: str) -> Item:
    return rss(TEXT + inner).items[0]


def beside(inner: str) -> tuple[Enclosure, ...]:
    return item(inner).enclosures


def json_item(**members: object) -> Item:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Show", "items": [{"id": "1", **members}]}
    return document(json.dumps(feed)).items[0]


def urls(inner: str) -> list[str]:
    return [one.url for one in beside(inner)]


# -- every form ------------------------------------------------------------------------------------------------------


def test_all_enclosures_of_an_rss_item_are_read() -> None:
    assert beside(
        f'<enclosure url="{MP3}" length="4600" type="audio/mpeg"/><enclosure url="/notes.pdf" length="unknown"/>'
    ) == (
        Enclosure(MP3, "audio/mpeg", 4600),
        Enclosure("https://show.example/notes.pdf", "application/pdf"),
    )


def test_a_link_of_atom_is_an_enclosure_with_its_title() -> None:
    feed = document(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Show</title><entry><id>urn:1</id><title>Tide</title>'
        '<link rel="enclosure" href="/1.ogg" type="audio/ogg" length="9" title="The sea"/></entry></feed>'
    )
    assert feed.items[0].enclosures == (Enclosure("https://show.example/1.ogg", "audio/ogg", 9, title="The sea"),)


def test_the_duration_of_an_item_is_that_of_its_recording() -> None:
    [one] = beside(f'<itunes:duration>1:02:03</itunes:duration><enclosure url="{MP3}" length="1" type="audio/mpeg"/>')
    assert one.seconds == 3723


def test_media_in_a_group_are_read_with_what_is_said_of_each() -> None:
    assert beside(
        '<media:group><media:content url="/v.mp4" type="video/mp4" fileSize="77" duration="12">'
        "<media:title>The harbor</media:title></media:content>"
        '<media:content url="/v.webm" medium="video"/></media:group>'
    ) == (
        Enclosure("https://show.example/v.mp4", "video/mp4", 77, 12, "The harbor"),
        Enclosure("https://show.example/v.webm", "video/webm"),
    )


def test_a_picture_says_what_can_be_seen_in_it_and_its_caption_is_no_text() -> None:
    found = item(
        '<media:content url="/p.jpg" medium="image"><media:title>p.jpg</media:title>'
        "<media:description>Sand, and the marks that water leaves in it for an hour</media:description></media:content>"
    )
    assert found.content_html == "Low water at noon."
    assert found.enclosures[0].title == "Sand, and the marks that water leaves in it for an hour"


@pytest.mark.parametrize(
    "inner",
    [
        '<media:thumbnail url="/cover.png" width="75"/>',
        '<media:thumbnail url="/small.png" width="75"/><media:thumbnail url="/cover.png" width="320"/>',
        '<itunes:image href="/cover.png"/>',
    ],
)
def test_a_thumbnail_or_a_cover_is_a_picture_where_there_is_none(inner: str) -> None:
    assert beside(inner) == (Enclosure("https://show.example/cover.png", "image/png"),)
    assert urls(inner + '<media:content url="/large.jpg" medium="image"/>') == ["https://show.example/large.jpg"]


def test_images_and_attachments_of_a_json_feed_are_read() -> None:
    attachment = {"url": MP3, "mime_type": "audio/mpeg", "size_in_bytes": 5, "duration_in_seconds": 60.5, "title": "A"}
    read = json_item(title="Tide", image="/p.webp", banner_image="/b.gif", attachments=[attachment, {"url": 3}, "x"])
    assert read.enclosures == (
        Enclosure(MP3, "audio/mpeg", 5, 60, "A"),
        Enclosure("https://show.example/p.webp", "image/webp"),
        Enclosure("https://show.example/b.gif", "image/gif"),
    )


def test_addresses_of_a_broken_document_have_their_ampersands() -> None:
    feed = document(
        f'<rss version="2.0" {SPACES}><channel><title>S</title><item>{TEXT}<media:content medium="image" '
        'url="/p?a=1&amp;b=2"/><enclosure url="/q?a=1&amp;b=2" type="audio/mpeg"/></item><item><oops></channel></rss>'
    )
    assert {one.url.partition("?")[2] for one in feed.items[0].enclosures} == {"a=1&b=2"}


# -- what can't be true ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonsense", ["", "0", "-1", "unknown", "1e9", "1.5", str(10**30), MAX_BYTES + 1, True, None, {}]
)
def test_a_size_that_no_file_has_is_none(nonsense: object) -> None:
    assert byte_count_of(nonsense) is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("1:02:03", 3723), ("47:10", 2830), ("2830", 2830), ("59.9", 59), (61.7, 61), ("00:90:00", 5400)),
        *(("0", None), ("00:00:00", None), ("-5", None), ("an hour", None), ("1:2:3:4", None), (None, None)),
        *((str(MAX_SECONDS + 1), None), ("9" * 50, None), (float("inf"), None)),
    ],
)
def test_a_duration_is_read_in_every_form(written: object, seconds: int | None) -> None:
    assert seconds_of(written) == seconds


@pytest.mark.parametrize(
    ("told", "url", "medium", "media_type"),
    [
        ("audio/mpeg", "https://a.example/x", "", "audio/mpeg"),
        ("Audio/MPEG; codecs=x", "https://a.example/x", "", "audio/mpeg"),
        ("", "https://a.example/x.mp3?sig=a.pdf", "", "audio/mpeg"),
        ("text/html", "https://a.example/x.MP3", "", "audio/mpeg"),
        ("image/jpeg", "https://a.example/x.mp3", "", "audio/mpeg"),
        ("application/octet-stream", "https://a.example/x.pdf", "", "application/pdf"),
        ("audio/mp4", "https://a.example/x.mp4", "", "audio/mp4"),
        ("", "https://a.example/x.mp4", "audio", "audio/mp4"),
        ("", "https://a.example/x", "image", "image/jpeg"),
        ("nonsense", "https://a.example/x", "", ""),
        ('audio/"onerror=', "https://a.example/x", "", ""),
    ],
)
def test_a_type_that_lies_or_is_missing_is_told_by_the_ending(
    told: str, url: str, medium: str, media_type: str
) -> None:
    assert media_type_of(told, url, medium) == media_type


@pytest.mark.parametrize(
    "inner",
    [
        '<enclosure url="javascript:alert(1)" type="audio/mpeg"/>',
        '<enclosure url="data:audio/mpeg;base64,AA" type="audio/mpeg"/>',
        '<enclosure url="file:///etc/passwd"/>',
        '<enclosure url="https:///"/>',
        "<enclosure/>",
        '<media:content medium="image" url="/pixel.gif" width="1" height="1"/>',
        '<media:content medium="image" url="https://pixel.wp.com/b.gif"/>',
        '<media:content medium="image" url="https://2.gravatar.com/avatar/0a?s=96"><media:title>ada</media:title></media:content>',
        '<enclosure url="https://show.example/1" type="text/html"/>',
    ],
)
def test_what_is_no_file_of_the_post_is_left_out(inner: str) -> None:
    assert beside(inner) == ()


def test_what_is_named_twice_is_there_once_with_all_that_is_said_of_it() -> None:
    twice = f'<enclosure url="{MP3}" type="audio/mpeg" length="7"/><media:content url="{MP3}" duration="9"/>'
    assert beside(twice) == (Enclosure(MP3, "audio/mpeg", 7, 9),)


@pytest.mark.parametrize(
    "name_and_size",
    [
        'a.mp3" type="audio/mpeg" width="0" height="0',
        'a.mp4" type="video/mp4" width="100%" height="auto',
        'a.jpg" medium="image" width="640.0" height="480.0',
    ],
)
def test_a_size_that_says_nothing_makes_no_file_a_pixel(name_and_size: str) -> None:
    [url] = urls(f'<media:content url="/{name_and_size}"/>')
    assert url.startswith("https://show.example/a.")


def test_of_one_picture_in_several_sizes_the_largest_is_there_and_of_several_pictures_all() -> None:
    assert urls(
        '<media:content medium="image" url="/a.jpg?w=140" width="140"/><media:content medium="image" url="/a.jpg?w=700"'
        ' width="700"/><media:content medium="image" url="/b-150x150.png"/>'
        '<media:content medium="image" url="/p?id=1"/>'
        '<media:content medium="image" url="/p?id=2"/>'
    ) == [f"https://show.example/{name}" for name in ("a.jpg?w=700", "b-150x150.png", "p?id=1", "p?id=2")]


def test_a_flash_player_leads_to_the_page_of_its_film() -> None:
    flash = 'type="application/x-shockwave-flash"'
    page = "https://www.youtube.com/watch?v=abcdefghijk"
    for film in (
        "https://www.youtube.com/v/abcdefghijk?version=3",
        "http://youtube.com/v/abcdefghijk&amp;hl=en&amp;fs=1",
    ):
        assert urls(f'<media:content url="{film}" {flash}/>') == [page]


@pytest.mark.processor_seconds(30)
def test_a_flood_of_files_is_cut_and_takes_no_time() -> None:
    flood = "".join(
        f'<enclosure url="/{n}.mp3" length="{"9" * 400}"/><media:content url="/{n}"/>' for n in range(10_000)
    )
    assert len(beside(flood)) == MAX_ENCLOSURES + 1


def test_files_beyond_the_first_of_a_post_are_counted() -> None:
    files = [f'<enclosure url="/{n}.zip" type="application/zip"/>' for n in range(MAX_ENCLOSURES + 3)]
    twice = "".join((*files, *files))
    read = rss(TEXT + twice, f"<title>Neap</title>{''.join(files[:MAX_ENCLOSURES])}")
    assert (read.skipped, read.skipped.total) == (Skipped(files=3), 0)


# -- items that have nothing else ------------------------------------------------------------------------------------


def test_an_item_that_is_a_file_alone_is_named_by_it() -> None:
    feed = rss(
        '<enclosure url="/My%20talk.mp3?sig=1"/>', '<enclosure url="/b.mp3"/>', '<enclosure url="/c.mp3?sig=2"/>'
    )
    assert [(one.title, one.url) for one in feed.items] == [("My talk", ""), ("b", ""), ("c", "")]
    assert [one.guid for one in feed.items] == [f"https://show.example/{n}.mp3" for n in ("My%20talk", "b", "c")]


def test_an_item_that_only_leads_elsewhere_is_that_link() -> None:
    feed = document(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Links</title><entry><id>urn:1</id>'
        '<link rel="via" href="https://www.elsewhere.example/page"/></entry></feed>'
    )
    assert [(one.title, one.url) for one in feed.items] == [("elsewhere.example", "https://www.elsewhere.example/page")]


def test_a_text_that_only_names_a_related_page_is_not_that_page() -> None:
    assert item('<atom:link rel="related" href="https://other.example/"/>').url == "https://show.example/1"
    assert rss('<description>x</description><atom:link rel="related" href="https://o.example/"/>').items[0].url == ""


def test_a_post_without_any_link_keeps_its_id() -> None:
    only = rss(
        f'<guid isPermaLink="false">s-1</guid><title>One</title><description>x</description><enclosure url="{MP3}"/>'
    )
    assert [(one.guid, one.url, len(one.enclosures)) for one in only.items] == [("s-1", "", 1)]


def test_two_posts_that_only_their_files_tell_apart_are_two() -> None:
    live = "<title>Live</title>"
    feed = rss(f'{live}<enclosure url="/mon.mp3"/>', f'{live}<enclosure url="/tue.mp3"/>')
    assert len({one.guid for one in feed.items}) == 2


def test_without_a_text_its_files_are_what_a_post_says_but_not_how_they_are_signed() -> None:
    def said(query: str, text: str = "") -> str:
        return rss(f"<guid>1</guid><title>Live</title>{text}<enclosure url='{query}'/>").items[0].content_hash

    assert said("/a.mp3?sig=1") == said("/a.mp3?sig=2") != said("/b.mp3")
    assert said("/a.mp3", "<description>x</description>") == said("/b.mp3", "<description>x</description>")


def test_what_is_said_of_a_film_is_its_text_and_its_title_where_it_has_no_other() -> None:
    group = "<media:group><media:title>Ice</media:title>{}<media:description>{}</media:description></media:group>"
    [film] = rss("<guid>1</guid>" + group.format('<media:content url="/v.mp4"/>', "One\n\ntwo &lt;three&gt;")).items
    assert (film.title, film.content_html) == ("Ice", "<p>One</p>\n<p>two &lt;three&gt;</p>")
    [other] = rss(TEXT + group.format("", "A caption, much longer than the post that it stands in")).items
    assert (other.title, other.content_html) == ("Tide", "Low water at noon.")


# -- why an item is not there ----------------------------------------------------------------------------------------


def test_what_is_left_out_is_counted_by_its_reason() -> None:
    assert rss("", "<pubDate>today</pubDate>", TEXT, TEXT).skipped == Skipped(empty=2, repeated=1)
    many = rss(*(f"<title>{number}</title>" for number in range(503)))
    assert (many.skipped, len(many.items)) == (Skipped(too_old=3), 500)
    cut = document(f'<rss version="2.0"><channel><title>S</title><item>{TEXT}</item><item><title>half')
    assert cut.skipped == Skipped(torn=1)


@pytest.mark.parametrize("guid", ["<guid isPermaLink='false'>1</guid>", "<guid>urn:uuid:1</guid>"])
def test_an_item_of_an_id_and_a_date_says_nothing(guid: str) -> None:
    assert rss(f"{guid}<pubDate>Wed, 24 Jun 2026 10:00:00 GMT</pubDate>", TEXT).skipped == Skipped(empty=1)


def test_an_item_whose_id_is_its_link_is_a_link() -> None:
    [one] = rss("<guid>https://salt.example/1</guid>").items
    assert one.url == "https://salt.example/1"


def test_items_of_a_json_feed_are_counted_too() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": "One"}, {}, {"id": "2"}, 7, {"image": "/a.png"}],
    }
    read = document(json.dumps(feed))
    assert (read.skipped, [one.title for one in read.items]) == (Skipped(empty=2, unreadable=1), ["One", "a"])


@pytest.mark.processor_seconds(10)
def test_a_type_is_looked_for_in_a_long_address_in_time() -> None:
    assert media_type_of("", "https://a.example/?" + "?" * 20_000 + "&" * 20_000) == ""
    assert media_type_of("", "https://a.example/get?old=a.pdf&file=/b.mp3&x=1#c.png") == "audio/mpeg"
