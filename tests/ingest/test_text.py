"""Plain text from hostile text."""

from __future__ import annotations

from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.markup import plain_text
from aggregator.ingest.text import beginning, one_line, printable, resolve_entities, shorten
from tests.examples import examples


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  two \n\t words\u2028here ", "two words here"),
        ("a\x00b\x08c\x1bd\ud800e\ufffff", "abcdef"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("zero\u200b\ufeff\u2060width", "zerowidth"),
        ("\u200d\u200c" * 5000, ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🏳️\u200d🌈", "🏳️\u200d🌈"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("שלום עולם", "שלום עולם"),
        ("Tom & Jerry &amp; co", "Tom & Jerry &amp; co"),
    ],
)
def test_a_line_keeps_what_can_be_read(written: str, read: str) -> None:
    assert one_line(written, 300) == read


@pytest.mark.parametrize(
    "blank", ["\u3164", "\u2800 \u2800", "\u115f\u1160", "\uffa0\u200d\uffa0", "\ufe0f", "\u034f", "\U000e0041"]
)
def test_a_line_of_which_nothing_can_be_seen_is_empty(blank: str) -> None:
    assert (one_line(blank, 300), plain_text(f"<b>{blank}</b>", 300)) == ("", "")
    assert one_line(f"{blank} a", 300) == f"{blank} a"


def test_a_flood_of_combining_marks_is_cut() -> None:
    assert one_line("Z" + "\u0301" * 3000 + "algo", 300) == "Z" + "\u0301" * 8 + "algo"


@pytest.mark.parametrize("mark", ["\u1cd0", "\u302a", "\ua8e0", "\u0f39", "\U0001e8d0"])
def test_a_flood_of_any_script_s_marks_is_cut(mark: str) -> None:
    assert one_line(f"a{mark * 9}b", 300) == f"a{mark * 8}b"


def test_a_joiner_between_combining_marks_does_not_lengthen_their_row() -> None:
    assert one_line("a" + ("\u0301" * 4 + "\u200d") * 30 + "b", 300) == "a" + ("\u0301" * 4 + "\u200d") * 2 + "b"


def test_letters_that_each_have_marks_are_no_flood() -> None:
    scotland = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    line = "नी" * 20 + scotland * 3 + "、。" * 10 + "❤\ufe0f" * 12
    assert one_line(line, 300) == line


def test_a_long_text_is_cut_between_words() -> None:
    assert shorten("one two three", 9) == "one two…"


def test_a_text_that_ends_a_word_at_the_limit_keeps_that_word() -> None:
    assert shorten("one two three", 8) == "one two…"


def test_a_long_word_is_cut_anywhere() -> None:
    assert shorten("a" * 1_000_000, 300) == "a" * 299 + "…"


def test_a_text_that_fits_is_not_cut() -> None:
    assert shorten("one two", 7) == "one two"


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["a", "word", " ", "\n", "\xa0", "\x00", "\x1c", "\u200b", "\u200d", "\u200f", "\u0301", "é"]),
        st.sampled_from([" " * 30, "\u200c" * 30, "\u0301" * 7, "\u0301" * 30, "\ufeff" * 30, "\u200d\u200b" * 30]),
        st.text(max_size=3),
    ),
    max_size=60,
)


@examples(500)
@given(PIECES, st.integers(2, 12))
def test_a_line_is_the_same_as_if_all_that_may_count_were_read(pieces: list[str], max_length: int) -> None:
    text = "".join(pieces)
    most = 20 * max_length
    assert one_line(text, max_length) == shorten(one_line(text[:most], most), max_length)
    assert beginning(pieces, max_length) == one_line(text, max_length)


def test_no_more_pieces_are_taken_than_a_line_needs() -> None:
    assert beginning(repeat("word "), 12) == "word word…"


def test_line_ends_become_one_kind() -> None:
    assert printable("a\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&amp;lt;", "&lt;"),
        ("&eacute;&#233;&#xe9;", "ééé"),
        ("&#99999999999999;", "\ufffd"),
        ("&#" + "1" * 10_000 + ";", "\ufffd"),
        ("&#x110000;&#xd800;", "\ufffd\ufffd"),
    ],
)
def test_references_are_resolved_once_and_never_raise(written: str, read: str) -> None:
    assert resolve_entities(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tips &amp; <b>tri</b>cks", "Tips & tricks"),
        ("&amp;lt;b&amp;gt; in HTML", "&lt;b&gt; in HTML"),
        ("&lt;b&gt; in HTML", "<b> in HTML"),
        ("<p>one</p><p>two<br>three</p>", "one two three"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("Vec<T> and <my-element>", "Vec<T> and <my-element>"),
        ("x<script>alert(1)</script>y", "xy"),
        ("<img src=x onerror=alert(1)>Hello", "Hello"),
        ("<xss onclick=alert(1)>Hello", "Hello"),
        ("Hello <!-- hidden -->world", "Hello world"),
        ("Hello <a href='", "Hello"),
        ("<p> </p>", ""),
        # Those who write about PHP write so in titles; Word's "<?xml:namespace" is nothing to read.
        ("Using &lt;b> and <?php in <i>views</i>", "Using <b> and <?php in views"),
        ("What <?= does", "What <?= does"),
        ('a <?xml:namespace prefix = o ns = "urn:x" /> b', "a b"),
    ],
)
def test_html_becomes_plain_text(written: str, read: str) -> None:
    assert plain_text(written, 300) == read


def test_a_title_of_a_megabyte_is_cut() -> None:
    assert len(plain_text("<b>word</b> " * 100_000, 300)) <= 300
