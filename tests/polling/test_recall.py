"""What is remembered of a feed spares parsing, and changes nothing of what is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.errors import IngestError
from aggregator.ingest.types import Document, RawDocument
from aggregator.models import Entry, Feed, FeedMemory
from aggregator.polling import recall
from aggregator.polling.bodies import read
from aggregator.polling.conductor import poll
from aggregator.polling.read_job import ReadJob
from aggregator.polling.recall import Memory
from tests.factories import NOW, make_feed
from tests.servers import Answer, FeedServer

URL = "https://blog.example/feed"
ITEMS = (
    (
        "<item><title>Plain</title><link>https://blog.example/1</link><guid>https://blog.example/1</guid>"
        "<pubDate>Wed, 24 Jun 2026 10:00:00 GMT</pubDate><description>One &amp; only</description></item>"
    ),
    (
        '<item><title>Full</title><link>/2</link><guid isPermaLink="false">two</guid><dc:creator>Ada</dc:creator>'
        "<content:encoded><![CDATA[<p>An <item> in a text, and <b>more</b></p>]]></content:encoded>"
        "<category>tea</category><category>cake</category></item>"
    ),
    "<item><title>Commented</title><link>/3</link><!-- </item> --><pubDate>2026-06-20</pubDate></item>",
    (
        '<item xml:lang="de" xml:base="https://blog.example/de/"><title>Grüße</title><link>vier</link>'
        "<description>&lt;p&gt;Vier&lt;/p&gt;</description></item>"
    ),
    '<item><title>From elsewhere</title><guid>five</guid><source url="https://other.example/f">Other</source></item>',
    "<item><title>No id and no link</title><description>Some text</description></item>",
    "<item><title>No id and no link</title><description>Another text</description></item>",
    "<item><title>Same id</title><guid>two</guid><link>https://blog.example/other</link></item>",
    "<item><title>Same id, same link</title><guid>two</guid><link>https://blog.example/other</link></item>",
    "<item><title>Damaged StraÃŸe</title><guid>straÃŸe</guid><description>FuÃŸgÃ¤nger</description></item>",
    '<item><dc:title xmlns:x="https://x.example/ns">A namespace of its own</dc:title><guid>ns</guid></item>',
    "<item><title>Torn <b>markup</title><guid>torn</guid></item>",
    "<item><title>Never closed<guid>open</guid>",
    "<item><title>Half a tag</title><guid>half</guid><description><![CDATA[text]]</description></item>",
    "<item></item>",
    (
        '<item><title>Heard</title><guid>heard</guid><enclosure url="/heard.mp3" length="9" type="audio/mpeg"/>'
        "<itunes:duration>1:30</itunes:duration></item>"
    ),
    (
        '<item><title>Seen</title><guid>seen</guid><media:group><media:content url="/seen.jpg" medium="image">'
        "<media:description>A gull</media:description></media:content></media:group><media:title>x</media:title></item>"
    ),
    '<item><enclosure url="/alone.pdf"/></item>',
)
HEADS = (
    "<title>A blog</title><link>https://blog.example/</link><pubDate>Wed, 24 Jun 2026 10:00:00 GMT</pubDate>",
    "<title>A blog</title><link>https://blog.example/</link><pubDate>Thu, 25 Jun 2026 11:11:11 GMT</pubDate>",
    "<title>Another name</title><link>https://blog.example/</link><language>fr</language>",
)


def rss(items: Sequence[str], head: str = HEADS[0], between: str = "\n") -> bytes:
    start = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
    )
    return f"{start}{head}{between.join(items)}</channel></rss>".encode()


def job(body: bytes, **more: Any) -> ReadJob:
    return ReadJob(body=body, url=URL, content_type="application/xml", now=NOW, **more)


def known(document: Document) -> dict[str, str]:
    return {item.guid: item.content_hash for item in document.items}


def after(first: bytes, second: bytes) -> tuple[Document, Document]:
    """The second document, read with the memory of the first one and without it."""
    before = read(job(first))
    plain = job(second, known=known(before))
    return read(replace(plain, memory=before.memory)), read(plain)


documents = st.builds(
    rss,
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=8),
    st.sampled_from(HEADS),
    st.sampled_from(("\n", "", "<!-- between -->", "stray text")),
)


@given(first=documents, second=documents)
def test_memory_changes_nothing_of_what_is_read(first: bytes, second: bytes) -> None:
    try:
        remembering, plain = after(first, second)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must be the same without memory
        with pytest.raises(type(error)):
            read(job(first)), read(job(second))
        return
    assert remembering == plain


@pytest.mark.slow
@given(bodies=st.lists(documents, min_size=3, max_size=4))
def test_a_memory_of_a_memory_changes_nothing_either(bodies: list[bytes]) -> None:
    memory = ""
    for body in bodies:
        try:
            plain = read(job(body))
        except IngestError:
            continue
        remembering = without = read(job(body, known=known(plain)))
        if memory:
            remembering = read(job(body, known=known(plain), memory=memory))
        assert remembering == without
        memory = remembering.memory


RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
LATE_TITLE = f"{RDF}{ITEMS[0]}<channel><title>A blog</title></channel></rdf:RDF>"
NAMES_A_FORMAT = "<item><title>One</title><link>/1</link><feed/></item>"
BETWEEN_FORMATS = "<item><title>a &lt;b&gt; c</title><link>/2</link></item>"
IS_NONE = '<item xmlns="http://www.w3.org/1999/xhtml"><title>None</title></item>'
IS_TWO = "<item><title>One</title><link>/1</link><y:item><title>Two</title><link>/2</link></y:item></item>"
TWO_NAMES = '<rss version="2.0" xmlns:y="http://purl.org/rss/1.0/"><channel>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">'
ENDS_THE_FEED = "<entry><id>urn:1</id><title>One</title><feed/></entry>"
TEXT_IN_TEXT = "<entry><id>urn:1</id><title>One<title>more</title></title></entry>"
PLAIN_ATOM = '<entry><id>urn:2</id><title type="text">a &lt;b&gt; c</title></entry>'
LATE_ID = "<id>urn:feed</id></feed>"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(LATE_TITLE, LATE_TITLE, id="a title of the feed behind its items"),
        pytest.param(
            f"{RDF}{NAMES_A_FORMAT}</rdf:RDF>",
            f"{RDF}{NAMES_A_FORMAT}{BETWEEN_FORMATS}</rdf:RDF>",
            id="an item that names a format",
        ),
        pytest.param(
            f"{ATOM}{ENDS_THE_FEED}{LATE_ID}",
            f"{ATOM}<entry><id>urn:2</id></entry>{ENDS_THE_FEED}{LATE_ID}",
            id="an item that ends the feed",
        ),
        pytest.param(
            f"{ATOM}{TEXT_IN_TEXT}</feed>", f"{ATOM}{TEXT_IN_TEXT}{PLAIN_ATOM}</feed>", id="a text within a text"
        ),
        pytest.param(
            f"{TWO_NAMES}{IS_NONE}{IS_TWO}</channel></rss>",
            f"{TWO_NAMES}{IS_TWO}</channel></rss>",
            id="an item that is none, and one that is two",
        ),
    ],
)
def test_what_the_parser_forgets_to_undo_is_not_forgotten(first: str, second: str) -> None:
    remembering, plain = after(first.encode(), second.encode())
    assert remembering == plain


def test_a_thousand_comments_behind_the_items_take_no_time(parsed: list[str]) -> None:
    after(rss([*ITEMS[:3], "</channel></rss>" + "<!-- x -->" * 1000]), rss(ITEMS[:3]))
    assert parsed


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    texts: list[str] = []
    parse = recall.parse

    def watched(text: str, url: str, content_type: str) -> RawDocument:
        texts.append(text)
        return parse(text, url, content_type)

    monkeypatch.setattr(recall, "parse", watched)
    return texts


def test_of_a_known_feed_only_what_is_new_is_parsed(parsed: list[str]) -> None:
    remembering, _ = after(rss(ITEMS[:3]), rss([ITEMS[4], *ITEMS[:3]]))
    assert [text.count("<item") for text in parsed[:2]] == [4, 1]  # one stands in a text
    assert [item.title for item in remembering.items] == ["From elsewhere", "Plain", "Full", "Commented"]


def test_of_a_known_feed_only_what_is_new_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(job(rss(ITEMS[:3])))
    doubted: list[str] = []
    monkeypatch.setattr(recall, "_stands_alone", lambda item: doubted.append(item) or True)
    read(job(rss([ITEMS[4], *ITEMS[:3]]), known=known(before), memory=before.memory))
    assert doubted == [ITEMS[4]]


def test_a_build_date_is_no_other_frame(parsed: list[str]) -> None:
    after(rss(ITEMS[:3]), rss(ITEMS[:3], HEADS[1]))
    assert "<item" not in parsed[1]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(rss(ITEMS[:3], HEADS[2]), id="a frame that changed"),
        pytest.param(rss(ITEMS[:3], between="stray text"), id="text between items"),
        pytest.param(rss([*ITEMS[:3], ITEMS[10]]), id="an item with a namespace of its own"),
        pytest.param(rss([*ITEMS[:3], ITEMS[11]]), id="an item that is not well-formed"),
    ],
)
def test_in_doubt_all_is_parsed(parsed: list[str], second: bytes) -> None:
    remembering, _ = after(rss(ITEMS[:3]), second)
    assert any(text.count("<item") >= 4 for text in parsed[1:])
    assert {"Plain", "Full", "Commented"} <= {item.title for item in remembering.items}


def test_a_known_item_whose_post_is_gone_is_read_again() -> None:
    before = read(job(rss(ITEMS[:2])))
    again = read(job(rss(ITEMS[:2]), memory=before.memory))
    assert again.items == before.items
    assert again.items[1].content_html


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[1, 2]", '["frame", {"digest": []}]', '["frame", {"digest": [1, 2]}]']
)
def test_a_memory_that_cannot_be_read_is_none(text: str) -> None:
    assert Memory.load(text) == Memory()


def test_a_memory_survives_being_stored() -> None:
    text = read(job(rss(ITEMS[:5]))).memory
    assert len(json.loads(text)[1]) == 5
    assert Memory.load(text).dump() == text


# -- as it is stored -------------------------------------------------------------------------------------------------

VERSIONS = (
    rss(ITEMS[:6]),
    rss(ITEMS[:6], HEADS[1]),
    rss([ITEMS[7], *ITEMS[:6]]),
    rss([ITEMS[0].replace("only", "many"), *ITEMS[1:8]], HEADS[1]),
    rss([*ITEMS[3:10]]),
)
SAID_BY_FEEDS = (
    "guid",
    "url",
    "title",
    "author",
    "content_html",
    "content_hash",
    "excerpt",
    "published_at",
    "language",
)


@pytest.mark.django_db(transaction=True)
def test_with_every_skip_the_same_is_stored_as_without(feed_server: FeedServer) -> None:
    skipping, plain = make_feed("A", url=feed_server.url("/a")), make_feed("A", url=feed_server.url("/b"))
    for number, body in enumerate(VERSIONS):
        FeedMemory.objects.filter(feed=plain).delete()
        Feed.objects.filter(pk=plain.pk).update(body_hash="", etag="")
        for path in ("/a", "/b"):
            feed_server.add(path, Answer(body, headers={"ETag": f'"{number}"'}))
        for _ in range(2):
            now = NOW + timedelta(days=number)
            poll(Feed.objects.filter(pk__in=[skipping.pk, plain.pk]), clock=lambda now=now: now)  # type: ignore[misc]
    skipped, read_whole = (
        sorted(
            Entry.objects.filter(feed=feed).values_list(*SAID_BY_FEEDS, "timeline_at", "first_seen_at", "edit_count")
        )
        for feed in (skipping, plain)
    )
    assert len(skipped) == 10
    assert skipped == read_whole
