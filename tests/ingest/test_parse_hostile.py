"""Feeds that are made to hurt their reader: bounded in time, and their neighbors are kept."""

from __future__ import annotations

import random
import socket
from pathlib import Path

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import ReadError
from aggregator.ingest.parse import parse
from aggregator.ingest.types import RawDocument

URL = "https://host.example/feed.xml"
FEEDS = sorted((Path(__file__).parents[1] / "feeds").glob("*.[xj]*"))


def read(text: str) -> RawDocument:
    return parse(decode(text.encode(), "text/xml"), URL, "text/xml")


def rss(*items: str, doctype: str = "", channel: str = "") -> str:
    body = "".join(f"<item><title>Post {number}</title>{item}</item>" for number, item in enumerate(items))
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>Blog</title>{channel}{body}</channel></rss>'
    )


def titles(document: RawDocument) -> list[str]:
    return [item.title for item in document.items]


def test_entities_that_multiply_are_left_unexpanded() -> None:
    levels = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    bomb = rss("<description>&l9;</description>", doctype=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>')
    assert read(bomb).items[0].content_html == "&l9;"


def test_one_long_entity_many_times_is_left_unexpanded() -> None:
    bomb = rss(f"<description>{'&a;' * 50_000}</description>", doctype=f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>')
    assert len(read(bomb).items[0].content_html) < 200_000


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{path}">]>',
        '<!DOCTYPE rss SYSTEM "file://{path}">',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "file://{path}"> %p;]>',
        '<!DOCTYPE rss [<!ENTITY x "]>"><!ENTITY x SYSTEM "{path}">]>',
        '<?xml-stylesheet href="file://{path}"?>',
        "<!-- --><!DOCTYPE rss [<!-- ]> ' --><!ENTITY x SYSTEM '{path}'>]>",
    ],
)
def test_no_file_is_read(tmp_path: Path, doctype: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    feed = read(rss("<description>&x; text</description>", doctype=doctype.replace("{path}", str(secret))))
    assert feed.items[0].content_html == "&x; text"


def test_no_address_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        pytest.fail("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    doctype = '<!DOCTYPE rss SYSTEM "http://dtd.example/x.dtd" [<!ENTITY x SYSTEM "http://entity.example/">]>'
    xinclude = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://include.example/"/>'
    assert titles(read(rss(f"<description>&x;</description>{xinclude}", doctype=doctype))) == ["Post 0"]


def test_a_text_that_is_an_address_is_not_opened() -> None:
    with pytest.raises(ReadError):
        parse("file:///etc/passwd", URL, "text/xml")


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "author",
    [
        f"<author>a@{'a.' * 30_000}</author>",
        f"<author>{'a' * 100_000}</author>",
        f"<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'><![CDATA[{'a' * 100_000}]]></dc:creator>",
        f"<author><![CDATA[</author>]]>{'a' * 100_000}</author>",
        f"<author><b/>{'a' * 100_000}</author>",
        f"<author><author>{'a' * 100_000}</author></author>",
        f"<author>{'<![CDATA[' + 'a' * 10_000 + ']]>'}{'<!-- -->' + 'a' * 90_000}</author>",
        f"<author><name>{'a' * 100_000}</name></author>",
    ],
)
def test_an_endless_author_is_shortened_in_time(author: str) -> None:
    feed = read(rss(author, "<author>Jo</author>"))
    assert all(len(name) <= 300 for item in feed.items for name in item.authors)
    assert feed.items[-1].authors == ("Jo",)


@pytest.mark.processor_seconds(60)
def test_a_hundred_thousand_levels_cost_neither_the_stack_nor_the_neighbors() -> None:
    feed = read(rss(f"{'<a>' * 100_000}{'</a>' * 100_000}", "<description>Fine</description>"))
    assert titles(feed) == ["Post 0", "Post 1"]


@pytest.mark.processor_seconds(60)
def test_deep_markup_in_content_keeps_the_neighbors() -> None:
    deep = f'<content type="xhtml">{"<div>" * 50_000}{"</div>" * 50_000}</content>'
    text = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>a</title>{deep}</entry><entry><title>b</title></entry></feed>'
    assert titles(read(text)) == ["a", "b"]


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "junk",
    [
        "<![CDATA[" * 100_000,
        "<!--" * 100_000,
        "&" * 500_000,
        "<" * 300_000,
        "<a " + " ".join(f'b{number}="1"' for number in range(100_000)) + "/>",
        "<a " + "b " * 200_000,
        "<a " + "b='1' c=\"" * 100_000,
        "<guid>" + " " * 500_000,
        f'<guid isPermaLink="false">{"g" * 500_000}</guid>',
        "<author>" * 20_000,
        "".join(f"<category>{number}</category>" for number in range(3000)),
    ],
    ids=range(11),
)
def test_junk_by_the_megabyte_is_read_in_time(junk: str) -> None:
    assert read(rss("", junk)).title == "Blog"


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("start", ["<!DOCTYPE rss [" + "<!--" * 100_000, "<!DOCTYPE rss [" + '"' * 100_001])
def test_a_document_type_without_end_is_refused_in_time(start: str) -> None:
    with pytest.raises(ReadError):
        read(start + rss(""))


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 200_000]
)
def test_deep_json_is_refused(text: str) -> None:
    with pytest.raises(ReadError):
        read(text)


