"""The longest posts are whole on their own page, in parts: none is larger than a page may be, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.markup import plain_text
from aggregator.ingest.sanitize import MAX_HTML_CHARACTERS, sanitize
from aggregator.models import Entry
from aggregator.models.counting import refresh_counts
from aggregator.pages import parts as parts_module
from aggregator.pages.parts import PART_BYTES, parts_of
from tests.factories import make_entry, make_feed

MAX_BYTES = 2_000_000
LONG_BASE = "https://blog.example/" + "a" * 1900 + "/"
WORST = {
    "links to long addresses": "<a href=x>y</a> " * 65_000,
    "pictures at long addresses": "<img src=x> " * 87_000,
    "letters of four bytes": "𝕬" * MAX_HTML_CHARACTERS,
    "words of four bytes": "<p>" + "𝕬𝕬𝕬 " * (MAX_HTML_CHARACTERS // 4),
    "references": "& " * (MAX_HTML_CHARACTERS // 2),
    "a row of references": "&" * MAX_HTML_CHARACTERS,
    "a picture's endless name": '<img src="x.png" alt="' + "𝕬" * (MAX_HTML_CHARACTERS - 99) + '">and text',
    "an endless title": '<abbr title="' + "&" * 999_999 + '">abbreviated</abbr>',
    "short tags": "<b>b</b>" * 130_000,
    "deep tags": "<blockquote>" * 150 + "<p lang=en>words " * 60_000,
}


def text_of(html: str) -> str:
    return re.sub(r"\s+", "", plain_text(html, 10 * MAX_HTML_CHARACTERS))


def small_parts(html: str, monkeypatch: pytest.MonkeyPatch, *, part_bytes: int, again_bytes: int = 1000) -> list[str]:
    monkeypatch.setattr(parts_module, "PART_BYTES", part_bytes)
    monkeypatch.setattr(parts_module, "MAX_AGAIN_BYTES", again_bytes)
    return parts_of(html)


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("source", WORST.values(), ids=WORST.keys())
def test_the_worst_that_can_be_stored_is_in_parts_that_fit(source: str) -> None:
    html = sanitize(source, LONG_BASE).html
    parts = parts_of(html)
    assert max(len(part.encode()) for part in parts) <= PART_BYTES
    assert len(parts) <= len(html.encode()) // PART_BYTES + 2
    assert "".join(map(text_of, parts)) == text_of(html)


def test_a_post_that_fits_is_one_part() -> None:
    html = "<p>" + "w" * (PART_BYTES - 7) + "</p>"
    assert parts_of(html) == [html]
    assert parts_of("") == [""]


def test_a_part_ends_between_words_and_the_next_goes_on_with_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    html = '<ol start="3"><li id="p-1">' + "word &amp; " * 20 + "</li></ol><p>end</p>"
    first, second, *_ = small_parts(html, monkeypatch, part_bytes=120)
    assert re.fullmatch(r'<ol start="3"><li id="p-1">(word |&amp; )+</li></ol>', first)
    assert re.match(r'<ol start="3"><li>(word|&amp;) ', second)


def test_where_what_is_open_takes_too_much_it_goes_on_without_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    html = f'<a href="https://blog.example/{"a" * 50}">' + "word " * 100 + "</a>"
    _, second, *_ = small_parts(html, monkeypatch, part_bytes=200, again_bytes=50)
    assert second.startswith("<a>word ")


TREES = st.recursive(
    st.sampled_from(["word ", "𝕬", "&amp;", "<br>", '<img src="https://blog.example/a.png">', " ", "x" * 90]),
    lambda inner: st.builds(
        lambda name, children: f"<{name}>{''.join(children)}</{name}>",
        st.sampled_from(["b", "blockquote", "div", "ul", "em"]),
        st.lists(inner, max_size=6),
    ),
    max_leaves=40,
)


@given(html=TREES, most=st.integers(150, 400))
def test_every_part_is_balanced_and_fits_and_together_they_are_the_post(html: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        parts = small_parts(html, monkeypatch, part_bytes=most, again_bytes=50)
    for part in parts:
        assert len(part.encode()) <= most
        open_names: list[str] = []
        for slash, name in re.findall(r"<(/?)(b|blockquote|div|ul|em)>", part):
            assert not slash or open_names.pop() == name
            open_names += [] if slash else [name]
        assert open_names == []
    assert "".join(map(text_of, parts)) == text_of(html)
    assert "".join(parts).count("<img") == html.count("<img")


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def long_post(db: None) -> Entry:
    feed = make_feed("Long")
    post = make_entry(feed, "A long post", content_html="<p>" + "𝕬𝕬𝕬 first " * 90_000 + "</p><p>the end</p>")
    refresh_counts([feed])
    return post


def test_its_page_has_the_first_part_and_the_way_to_the_next(client: Client, long_post: Entry) -> None:
    first = client.get(long_post.get_absolute_url())
    second = client.get(long_post.get_absolute_url() + "part/2/")
    assert max(len(first.content), len(second.content)) < MAX_BYTES
    assert "Part 1 of 2" in first.text
    address = long_post.get_absolute_url()
    assert f'<a class="pager-older" href="{address}part/2/" rel="next">Part 2</a>' in first.text
    assert f'<a class="pager-newer" href="{address}" rel="prev">Part 1</a>' in second.text
    assert ("the end" in first.text, "the end" in second.text) == (False, True)
    assert "<title>A long post (part 2) · Long" in second.text


@pytest.mark.parametrize("part", ["0", "3", "²", "x", "", "9" * 18, "9" * 5000])
def test_other_parts_are_not_there(client: Client, long_post: Entry, part: str) -> None:
    assert client.get(f"{long_post.get_absolute_url()}part/{part}/").status_code == 404


def test_of_a_blog_that_shows_excerpts_there_are_no_parts(client: Client, long_post: Entry) -> None:
    long_post.feed.display = "excerpt"
    long_post.feed.save()
    assert "Part 1" not in client.get(long_post.get_absolute_url()).text
    assert client.get(long_post.get_absolute_url() + "part/2/").status_code == 404


def test_each_part_has_one_address(client: Client, long_post: Entry) -> None:
    for alias in ("1", "01", "02"):
        assert client.get(f"{long_post.get_absolute_url()}part/{alias}/").status_code == 404


@pytest.mark.django_db
def test_a_short_post_says_nothing_of_parts(client: Client) -> None:
    assert "Part 1" not in client.get(make_entry().get_absolute_url()).text
