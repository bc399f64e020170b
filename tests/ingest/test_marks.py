"""What shows whose a blog is, and what others write on it, which shows nothing."""

from __future__ import annotations

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.marks import feed_has, file_has, page_has_link, page_has_meta
from aggregator.ingest.parse import parse

CODE = "k3Jq8sWmZt41LxPa7VbnRc2YdEfGhTuQ"
OTHER = "another8sWmZt41LxPa7VbnRc2YdEfGh"
META = f'<meta name="orrery-verify" content="{CODE}">'
SOURCES = "https://planet.example/source"
ME = f'<a rel="me" href="{SOURCES}/alice/#{CODE}">here</a>'


def rss(channel: str = "", *items: str) -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>A</title>{channel}{inside}</channel></rss>'.encode()
    )


def in_feed(body: bytes) -> bool:
    url = "https://alice.example/feed"
    return feed_has(parse(decode(body, ""), url, ""), CODE)


def in_page(body: str) -> bool:
    return page_has_meta(decode(body.encode(), "text/html"), CODE)


def in_link(body: str) -> bool:
    return page_has_link(decode(body.encode(), "text/html"), "https://alice.example/", CODE, SOURCES)


# -- a line in the feed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        rss(f"<description>Walks. {CODE}</description>"),
        rss(f"<copyright>(c) Alice ({CODE})</copyright>"),
        rss("", f"<title>{CODE}</title><link>https://alice.example/1</link>"),
        rss("", f"<title>One</title><description>&lt;p&gt;Mine: &lt;b&gt;{CODE}&lt;/b&gt;.&lt;/p&gt;</description>"),
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><rights>{CODE}</rights></feed>'.encode(),
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "A", "description": "{CODE}"}}'.encode(),
    ],
)
def test_a_code_that_a_feed_says_of_itself_or_in_a_post_shows_whose_it_is(body: bytes) -> None:
    assert in_feed(body)
    assert not in_feed(body.replace(CODE.encode(), OTHER.encode()))


@pytest.mark.parametrize(
    "body",
    [
        rss(f"<description>x{CODE}</description>"),
        rss(f"<description>{CODE}7</description>"),
        rss(f"<description>{CODE.lower()}</description>"),
        rss("", f"<title>One</title><description>&lt;a href='/?q={CODE}'&gt;one&lt;/a&gt;</description>"),
        rss("", f"<title>One</title><link>https://alice.example/{CODE}</link>"),
        rss("", f"<title>One</title><guid>{CODE}</guid>"),
    ],
)
def test_a_part_of_a_word_or_of_an_address_shows_nothing(body: bytes) -> None:
    assert not in_feed(body)


def test_a_post_that_came_from_elsewhere_shows_nothing() -> None:
    source = '<source url="https://bob.example/feed">Bob</source>'
    assert not in_feed(rss("", f"<title>{CODE}</title>{source}"))


def test_in_a_feed_of_several_authors_only_the_feed_itself_speaks() -> None:
    posts = [f"<title>Post {CODE}</title><author>bob</author>", "<title>Two</title><author>alice</author>"]
    assert not in_feed(rss("", *posts))
    assert in_feed(rss("", posts[0]))
    assert in_feed(rss(f"<description>{CODE}</description>", *posts))


# -- a <meta> --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        f"<!doctype html><html><head><title>A</title>{META}</head><body>Hello</body></html>",
        f"<title>A</title>{META}<p>Hello",
        f"<html lang=en><meta charset=utf-8><link rel=icon href=x><style>p {{}}</style><script>1<2</script>{META}",
        f"<head><META CONTENT='{CODE}' NAME='Orrery-Verify' />",
        f"<head><!-- hello -->\n<noscript><p>no</p></noscript>{META}",
        f"<head><![if IE]>{META}",
    ],
)
def test_a_meta_in_the_head_shows_whose_it_is(page: str) -> None:
    assert in_page(page)
    assert not in_page(page.replace(CODE, OTHER))


@pytest.mark.parametrize(
    "page",
    [
        f"<head><title>A</title></head><body>{META}</body>",
        f"<head><title>A</title><p>comment: {META}",
        f"<head><title>A</title></head>{META}",
        f"<head><title>A</title><p>{META}",
        f"<body><div>{META}</div>",
        f"<body><pre>{META}</pre>",
        f"<form><textarea>{META}</textarea></form>",
        f"<head><!-- {META} --></head>",
        f"<head><title>Re: {META}</title></head>",
        f"<head><script>var x = '{META}'</script></head>",
        f"<head><script/>var x = '{META}'</script></head>",
        f"<head><style>{META}</style></head>",
        f"<head><template>{META}</template></head>",
        f"<head><noscript>{META}</noscript></head>",
        f"<head>words{META}",
        f'<head><meta name="description" content="{CODE}">',
        f'<head><meta name="orrery-verify" content="{CODE} and more">',
        f'<head><meta name="orrery-verify" content="" title="{CODE}">',
        f'<head><meta name="x" content="&lt;meta name=&quot;orrery-verify&quot; content={CODE}&gt;">',
    ],
)
def test_a_meta_that_others_can_have_written_shows_nothing(page: str) -> None:
    assert not in_page(page)


# -- a file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        (CODE, True),
        (f"# ours\r\n{CODE}  \r\n{OTHER}\r\n", True),
        (f"{CODE}{OTHER}", False),
        (f"<p>Not found: {CODE}</p>", False),
        (OTHER, False),
    ],
)
def test_a_file_shows_it_by_a_line(text: str, is_shown: bool) -> None:
    assert file_has(text, CODE) is is_shown


# -- rel="me" --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        f"<body><footer>{ME}</footer>",
        f'<head><link rel="me" href="{SOURCES}/alice/#{CODE}">',
        f'<a class=u-url href="http://www.planet.example/source/alice#{CODE}" rel="noopener ME nofollow">x</a>',
        f"<div class=comment><p>by others</div><footer>{ME}",
    ],
)
def test_a_link_to_the_source_with_the_code_shows_whose_it_is(page: str) -> None:
    assert in_link(page)
    assert not in_link(page.replace(CODE, OTHER))


@pytest.mark.parametrize(
    "page",
    [
        f'<a rel="me" href="{SOURCES}/alice/">without the code, it says nothing of who asks</a>',
        f'<a rel="me" href="https://elsewhere.example/source/alice/#{CODE}">x</a>',
        f'<a href="{SOURCES}/alice/#{CODE}">x</a>',
        f'<a rel="me nofollow ugc" href="{SOURCES}/alice/#{CODE}">x</a>',
        f"<article>{ME}</article>",
        f"<blockquote><p>{ME}</blockquote>",
        f"<pre>{ME}</pre>",
        f"<textarea>{ME}</textarea>",
        f"<ol class=commentlist><li><div>{ME}</div></li></ol>",
        f"<section id=comments><section>x</section>{ME}</section>",
        f"<div class='h-cite u-comment'>{ME}</div>",
        f"<article><p>never closed {ME}",
        f"<!-- {ME} -->",
    ],
)
def test_a_link_that_others_can_have_written_shows_nothing(page: str) -> None:
    assert not in_link(page)


@pytest.mark.processor_seconds(5)
@pytest.mark.parametrize("page", ["<" * 600_000, "<a " * 200_000, "<!--" * 150_000, "<title>" * 90_000, "</" * 300_000])
def test_hostile_pages_are_read_in_time(page: str) -> None:
    assert not in_page(page)
    assert not in_link(page)
