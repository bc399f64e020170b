"""A list that is half broken gives what is whole of it, and says what is not."""

from __future__ import annotations

import pytest

from aggregator.exchange.opml import Listed, OpmlError, Outline, read_opml_list

A, B = Outline("http://a.example/f", "A"), Outline("http://b.example/f", "B")
ITEM_A = '<outline text="A" xmlUrl="http://a.example/f"/>'
ITEM_B = '<outline text="B" xmlUrl="http://b.example/f"/>'


def listed(text: str) -> Listed:
    return read_opml_list(text.encode())


@pytest.mark.parametrize(
    ("end", "line"),
    [
        ("<outline text='C' xmlUrl='http://c.exa", 3),
        ("\n<outline", 4),
        ("</bo", 3),
        ("<x <" * 200, 3),
        ('<outline text="C', 3),
    ],
)
def test_a_list_that_is_cut_off_gives_what_came_and_says_so(end: str, line: int) -> None:
    found = listed(f"<opml><body>\n{ITEM_A}\n{ITEM_B}{end}")
    assert found == Listed((A, B), (f"The file ends within a tag, in line {line}: is it cut off?",))


@pytest.mark.parametrize("text", ['B "so" called', "B' or \"", 'B" <b', 'B = "1'])
def test_of_a_torn_tag_the_address_is_kept(text: str) -> None:
    found = listed(f'<opml><body><outline xmlUrl="http://b.example/f" text="{text}"/>{ITEM_A}</body></opml>')
    assert ([outline.url for outline in found.outlines], found.notes) == ([B.url, A.url], ())


def test_a_torn_tag_without_an_address_is_named() -> None:
    found = listed(f'<opml><body>\n{ITEM_A}\n<outline text="B "so" xmlUrl="http://b.exa<ple"/>{ITEM_B}</body></opml>')
    assert found == Listed((A, B), ("The tag in line 3 can't be read: if it is a feed's, add that by itself.",))


def test_a_torn_tag_of_a_folder_begins_one() -> None:
    found = listed(f'<opml><body><outline text="C "so" d">{ITEM_A}</outline>{ITEM_B}</body></opml>')
    assert [(outline.title, outline.category) for outline in found.outlines] == [("A", "C"), ("B", "")]


@pytest.mark.processor_seconds(10)
def test_a_file_of_torn_tags_is_refused() -> None:
    with pytest.raises(OpmlError, match="the tag in line 1 can't be read, nor many before it"):
        listed("<opml>" + '<outline a="b "c"/>' * 100_000)


@pytest.mark.parametrize("before", ["<br />\n<b>Warning</b>: foo() in bar\n", "&nbsp;junk", "HTTP/1.1 200 OK\n\n"])
def test_what_a_server_said_before_a_list_is_no_part_of_it(before: str) -> None:
    assert listed(f'{before}<?xml version="1.0"?><opml><body>{ITEM_A}</body></opml>') == Listed((A,))


@pytest.mark.parametrize("text", [ITEM_A + ITEM_B, f"<body>{ITEM_A}{ITEM_B}</body>", f"\n{ITEM_A}\n{ITEM_B}\n"])
def test_a_part_of_a_list_is_a_list(text: str) -> None:
    assert listed(text) == Listed((A, B))


def test_an_address_that_was_escaped_twice_is_meant_as_it_was_before() -> None:
    found = listed('<opml><body><outline xmlUrl="http://a.example/?a=1&amp;amp;b=2"/></body></opml>')
    assert found.outlines[0].url == "http://a.example/?a=1&b=2"


@pytest.mark.parametrize(
    ("outline", "note"),
    [
        (
            'text="L" type="link" url="http://l.example/o"',
            "http://l.example/o is a list of its own: save it and import it.",
        ),
        ('text="L" type="include" url="l.opml"', "l.opml is a list of its own: save it and import it."),
        ('text="L" f:opmlUrl="http://l.example/"', "http://l.example/ is a list of its own: save it and import it."),
        (
            'text="S" htmlUrl="http://s.example/"',
            "“S” names no feed; add http://s.example/ by itself, if it has one.",
        ),
        (
            'url="http://s.example/"',
            "“http://s.example/” names no feed; add http://s.example/ by itself, if it has one.",
        ),
        ('text="N" xmlUrl=" "', "“N” names no feed."),
    ],
)
def test_an_outline_that_is_no_feed_is_named(outline: str, note: str) -> None:
    assert listed(f'<opml xmlns:f="urn:f"><body><outline {outline}/>{ITEM_A}</body></opml>') == Listed((A,), (note,))


@pytest.mark.parametrize("outline", ['text="Empty"', 'text="Unread" type="vfolder"', 'xmlUrl=""'])
def test_an_empty_folder_is_nothing_to_speak_of(outline: str) -> None:
    assert listed(f"<opml><body><outline {outline}/>{ITEM_A}</body></opml>") == Listed((A,))


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="A" feedUrl="http://a.example/f"/>',
        '<outline text="A" rssUrl="http://a.example/f"/>',
        '<outline text="A" type="rss" href="http://a.example/f"/>',
        '<outline text="A" xmlUrl="feed/http://a.example/f"/>',
    ],
)
def test_the_address_of_a_feed_is_found_under_other_names(outline: str) -> None:
    assert listed(f"<opml><body>{outline}</body></opml>") == Listed((A,))


def test_a_title_that_was_escaped_twice_is_meant_as_it_was_before() -> None:
    text = (
        f"<opml><body>{ITEM_A.replace('A', 'Caf&amp;eacute; &amp;amp; &amp;quot;R&amp;D&amp;quot;', 1)}</body></opml>"
    )
    assert listed(text).outlines == (Outline("http://a.example/f", 'Café & "R&D"'),)


def test_a_feed_in_a_folder_and_outside_of_it_is_in_that() -> None:
    folder = f'<outline text="Clay">{ITEM_A}</outline>'
    for text in (f"{ITEM_A}{folder}", f"{folder}{ITEM_A}"):
        found = listed(f"<opml><body>{text}{ITEM_B}</body></opml>").outlines
        assert [one.category for one in found] == ["Clay", "Clay", ""]


def test_of_the_episodes_in_a_podcast_s_outline_nothing_is_said() -> None:
    episode = '<outline type="podcast-episode" title="One" url="http://a.example/1"/>'
    text = f'<outline type="rss" text="A" xmlUrl="http://a.example/f">{episode * 3}</outline>'
    assert listed(f"<opml><body>{text}</body></opml>") == Listed((A,))


@pytest.mark.processor_seconds(10)
def test_a_long_word_in_a_torn_tag_is_read_in_time() -> None:
    assert listed(f'<opml><body><outline "{"a" * 200_000}>{ITEM_A}</body></opml>').outlines == (A,)
