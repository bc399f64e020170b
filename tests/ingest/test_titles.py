"""Titles that speak of markup, and titles that have some."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.markup import plain_text
from aggregator.ingest.titles import title_text

NOUNS = [
    "A <h1> inside an <a>?",
    "<style> at the top",
    "Using <details> and <summary>",
    "The <b> tag",
    "The <br> element",
    "<T> in Rust",
    "HashMap<K, V> and Vec<T: Clone>",
    "I <3 you",
    "1 < 2 && 3 > 2",
    "</div> considered harmful",
    "Stop using <div></div>",
    "From <ul> to </ul>, slowly",
    'Styling <input type="checkbox">',
    "What does <!DOCTYPE html> do?",
    "Why <?php in <my-element>",
    "(<title>) in SVG",
]


@pytest.mark.parametrize("title", NOUNS)
def test_the_name_of_an_element_stays(title: str) -> None:
    assert title_text(title, 300) == title


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<i>Emphasis</i> added", "Emphasis added"),
        ("<p>Whole</p>", "Whole"),
        ("<p> Whole </p>", "Whole"),
        ("One<br>two<br/>three", "One two three"),
        ("First <br> second", "First second"),
        ("First<p>second", "First second"),
        ("<b>Cut off", "Cut off"),
        ("<span class='icon'></span>News", "News"),
        ("<a href='/x'>Link</a> of the week", "Link of the week"),
        ("How <em>not</em> to use <em>", "How not to use <em>"),
        ("x<sup>2</sup> and <code>&lt;p&gt;</code>", "x² and <p>"),
        ("&lt;em&gt;word&lt;/em&gt;", "<em>word</em>"),
        ("<![CDATA[Twice wrapped]]>", "Twice wrapped"),
        ("Office<o:p></o:p> hours", "Office hours"),
        ("Hi<script>alert(1)</script> <img src=x onerror=alert(1)>there", "Hi there"),
        ("Hello <!-- hidden -->world", "Hello world"),
        ("Hello <a href='", "Hello"),
        ("<xss onclick=alert(1)>Hello", "Hello"),
    ],
)
def test_markup_goes(written: str, read: str) -> None:
    assert title_text(written, 300) == read


@given(st.text(alphabet="ab &;<", max_size=40))
def test_a_title_without_tags_is_read_as_any_text(title: str) -> None:
    assert title_text(title.replace("<", "< "), 300) == plain_text(title.replace("<", "< "), 300)


@pytest.mark.no_cover
@pytest.mark.parametrize("flood", ["<a", "<a>", "<a '", "</b>", "<![CDATA[", "<br ", "<i><b>"])
def test_a_title_of_a_megabyte_is_cut_in_time(flood: str) -> None:
    started = time.process_time()
    assert len(title_text(flood * 200_000, 300)) <= 300
    assert time.process_time() - started < 5
