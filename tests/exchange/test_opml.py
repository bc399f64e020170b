from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.opml import MAX_BYTES, MAX_DEPTH, MAX_OUTLINES, OpmlError, Outline, read_opml, write_opml
from aggregator.exchange.outgoing import printable
from aggregator.models import Category, Feed
from tests.factories import NOW

FEEDS = Path(__file__).parent.parent / "feeds"
ENTITIES = '<!DOCTYPE opml [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def opml(body: str, *, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<opml version="2.0"><body>{body}</body></opml>'.encode()


def feed(
    title: str, category: Category | None = None, *, url: str = "https://ada.example/f", site_url: str = ""
) -> Feed:
    """A row that was never saved."""
    row = Feed(title=title, category=category, site_url=site_url or "https://ada.example/")
    row.point_to(url)
    return row


def written(*feeds: Feed) -> bytes:
    return write_opml("Planet", feeds, now=NOW)


def refusal_of(data: bytes) -> str | None:
    """The words of the refusal, or None if it was read."""
    try:
        read_opml(data)
    except OpmlError as error:
        return str(error)
    return None


# -- reading -------------------------------------------------------------------------------------------------------


def test_a_reader_s_export_gives_its_feeds_with_their_folders() -> None:
    assert read_opml((FEEDS / "subscriptions.opml").read_bytes()) == [
        Outline("https://ada.example/feed.xml", "Ada's notes", "https://ada.example/", "Python"),
        Outline("http://bob.example/?feed=rss2&lang=en", "Bob", "", "Web"),
        Outline("https://cyd.example/atom.xml", "Cyd", "", "Web"),
        Outline("https://dan.example/rss", "Dan", "", "Weather"),
        Outline("https://eve.example/rss", "Eve", "", ""),
    ]


def test_a_folder_says_more_than_the_category_attribute() -> None:
    data = opml('<outline text="Folder"><outline text="A" xmlUrl="https://a.example/" category="Other"/></outline>')
    assert [outline.category for outline in read_opml(data)] == ["Folder"]


