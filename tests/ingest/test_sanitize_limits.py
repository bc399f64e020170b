"""What hostile HTML may cost: time that grows with its length, depth and size that stay bounded."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from bleach.html5lib_shim import getTreeWalker
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest import sanitize as sanitizing
from aggregator.ingest.sanitize import sanitize

BASE_URL = "https://blog.example/posts/1"
GENEROUS_SECONDS = 20
"""For what takes two; without our limits it takes minutes or hours."""

FLOODS = {
    "nested blocks": "<div>" * 40_000,
    "unclosed marks": "<b>" * 100_000,
    "unclosed links": "<a href=x>" * 20_000,
    "marks over paragraphs": "<b><p>x" * 20_000,
    "misnested marks": ("<b>" + "<i>" * 150 + "x</b>") * 1000,
    "nested tables": "<table><tr><td>" * 15_000,
    "nested lists": "<ul><li>" * 30_000,
    "text in tables": "<table>" + "x<tr>" * 20_000,
    "bare brackets": "<" * 500_000,
    "bare ampersands": "&" * 500_000,
    "references": "&lt;" * 120_000,
    "an endless reference": "&#" + "1" * 500_000,
    "open comments": "<!--" * 120_000,
    "open quotes": "<a x='" * 80_000,
    "brackets in quotes": '<a =">"' * 70_000,
    "attributes": "<a " + "x=1 " * 120_000 + ">",
    "spaces in a tag": "<a" + " " * 500_000 + "=>",
    "an unended tag": "<a" + " " * 500_000,
    "swallowed elements": "<svg>" * 50_000 + "</svg>" * 50_000,
    "unclosed scripts": "<script>" * 60_000,
    "commas": "<img src=x srcset='" + "," * 500_000 + "'>",
    "fractions in drawn fractions": (
        '<span class="katex">' + '<span class="mfrac vlist">' * 58 + "x" + "</span>" * 58 + "</span>"
    ),
    "nested boxes with a background": "url(" + "<a b>" * 116_000 + "</a>" * 116_000,
    "slashes": "<a" + " /" * 250_000 + ">",
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_cleaned_in_linear_time(flood: str) -> None:
    started = time.process_time()
    sanitize(flood, BASE_URL)
    assert time.process_time() - started < GENEROUS_SECONDS


@given(
    html=st.lists(
        st.sampled_from(["<b>", "</b>", "<i>", "<p>", "</p>", "<table>", "<tr>", "<td>", "<br>", "<!--x-->", "x"])
    )
)
def test_the_tree_is_walked_as_bleach_walks_it(html: list[str]) -> None:
    tree = sanitizing._cleaners.cleaner.parser.parseFragment("".join(html))
    assert list(sanitizing._Walker(tree)) == list(getTreeWalker("etree")(tree))


def test_deep_nesting_is_cut_and_its_text_stays() -> None:
    html = sanitize("<div>" * 5000 + "deep" + "</div>" * 5000 + "<p>after</p>", BASE_URL).html
    assert html == "<div>" * 200 + "deep" + "</div>" * 200 + "<p>after</p>"


@pytest.mark.parametrize("table", ["<table><tr><td><i>x", "<table><td>x", "<table>x<tr>y", "<table><font><tt><u>x"])
@pytest.mark.parametrize("depth", range(193, 202))
def test_a_table_near_the_limit_stays_as_it_is_when_it_is_cleaned_again(table: str, depth: int) -> None:
    once = sanitize("<div>" * depth + table, BASE_URL)
    assert once.excerpt.startswith("x")
    assert sanitize(once.html, BASE_URL) == once


def test_a_text_of_many_tags_goes_on_without_them() -> None:
    html = sanitize("<i>word</i> " * 40_000, BASE_URL).html
    assert 5_000 < html.count("<i>") < 30_000
    assert html.count("word") == 40_000


def test_a_huge_text_is_cut_between_words() -> None:
    html = sanitize("<p>" + "word &amp; " * 200_000, BASE_URL).html
    assert re.fullmatch(r"<p>(?:word &amp; )+(?:word )?</p><p>[^<>]*</p>", html.replace("<a>", "").replace("</a>", ""))
    assert len(html) < 2**20 + 100


def test_what_is_cut_says_so_and_leads_to_where_all_of_it_is() -> None:
    long = sanitize("<p>" + "word " * 300_000, BASE_URL, page_url="https://blog.example/a?b&c")
    assert long.is_cut
    rel = 'rel="noopener nofollow ugc"'
    assert long.html.endswith(f'word </p><p><a {rel} href="https://blog.example/a?b&amp;c">[…]</a></p>')
    short = sanitize("<p>" + "word " * 200_000, BASE_URL, page_url=BASE_URL)
    assert (short.is_cut, short.html.endswith("word </p>")) == (False, True)


def test_a_huge_word_is_cut_before_half_a_reference() -> None:
    html = sanitize("&copy;" * 400_000, BASE_URL).html
    assert set(re.sub("<[^<>]*>", "", html)) - set("[…]") == {"©"}


def test_long_addresses_cannot_blow_up_the_output() -> None:
    base_url = "https://blog.example/" + "a" * 1900 + "/"
    assert len(sanitize("<a href=x>y</a>" * 60_000, base_url).html) < 8 * 2**20


def test_threads_may_clean_at_the_same_time() -> None:
    pages = [f"<p>{number}<b>{number}" * 30 for number in range(60)]
    alone = [sanitize(page, BASE_URL) for page in pages]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda page: sanitize(page, BASE_URL), pages))
    assert together == alone
