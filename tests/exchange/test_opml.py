from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
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


def test_an_address_may_be_called_url_where_it_is_a_feeds() -> None:
    data = opml('<outline text="A" type="rss" url="https://a.example/"/><outline text="B" url="https://b.example/"/>')
    assert [outline.url for outline in read_opml(data)] == ["https://a.example/"]


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
        (b"<p>Not found</p><opml/>", "starts with <p>"),
        (b"&nbsp; nothing of the kind", "not an OPML file"),
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


# -- mending ---------------------------------------------------------------------------------------------------------


def mended(body: str) -> list[tuple[str, str, str]]:
    """Title, address and category of each feed in a body, which is no sound XML."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="1.1"><body>{body}</body></opml>'
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(text.encode())
    return [(outline.title, outline.url, outline.category) for outline in read_opml(text.encode())]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Clay & Co", "Clay & Co"),
        ("Clay&Co", "Clay&Co"),
        ("Clay&nbsp;&mdash; notes", "Clay — notes"),
        ("Caf&eacute; &amp; Tee", "Café & Tee"),
        ("&bogus; name", "&bogus; name"),
        ("R&D; Lab", "R&D; Lab"),
        ("a < b", "a < b"),
    ],
)
def test_stray_ampersands_and_named_characters_are_mended(title: str, expected: str) -> None:
    body = f'<outline text="{title}" xmlUrl="http://clay.example/?a=1&b=2&copy=3"/>'
    assert mended(body) == [(expected, "http://clay.example/?a=1&b=2&copy=3", "")]


@pytest.mark.parametrize(
    "body",
    [
        '<outline text="Shelf"><outline text="A" xmlUrl="a"><outline text="B" xmlUrl="b"></outline></outline>',
        '<outline text="Shelf"><outline text="A" xmlUrl="a"/><outline text="B" xmlUrl="b"/>',
        '<outline text="Shelf"><outline text="A" xmlUrl="a"></outline><outline text="B" xmlUrl="b"></outline></p>',
        '<outline text=Shelf><outline text=A xmlUrl=a /><OUTLINE TEXT="B" XMLURL="b" text="C"/></outline>',
        '<outline text="Shelf"><outline text="A"xmlUrl="a"fz:quick="1"/><outline text="B" xmlUrl="b"/></outline>',
        "<outline text=Shelf><!-- <outline xmlUrl=c /> --><outline text=A xmlUrl=a /><outline text=B xmlUrl=b /></b>",
    ],
)
def test_elements_that_are_not_closed_and_attributes_that_are_bare_are_mended(body: str) -> None:
    assert mended(body) == [("A", "a", "Shelf"), ("B", "b", "Shelf")]


def test_a_folder_that_is_not_closed_ends_where_the_next_one_names_its_feeds() -> None:
    body = (
        '<outline text="One"><outline text="A" xmlUrl="a"/><outline text="Two"><outline text="B" xmlUrl="b"/></outline>'
    )
    assert mended(body) == [("A", "a", "One"), ("B", "b", "Two")]


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="UTF-8"?><opml><outline text="Caf\xe9" xmlUrl="u"/></opml>',
        '<?xml version="1.0" encoding="ISO-8859-1"?><opml><outline text="Café" xmlUrl="u"/></opml>'.encode(),
        '<?xml version="1.0" encoding="x-nonsense"?><opml><outline text="Café" xmlUrl="u"/></opml>'.encode(),
        b'<opml><outline text="Ca\x0bf&#xe9;\x00&#1;" xmlUrl="u"/></opml>',
        '\n\n<?xml version="1.0"?><opml><outline text="Café" xmlUrl="u"/></opml>\n<!-- made by hand'.encode(),
        '<opml><outline text="Café" xmlUrl="u"/></opml></opml><br>'.encode(),
    ],
)
def test_wrong_encodings_control_characters_and_junk_are_mended(data: bytes) -> None:
    assert [(outline.title, outline.url) for outline in read_opml(data)] == [("Café", "u")]


def test_what_follows_the_end_of_a_list_is_read_too() -> None:
    outlines = read_opml(b"<opml><outline xmlUrl='a'/></opml><outline xmlUrl='b'/>")
    assert [outline.url for outline in outlines] == ["a", "b"]


@pytest.mark.processor_seconds(5)
@pytest.mark.parametrize("piece", ["<x ", "<!--", "<![CDATA[", "&nbsp", "<?", '<x a="', "<x a='\"", "<x a=b "])
def test_a_hostile_file_is_read_or_refused_in_no_time(piece: str) -> None:
    data = b"<opml>&" + piece.encode() * (MAX_BYTES // 4 // len(piece))
    refusal = refusal_of(data)
    assert refusal is None or refusal.endswith(".")


# -- folders ---------------------------------------------------------------------------------------------------------


def categories(body: str) -> list[str]:
    return [outline.category for outline in read_opml(opml(body))]


ANN = '<outline title="Ann\'s pots" text="ann" xmlUrl="a"/>'
BEN = '<outline text="Ben" xmlUrl="b"/>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'<outline text="Crafts"><outline title="Ann\'s pots">{ANN}</outline>{BEN}</outline>', ["Crafts", "Crafts"]),
        (f'<outline text="Crafts"><outline text="ANN">{ANN}</outline></outline>', ["Crafts"]),
        (f'<outline text="Ann\'s pots">{ANN}</outline>', [""]),
        (f'<outline text="Ann"><outline text="Ann">{ANN}</outline></outline>', [""]),
        (f'<outline text="Ann\'s pots">{ANN}{BEN}</outline>', ["Ann's pots", "Ann's pots"]),
        (f'<outline text="Potters">{ANN}</outline>', ["Potters"]),
        (f'<outline text="Crafts"><outline>{ANN}</outline></outline>', ["Crafts"]),
        (f'<outline text="Crafts"><outline text="Clay">{ANN}</outline>{BEN}</outline>', ["Clay", "Crafts"]),
    ],
)
def test_a_folder_that_holds_one_feed_of_its_own_name_is_none(body: str, expected: list[str]) -> None:
    assert categories(body) == expected


def test_where_the_folder_is_none_the_category_attribute_counts() -> None:
    body = '<outline text="Ann"><outline text="Ann" xmlUrl="a" category="/Crafts/Clay,/Home"/></outline>'
    assert categories(body) == ["Clay"]


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
@example("R&amp;D &eacute; <b>", "R&amp;D")
def test_any_text_reads_back_without_the_characters_that_xml_forbids(title: str, name: str) -> None:
    (outline,) = read_opml(written(feed(title, Category(pk=1, name=f"Shelf {name}"))))
    expected = (" ".join(printable(title).split()), " ".join(printable(f"Shelf {name}").split()))
    assert (outline.title, outline.category) == expected


def test_a_category_that_holds_one_feed_of_its_own_name_reads_back() -> None:
    (outline,) = read_opml(written(feed("Ada", Category(pk=1, name="ada"))))
    assert (outline.title, outline.category) == ("Ada", "ada")


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
        b'<outline text="Ada" title="Ada" type="rss" xmlUrl="https://ada.example/f" htmlUrl="https://ada.example/" '
        in written(feed("Ada"))
    )
