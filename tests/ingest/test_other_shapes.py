"""Texts under other names, in other wrappings, and items that are hardly there: none of them is lost."""

from __future__ import annotations

import json
from html import escape

import pytest

from aggregator.ingest.parse import parse
from aggregator.ingest.plain import as_html, with_lines
from aggregator.ingest.titles import title_text, with_signs_resolved
from aggregator.ingest.types import RawDocument
from tests.ingest.test_captions import SPACES, URL, rss_item
from tests.ingest.test_shown import clean

MORE = (
    'xmlns:yandex="http://news.yandex.ru" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:source="http://source.scripting.com/"'
)


def rss(items: str) -> RawDocument:
    return parse(f'<rss version="2.0" {SPACES} {MORE}><channel><title>Blog</title>{items}</channel></rss>', URL, "")


def atom(inner: str) -> RawDocument:
    entry = f"<entry><id>tag:1</id>{inner}</entry>"
    return parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>b</id>{entry}</feed>', URL, "")


# Wrappings


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("&lt;p&gt;One &amp;amp; two&lt;/p&gt;", "<p>One &amp; two</p>"),
        ("&lt;img src=&quot;/a.png&quot;&gt;", '<img src="/a.png">'),
        ("&lt;p&gt; begins and &lt;/p&gt; ends a paragraph.", None),
        ("&lt;b&gt;", None),
        (
            "One <b>bold</b>\nline\n\nand <a\nhref='/x'>more</a>",
            "<p>One <b>bold</b><br>\nline</p>\n<p>and <a href='/x'>more</a></p>",
        ),
        ("One<!--more-->\n\ntwo", "<p>One<!--more--></p>\n<p>two</p>"),
        ("One <b>bold</b>\nline", None),
        ("One <b>bold</b>\n\n<pre>code</pre>", None),
    ],
)
def test_html_that_lost_its_paragraphs_or_was_escaped_twice_is_mended(written: str, html: str | None) -> None:
    assert with_lines(written) == (written if html is None else html)


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<p>One</p>", True),
        ("\n<div class='a'>One\n<b>two</b></div>\n", True),
        ("<a href='/x'>One</a><br>", True),
        ("<p>", False),
        ("<p> and </p> are a pair", False),
        ("<b>not enough to tell</b>", False),
        ("1 < 2 > 0", False),
    ],
)
def test_a_text_that_is_html_throughout_is_taken_for_it(text: str, is_html: bool) -> None:
    assert (as_html(text) == text) is is_html
    (item,) = atom(f"<content>{escape(text)}</content>").items
    assert (item.content_html == text.strip()) is is_html


def test_markdown_is_read_as_it_was_typed() -> None:
    (item,) = atom('<content type="text/markdown"># One\n\n* two &lt;b&gt;</content>').items
    assert item.content_html == "<p># One</p>\n<p>* two &lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<![CDATA[<p>One</p>]]>", "<p>One</p>"),
        ("One<script src='/x.js'/> two<script>no()</script> three", "One two three"),
        ("One<style/> two", "One two"),
        ("One<script>no()", "One"),
        ("One<script src=/x/>no()</script> two", "One two"),
    ],
)
def test_marks_of_xml_swallow_no_words(html: str, shown: str) -> None:
    assert clean(html) == shown


# Other names


@pytest.mark.parametrize("name", ["yandex:full-text", "fulltext", "full-text"])
def test_a_whole_text_of_another_name_wins_over_its_beginning(name: str) -> None:
    item = rss_item(
        f"<description>Begins</description><{name} xmlns:yandex='http://news.yandex.ru'>Begins and ends</{name}>"
    )
    assert item.content_html == "Begins and ends"


@pytest.mark.parametrize(
    ("inner", "html"),
    [
        ("<media:text type='html'>&lt;p&gt;Said.&lt;/p&gt;</media:text>", "<p>Said.</p>"),
        ("<media:content url='/a.mp4'><media:text>Said.</media:text></media:content>", "<p>Said.</p>"),
        ("<dcterms:abstract>Said.</dcterms:abstract>", "Said."),
        ("<source:markdown>*Said.*</source:markdown>", "<p>*Said.*</p>"),
        ("<media:text>Said.</media:text><description>Own.</description>", "Own."),
        ("<source:markdown>Said.</source:markdown><description>Own.</description>", "Own."),
    ],
)
def test_without_a_text_of_its_own_what_is_said_beside_it_is_shown(inner: str, html: str) -> None:
    (item,) = rss(f"<item><title>One</title>{inner}</item>").items
    assert item.content_html == html


