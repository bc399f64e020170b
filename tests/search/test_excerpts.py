"""Where something was found is shown with marks: whole letters, as they are written, and nothing but our own markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Entry, Feed
from aggregator.search import excerpts
from aggregator.search.excerpts import EXCERPT_CHARACTERS, excerpt, marked_title
from aggregator.search.marking import placed_terms
from aggregator.search.query import parse
from aggregator.search.terms import terms
from tests.examples import examples


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


@given(st.text(st.one_of(st.sampled_from("a+#. ßİﬁ機能ไทยשָׁמَ한é'—"), st.characters()), max_size=40))
@examples(300)
def test_terms_have_the_places_of_what_gives_them(text: str) -> None:
    found = placed_terms(text)
    assert [each.term for each in found] == terms(text)
    assert all(0 <= each.span.start < each.span.end <= len(text) for each in found)


def test_long_posts_that_have_the_words_far_apart_are_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def counted(text: str) -> list[str]:
        looked_at.append(text)
        return terms(text)

    monkeypatch.setattr(excerpts, "terms", counted)
    entry = Entry(content_html=f"<p>one {'x ' * 20_000} two</p>", feed=Feed(display="full"))
    reading = excerpts.Reading()
    shown = {str(excerpt(entry, parse("one two"), reading)) for _ in range(20)}
    assert all(text.startswith("<mark>one</mark> x x") for text in shown)
    assert len(looked_at) <= 400_000 / EXCERPT_CHARACTERS + 1
