"""Lists as plain text: newsboat's, rawdog's, tables, and what people write by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.address_lines import looks_like_addresses, read_addresses
from aggregator.exchange.opml import MAX_OUTLINES, Listed, OpmlError, Outline

NEWSBOAT = """\
# mine
http://a.example/f clay "fine glass" "~Ann \\"A\\" says"
https://b.example/f?x="y"
"query:Unread:unread = \\"yes\\""
"exec:~/bin/fetch"
"filter:~/bin/clean:http://c.example/f"
http://d.example/f "!" "fine glass"
include others
"""
RAWDOG = """\
# rawdog
maxarticles 200
outputfile index.html
feed 1h http://a.example/f
    define_name Ann  says
    allowduplicates true
feed 30m https://b.example/f allowduplicates=true
include friends
"""


def test_newsboats_addresses_come_with_title_and_first_tag() -> None:
    found = read_addresses(NEWSBOAT)
    assert found.outlines == (
        Outline("http://a.example/f", 'Ann "A" says', category="clay"),
        Outline('https://b.example/f?x="y"'),
        Outline("http://d.example/f", category="fine glass"),
    )
    assert found.notes == (
        'Line 4 (“"query:Unread:unread = \\"yes\\""”) is no address of a feed on the web.',
        'Line 5 (“"exec:~/bin/fetch"”) is no address of a feed on the web.',
        'Line 6 (“"filter:~/bin/clean:http://c.example/f"”) is no address of a feed on the web.',
        "Line 8 (“include others”) names another file: import that by itself.",
        "!: 1 feed; it means nothing here.",
        "further tags: 1 feed; a feed has one category here, the first of its tags.",
    )


def test_rawdogs_feeds_come_and_its_options_are_named() -> None:
    assert read_addresses(RAWDOG) == Listed(
        (Outline("http://a.example/f", "Ann says"), Outline("https://b.example/f")),
        (
            "Line 8 (“include friends”) names another file: import that by itself.",
            "maxarticles: of the whole file; it means nothing here.",
            "outputfile: of the whole file; it means nothing here.",
            "allowduplicates: 2 feeds; it means nothing here.",
        ),
    )


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    text = '\ufeffName,URL,link,face\r\n"Ann, A",http://a.example/f,http://a.example/,a.png\r\n\r\nBo,,x,\r\n'
    assert read_addresses(text) == Listed(
        (Outline("http://a.example/f", "Ann, A", "http://a.example/"),),
        ("face: 1 feed; it means nothing here.", "1 row has no address of a feed."),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_an_address_in_each_line_is_enough(end: str) -> None:
    text = end.join(["\ufeffhttp://a.example/", "b.example/feed", "  feed://c.example/f", "#d.example"])
    assert [outline.url for outline in read_addresses(text).outlines] == [
        *("http://a.example/", "b.example/feed", "feed://c.example/f"),
    ]


@pytest.mark.parametrize("text", ["", "Dear reader: hello", "see http://a.example/", '{"a": 1}', "a,b\n1,2"])
def test_other_texts_do_not_look_like_addresses(text: str) -> None:
    assert not looks_like_addresses(text)


@pytest.mark.processor_seconds(10)
@pytest.mark.parametrize(
    "text",
    [
        *("http://a.example/\n" * (MAX_OUTLINES + 1), "http://a.example/" + "a" * 100_000, "\n" * 30_000 + "http://a"),
        *('name,url\n"' + ("a" * 1000 + "\n") * 1000, 'url,"' + ("a" * 1000 + "\n") * 1000),
    ],
)
def test_a_file_of_too_much_is_refused(text: str) -> None:
    with pytest.raises(OpmlError, match=r"too large|more than 5000 feeds|quotation mark"):
        read_addresses(text)


@given(st.text() | st.text(st.sampled_from('"~#,\\ \nhttp://a.url')).map("http://a.example/\n".__add__))
def test_any_text_gives_a_list_whose_notes_are_sentences(text: str) -> None:
    assert all(note.endswith(".") for note in read_addresses(text).notes)


@pytest.mark.parametrize(
    "line", ["- {}", "* {}", "• {}", "<{}>", "{},", "  - {}", "- <{}>;", "{}  # Ann's", '{} # "Ann"']
)
def test_marks_and_remarks_around_an_address_are_no_part_of_it(line: str) -> None:
    text = "http://a.example/f\n" + line.format("https://b.example/f")
    assert looks_like_addresses(text)
    assert looks_like_addresses(line.format("https://b.example/f"))
    assert read_addresses(text) == Listed((Outline("http://a.example/f"), Outline("https://b.example/f")))


def test_a_quote_of_a_table_that_never_ends_is_said_in_words() -> None:
    with pytest.raises(OpmlError, match="quotation mark"):
        read_addresses('url,name\n"' + ("x" * 9000 + "\n") * 20)
