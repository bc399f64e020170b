"""The feeds that a web page names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.discover import feed_links

PAGE = "https://blog.example/about/"
FEEDS = Path(__file__).parents[1] / "feeds"


def link(href: str, *, content_type: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{content_type}" title="{title}" href="{href}">'


def urls(page: str, url: str = PAGE) -> list[str]:
    return [found.url for found in feed_links(page, url)]


def test_a_real_page_gives_its_feeds_best_first() -> None:
    page = (FEEDS / "page_with_feeds.html").read_text(encoding="utf-8")
    assert urls(page) == [
        "https://www.blog.example/news/atom.xml?a=1&b=2",
        "https://www.blog.example/news/feed.json",
        "https://www.blog.example/category/signals/feed/",
        "https://www.blog.example/comments/feed/",
    ]


def test_a_link_carries_its_title_and_type() -> None:
    found = feed_links(link("/f", content_type="application/atom+xml; charset=utf-8", title="A &amp;\n B"), PAGE)[0]
    assert (found.title, found.content_type) == ("A & B", "application/atom+xml")


def test_relative_addresses_resolve_against_the_page() -> None:
    assert urls(link("feed.xml")) == ["https://blog.example/about/feed.xml"]


def test_relative_addresses_resolve_against_base() -> None:
    assert urls(f'<base href="/en/">{link("feed.xml")}') == ["https://blog.example/en/feed.xml"]


def test_a_base_that_is_no_web_address_is_ignored() -> None:
    assert urls(f'<base href="javascript:x">{link("feed.xml")}') == ["https://blog.example/about/feed.xml"]


def test_without_announced_feeds_plain_links_count() -> None:
    page = '<a href="/about/">About</a> <a href="/rss.xml?x=1">RSS</a> <a href="/feed/">Feed</a> <a href="/x.rss">x</a>'
    assert urls(page) == [f"https://blog.example/{name}" for name in ("rss.xml?x=1", "feed/", "x.rss")]


def test_plain_links_do_not_count_beside_announced_feeds() -> None:
    assert urls(f'{link("/atom.xml")}<a href="/rss.xml">') == ["https://blog.example/atom.xml"]


def test_a_link_to_a_page_about_feeds_is_no_feed() -> None:
    assert urls('<a href="/what-is-rss.html">What is RSS?</a> <a href="/feedback/">Feedback</a>') == []


def test_a_feed_that_is_named_twice_comes_once() -> None:
    assert urls(link("/f.xml") + link("https://blog.example/f.xml#x", title="again")) == ["https://blog.example/f.xml"]


def test_no_more_than_twenty_come() -> None:
    assert len(urls("".join(link(f"/{number}.xml") for number in range(1000)))) == 20


def test_a_page_without_feeds_names_none() -> None:
    assert urls("<!doctype html><title>Hello</title><p>Nothing here.") == []


def test_what_stands_beyond_the_first_half_mebibyte_is_not_read() -> None:
    assert urls("x" * 512 * 1024 + link("/late.xml")) == []


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize("piece", ["<a ", "<link rel=", "<!--", "<![", "</a", "<script>", "&", "<a href='/feed/'>"])
def test_half_a_mebibyte_of_torn_markup_is_read_in_time(piece: str) -> None:
    feed_links(piece * (2**20 // len(piece)), PAGE)


@given(st.text(alphabet="<>/!-[]?= '\"&#;ablinkhrefstypedocx\x00", max_size=300))
def test_no_page_makes_it_raise(page: str) -> None:
    feed_links(page, PAGE)
