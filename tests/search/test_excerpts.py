"""Where something was found is shown with marks: whole letters, as they are written, and nothing but our own markup."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.ingest.whole_text import whole_text
from aggregator.models import Entry, Feed
from aggregator.search import excerpts
from aggregator.search.excerpts import EXCERPT_CHARACTERS, excerpt, marked_title
from aggregator.search.marking import placed_letter_by_letter, placed_terms
from aggregator.search.query import parse
from aggregator.search.terms import terms
from tests.examples import examples

ODD = "a+#. ßİﬁ機能ไทยשָׁמَ한é'—"


def shown(html: str, query: str, display: str = "full", **fields: object) -> str:
    entry = Entry(content_html=html, feed=Feed(display=display), **fields)
    return str(excerpt(entry, parse(query)))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("A Naïve idea", "naive", "A <mark>Naïve</mark> idea"),
        ("naive", "NAÏVE", "<mark>naive</mark>"),
        ("die Straße", "STRASSE", "die <mark>Straße</mark>"),
        ("say שָׁלוֹם now", "שלום", "say <mark>שָׁלוֹם</mark> now"),
        ("مَرْحَبًا بك", "مرحبا", "<mark>مَرْحَبًا</mark> بك"),
        ("新しい機能です", "機能", "新しい<mark>機能</mark>です"),
        ("新しい機能です", "しい機", "新<mark>しい機</mark>能です"),
        ("新しい機能です", "機", "新しい<mark>機</mark>能です"),
        ("ภาษาไทย", "ไทย", "ภาษา<mark>ไทย</mark>"),
        ("東京 都", "京都", "東<mark>京 都</mark>"),
        ("in C++, C and C#", "C++", "in <mark>C++</mark>, C and C#"),
        ("on .NET today", ".net", "on <mark>.NET</mark> today"),
        ("on node.js", "node.js", "on <mark>node.js</mark>"),
        ("class based, based class", '"class based"', "<mark>class based</mark>, based class"),
        ("one two one", "one -two", "<mark>one</mark> two <mark>one</mark>"),
        ("one two", "title:one two", "one <mark>two</mark>"),
        ("one", "source:x", "one"),
        ("a&amp;b <b>bold</b>ly", "boldly", "a&amp;b <mark>boldly</mark>"),
        ("<p>cafe\u0301 noir</p>", "café", "<mark>cafe\u0301</mark> noir"),
    ],
)
def test_marks_cover_whole_words_as_they_are_written(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


def test_a_long_text_is_cut_around_its_words() -> None:
    found = shown(f"<p>{'before ' * 400}the rare word {'after ' * 400}</p>", "rare word")
    assert "the <mark>rare</mark> <mark>word</mark> after" in found
    assert found.startswith("… before ")
    assert found.endswith("after …")
    assert len(found) < EXCERPT_CHARACTERS + 40


@pytest.mark.parametrize(
    ("filler", "query", "expected"),
    [
        ("before ", "rare word", "<mark>rare</mark> <mark>word</mark>"),
        ("avant\u2014été ", "rare word", "<mark>rare</mark> <mark>word</mark>"),
        ("שָׁלוֹם ", "rare word", "<mark>rare</mark> <mark>word</mark>"),
        ("ไทยที่ ", "word", "<mark>word</mark>"),
        ("hindīहिन्दी ", '"rare word"', "<mark>rare word</mark>"),
        ("word’s rare ", '"rare word"', "<mark>rare word</mark>"),
        ("c .net ", "c++", "<mark>C++</mark>"),
        ("c .net ", "node.js", "<mark>node.js</mark>"),
        ("東のみ ", "東京都", "<mark>東京都</mark>"),
        ("東のみ ", '"c# 東京"', "<mark>c# 東京</mark>"),
        ("東のみ ", "大", "<mark>大</mark>"),
        ("x" * 50 + " ", "ab" * 30, f"<mark>{'ab' * 30}</mark>"),
    ],
)
def test_the_excerpt_shows_the_place_far_down_in_a_long_post(filler: str, query: str, expected: str) -> None:
    piece = f"rare word C++ node.js 東京都 大 c# 東京 {'ab' * 30}"
    if query == '"rare word"' and "rare" in filler:
        filler = filler.replace("rare", "rarely")
    found = shown(f"<p>{filler * (120_000 // len(filler))}</p><p>{piece}</p><p>{'after ' * 100}</p>", query)
    assert expected in found
    assert found.startswith("… ")


def test_a_long_post_of_many_spaces_is_read_to_its_end() -> None:
    code = f"<pre>{'line' + ' ' * 60}\n{'x' * 60 + ' ' * 20_000}</pre>" * 4
    assert "<mark>word</mark>" in shown(f"{code}word", "word")


def test_what_is_not_there_after_all_leads_to_no_other_place() -> None:
    """The cheap look takes letters of rare scripts for words; what it names is looked at."""
    near = f"{'ა' * 20}ბგ {'before ' * 200}"
    assert "<mark>ბგ</mark>" in shown(f"{'before ' * 100}{near}ბგ {'after ' * 100}", "ბგ after")


@pytest.mark.parametrize("html", [f"<p>{'word ' * 60_000}", "word " * 60_000, f"a < b {'word ' * 60_000}"])
def test_a_giant_text_without_a_tag_is_read_nevertheless(html: str) -> None:
    assert "<mark>word</mark>" in shown(html, "word")


def test_a_tag_that_is_torn_where_reading_ends_is_not_shown() -> None:
    link = '<a href="https://blog.example/a/long/address">x</a> '
    assert "blog.example" not in shown(link * (600_000 // len(link)), "blog")


def test_without_the_words_in_it_a_text_is_shown_from_its_beginning() -> None:
    assert shown("word " * 100, "tag:python").startswith("word word ")
    assert shown("word " * 100, "other").startswith("word word ")


@pytest.mark.parametrize("text", ["ไ" + "ท\u0e35\u0e48" * 300, "e\u0301" * 500, "👩\u200d👩\u200d👧" * 200, "字" * 900])
def test_a_text_is_cut_between_letters(text: str) -> None:
    found = shown(text, "other").removesuffix(" …")
    assert text.startswith(found)
    assert text[len(found)] in "ท👩字e"


def test_nothing_that_a_blog_wrote_is_markup() -> None:
    forged = "&lt;mark&gt;word&lt;/mark&gt; &lt;img src=x onerror=alert(1)&gt; \u202eword\u2066 word"
    assert shown(forged, "word").count("<") == 6
    assert "\u202e" not in shown(forged, "word")
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown(forged, "word")
    title = marked_title("<img src=x onerror=alert(1)> <mark>word</mark> \u202edrow {} %s", parse("word img mark"))
    assert title.replace("<mark>", "").replace("</mark>", "") == (
        "&lt;img src=x onerror=alert(1)&gt; &lt;mark&gt;word&lt;/mark&gt; drow {} %s"
    )


def test_a_blog_that_shows_titles_alone_or_excerpts_gives_no_more_away() -> None:
    assert shown("secret word", "word", display="link") == ""
    assert shown("secret word", "word", display="excerpt", excerpt="The word.") == "The <mark>word</mark>."


@pytest.mark.processor_seconds(5)
def test_the_longest_posts_take_bounded_time() -> None:
    for piece in ("<p>word and word</p>", "<b", "機能です ", "שָׁלוֹם ", "&amp;", "<i>" * 9 + "x "):
        assert "<script" not in shown(piece * (850_000 // len(piece)), "absent elsewhere nowhere")


@given(st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=40))
@example("¬\x1f.a")
@example("ท\x1fย")
@examples(300)
def test_terms_have_the_places_of_what_gives_them(text: str) -> None:
    found = placed_terms(text)
    assert [each.term for each in found] == terms(text)
    assert all(0 <= each.span.start < each.span.end <= len(text) for each in found)


def test_a_page_of_long_posts_that_have_the_words_far_apart_reads_so_much_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def counted(html: str, most: int) -> str:
        read.append(len(text := whole_text(html, most)))
        return text

    monkeypatch.setattr(excerpts, "whole_text", counted)
    entry = Entry(content_html=f"<p>one {'x ' * 60_000} two</p>", feed=Feed(display="full"))
    reading = excerpts.Reading()
    shown = {str(excerpt(entry, parse("one two"), reading)) for _ in range(20)}
    assert all(text.startswith("<mark>one</mark> x x") for text in shown)
    assert sum(read) <= 400_000 + 2 * excerpts.MAX_READ_CHARACTERS


@given(
    st.text(
        st.one_of(st.sampled_from("a+#. ßİﬁ機能ไทยשָׁמَ한é'—Éσςｶﾞ가ᄀ\u200d🎉🇦☺\ufe0fक्षि１"), st.characters()), max_size=40
    )
)
@example("¬\x1f.a")  # a separator, which is a space to Python and none to Unicode
@example("ท\x1fย")
@examples(300)
def test_the_quick_way_to_places_gives_what_the_long_way_gives(text: str) -> None:
    assert placed_terms(text) == placed_letter_by_letter(text)