def test_the_title_for_podcast_apps_is_better_than_none() -> None:
    (item,) = rss("<item><itunes:title>One</itunes:title><enclosure url='/a.mp3'/></item>").items
    assert item.title == "One"
    (item,) = rss("<item><title>Own</title><itunes:title>One</itunes:title></item>").items
    assert item.title == "Own"


# Items that are hardly there


@pytest.mark.parametrize(
    "inner",
    [
        '<link rel="canonical" href="https://e.example/1"/>',
        '<link rel="shortlink" href="https://e.example/1"/>',
        '<link rel="replies" href="https://e.example/1"/>',
        '<content type="text/html" src="https://e.example/1"/>',
    ],
)
def test_an_entry_that_only_leads_on_is_shown_as_that_link(inner: str) -> None:
    (item,) = atom(inner).items
    assert item.url == "https://e.example/1"


def test_an_item_with_nothing_but_comments_leads_to_them() -> None:
    (item,) = rss("<item><comments>https://e.example/1#c</comments></item>").items
    assert item.url == "https://e.example/1#c"
    (item,) = rss(
        "<item><title>One</title><description>x</description><comments>https://e.example/1</comments></item>"
    ).items
    assert item.url == ""


def test_an_item_that_says_nothing_is_counted() -> None:
    document = rss("<item><category>cats</category></item><item><author>a@b.example</author></item>")
    assert (len(document.items), document.skipped.empty) == (0, 2)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ('<content type="image/png" src="https://e.example/a.png"/>', "image/png"),
        ('<content type="video/mp4" src="https://e.example/a.mp4"/><summary>Film</summary>', "video/mp4"),
    ],
)
def test_an_entry_whose_content_is_a_file_has_it(content: str, media_type: str) -> None:
    (item,) = atom(content).items
    assert [one.media_type for one in item.enclosures] == [media_type]


def test_an_id_of_a_json_item_that_is_an_address_is_its_link() -> None:
    items = [{"id": "https://e.example/1"}, {"id": "https://e.example/2", "url": "https://e.example/two"}, {"id": "3"}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": items}
    document = parse(json.dumps(feed), URL, "")
    assert [item.url for item in document.items] == ["https://e.example/1", "https://e.example/two"]
    assert document.skipped.empty == 1


# Titles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10<sup>6</sup> users", "10⁶ users"),
        ("1<sup>1</sup>/<sub>2</sub>", "1¹/2"),
        ("log<sub>10</sub>100", "log₁₀100"),
        ("The 1<sup>st</sup> of H<sub>2</sub>O", "The 1st of H2O"),
        ("In 2019<sup><a href='#fn1'>1</a></sup>", "In 2019¹"),
        ("On <math><mfrac><mn>3</mn><mn>1</mn></mfrac></math>", "On (3)/(1)"),
        (
            (
                "<span class='katex'><math><mn>3</mn><annotation encoding='TeX'>\\frac31</annotation></math>"
                "<span aria-hidden=true>31</span></span>"
            ),
            "\\frac31",
        ),
        ("The <math> element", "The <math> element"),
        ("Hi <img class='wp-smiley' alt='😀' src='/x.png'> there", "Hi 😀 there"),
        ("<img src='/cat.png' alt='A &amp; B'>", "A & B"),
        ("<img src='/cat.png'>", ""),
        ("<span style='display:none'>draft</span>Shown", "Shown"),
        ("Using hidden <b> and <script> tags", "Using hidden <b> and <script> tags"),
    ],
)
def test_a_title_says_what_is_seen(written: str, read: str) -> None:
    assert title_text(written, 300) == read


def test_quotes_and_dashes_that_were_escaped_twice_are_signs() -> None:
    assert with_signs_resolved("It&#8217;s &ldquo;so&rdquo;&nbsp;&ndash; &#039;x&#39;") == "It’s “so”\xa0– 'x'"
    assert with_signs_resolved("Why &amp; and &lt; are escaped") == "Why &amp; and &lt; are escaped"