@pytest.mark.parametrize(
    "bad",
    [
        "<georss:polygon xmlns:georss='http://www.georss.org/georss'>1 2 x 4</georss:polygon>",
        "<chapters xmlns='http://podlove.org/simple-chapters' version='1.2'><chapter/></chapters>",
        "<image/><width>x</width>",
        "<textInput/><name>x</name>",
        "<description>&#xd800; &#x110000; &#99999999999999;</description>",
        "<pubDate>-1-01-01T00:00:00Z</pubDate>",
        "<link>http://[broken/</link>",
        "<content mode='base64'>?</content>",
        "<links a='b'/><authors a='b'/><tags a='b'/><source a='b'/><content a='b'/>",
        "<valid xmlns='http://purl.org/dc/terms/'>start=</valid>",
    ],
)
def test_a_bad_item_costs_no_other(bad: str) -> None:
    feed = read(rss("<description>First</description>", bad, "<description>Last</description>"))
    assert [item.content_html for item in feed.items if "Post 1" not in item.title] == ["First", "Last"]
    assert len(feed.items) + feed.skipped.total == 3


def test_an_item_that_stops_the_parser_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedparser.mixin._FeedParserMixin._end_georss_point", _raise_type_error, raising=True)
    poison = "<georss:point xmlns:georss='http://www.georss.org/georss'>1 2</georss:point>"
    feed = read(rss("", poison, "", "", poison))
    assert (titles(feed), feed.skipped.total) == (["Post 0", "Post 2", "Post 3"], 2)


def test_a_channel_that_stops_the_parser_costs_no_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedparser.mixin._FeedParserMixin._end_georss_point", _raise_type_error, raising=True)
    poison = "<georss:point xmlns:georss='http://www.georss.org/georss'>1 2</georss:point>"
    assert titles(read(rss("", "", channel=poison))) == ["Post 0", "Post 1"]


def _raise_type_error(_parser: object) -> None:
    raise TypeError


@pytest.mark.parametrize("turn", range(8))
def test_damaged_feeds_give_items_or_a_plain_error(turn: int) -> None:
    seed = f"{random.random()} {turn}"
    print(f"damaged by random.Random({seed!r})")  # shown if it fails
    dice = random.Random(seed)
    pieces = [
        b"<",
        b">",
        b"&",
        b'"',
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<!",
        b"</",
        b"&#xd800;",
        b"&foo;",
        b"\x00",
        b"\xff",
    ]
    pieces += [
        b"<author>",
        b"<source>",
        b"<image/>",
        b"<textinput>",
        b"<content type='xhtml'>",
        b"<svg>",
        b'xml:base="http://["',
    ]
    for _ in range(100):
        body = bytearray(dice.choice(FEEDS).read_bytes())
        for _ in range(dice.randint(1, 8)):
            position = dice.randrange(len(body) + 1)
            if dice.random() < 0.5:
                body[position:position] = dice.choice(pieces)
            else:
                del body[position : position + dice.randint(1, 60)]
        try:
            document = parse(decode(bytes(body), "text/xml"), URL, "text/xml")
        except ReadError:
            continue
        repr(document).encode("utf-8")