def test_the_address_is_handed_on_unjudged() -> None:
    assert [outline.url for outline in read_opml(opml('<outline xmlUrl="file:///etc/passwd"/>'))] == [
        "file:///etc/passwd"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_declared_encoding_is_obeyed(encoding: str) -> None:
    label = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{label}"?><opml><body><outline text="Größe" xmlUrl="u"/></body></opml>'
    assert [outline.title for outline in read_opml(text.encode(encoding))] == ["Größe"]


def test_a_list_without_feeds_is_an_empty_list() -> None:
    assert read_opml(opml("")) == []


def test_a_document_type_without_entities_does_no_harm() -> None:
    data = opml('<outline xmlUrl="u"/>', before='<!DOCTYPE opml SYSTEM "http://unreachable.invalid/opml.dtd">')
    assert [outline.url for outline in read_opml(data)] == ["u"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html><html><body><p>Not found<br></body></html>", "a web page"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "a web page"),
        (b'<rss version="2.0"><channel/></rss>', "a feed, not a list"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "a feed, not a list"),
        (b'<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "a feed, not a list"),
        (b"<svg/>", "starts with <svg>"),
        (b"https://ada.example/feed.xml", "not an OPML file"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "not an OPML file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not an OPML file"),
        (b"PK\x03\x04\x14\0\0\0", "not an OPML file"),
        (b'<opml><body>\n<outline text="a & b"/></body></opml>', "line 2, column 19"),
        (b"<opml><body><outline xmlUrl='u'/>", "damaged"),
        (b'<?xml version="1.0" encoding="x-nonsense"?><opml/>', "text encoding"),
        (opml("<outline text='&b;' xmlUrl='u'/>", before=ENTITIES), "entities"),
        (opml("<outline text='x' xmlUrl='u'>&a;</outline>", before=EXTERNAL), "entities"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(OpmlError, match=words):
        read_opml(data)


def test_a_list_at_the_caps_is_read() -> None:
    assert len(read_opml(opml('<outline xmlUrl="u"/>' * MAX_OUTLINES))) == MAX_OUTLINES


@pytest.mark.parametrize("element", ['<outline xmlUrl="u"/>', "<x/>"])
def test_too_many_elements_are_refused(element: str) -> None:
    with pytest.raises(OpmlError, match=r"more than 5000"):
        read_opml(opml(element * (MAX_OUTLINES + 1)))


def test_folders_at_the_deepest_level_are_read() -> None:
    folders = MAX_DEPTH - 3
    data = opml("<outline text='x'>" * folders + "<outline xmlUrl='u'/>" + "</outline>" * folders)
    assert [outline.category for outline in read_opml(data)] == ["x"]


@pytest.mark.parametrize("depth", [MAX_DEPTH, 100_000])
def test_folders_nested_too_deep_are_refused(depth: int) -> None:
    with pytest.raises(OpmlError, match="deep"):
        read_opml(opml("<outline text='x'>" * depth + "</outline>" * depth))


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(OpmlError, match="5 MiB"):
        read_opml(b" " * (MAX_BYTES + 1))


@given(st.binary(max_size=200) | st.text(max_size=100).map(opml))
def test_any_bytes_give_a_list_or_a_refusal(data: bytes) -> None:
    refusal = refusal_of(data)
    assert refusal is None or refusal.endswith(".")


# -- writing -------------------------------------------------------------------------------------------------------


def test_what_is_written_reads_back_as_the_same_feeds() -> None:
    python, web = Category(pk=1, name="Python", position=2), Category(pk=2, name="Web", position=1)
    feeds = [
        feed("Ada", python, url="https://ada.example/f?a=1&b=2"),
        feed("Bob", url="https://bob.example/f", site_url="https://bob.example/"),
        feed("Cyd", web, url="https://cyd.example/f", site_url="https://cyd.example/"),
        feed("Dan", python, url="https://dan.example/f", site_url="https://dan.example/"),
    ]
    assert read_opml(written(*feeds)) == [
        Outline("https://cyd.example/f", "Cyd", "https://cyd.example/", "Web"),
        Outline("https://ada.example/f?a=1&b=2", "Ada", "https://ada.example/", "Python"),
        Outline("https://dan.example/f", "Dan", "https://dan.example/", "Python"),
        Outline("https://bob.example/f", "Bob", "https://bob.example/", ""),
    ]


@given(st.text(st.characters(), min_size=1), st.text(st.characters(), min_size=1))
def test_any_text_reads_back_without_the_characters_that_xml_forbids(title: str, name: str) -> None:
    (outline,) = read_opml(written(feed(title, Category(pk=1, name=name))))
    assert (outline.title, outline.category) == (" ".join(printable(title).split()), " ".join(printable(name).split()))


def test_a_feed_without_a_title_goes_by_its_host() -> None:
    assert read_opml(written(feed("")))[0].title == "ada.example"


def test_passwords_are_not_written() -> None:
    data = written(feed("Ada", url="https://ada:pa55word@ada.example/f", site_url="https://ada:pa55word@ada.example/"))
    assert read_opml(data) == [Outline("https://ada.example/f", "Ada", "https://ada.example/", "")]


def test_a_site_that_is_no_web_address_is_left_out() -> None:
    assert b"htmlUrl" not in written(feed("Ada", site_url="javascript:alert(1)"))


def test_the_list_carries_its_title_and_its_date() -> None:
    data = write_opml("A & B\0", [], now=datetime(2026, 6, 7, 1, 37, tzinfo=UTC))
    assert b"<title>A &amp; B</title>" in data
    assert b"<dateModified>Sun, 07 Jun 2026 01:37:00 +0000</dateModified>" in data


def test_an_outline_says_what_subscription_lists_must_say() -> None:
    assert (
        b'<outline text="Ada" title="Ada" type="rss" xmlUrl="https://ada.example/f" htmlUrl="https://ada.example/" />'
        in written(feed("Ada"))
    )
