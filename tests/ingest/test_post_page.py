"""What the page of one post says of itself, from the bytes that servers send."""

from __future__ import annotations

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.post_page import PostPage, read_post_page

URL = "https://ada.example/2026/walks/?utm_source=x"
WHOLE = """<!doctype html><html lang=en><head><meta charset="{charset}">
<title>Über Wälder &amp; Wege – Adas Notizen</title>
<meta property="og:title" content="Über Wälder &amp; Wege">
<meta name="author" content="Ada Löwe">
<meta property="article:published_time" content="2026-06-20T08:00:00+02:00">
<meta property="og:description" content="Ein Weg  beginnt&#10;vor der Tür.">
<meta property="og:site_name" content="Adas Notizen">
<link rel="canonical" href="/2026/walks/"></head><body><h1>Adas Notizen</h1><p>Short.</p></body></html>"""


def read(page: str, url: str = URL) -> PostPage:
    return read_post_page(page, url)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_a_page_says_what_its_post_is(charset: str) -> None:
    page = read_post_page(decode(WHOLE.replace("–", "-").format(charset=charset).encode(charset), "text/html"), URL)
    assert page == PostPage(
        url="https://ada.example/2026/walks/",
        title="Über Wälder & Wege",
        author="Ada Löwe",
        published="2026-06-20T08:00:00+02:00",
        excerpt="Ein Weg beginnt vor der Tür.",
        site_name="Adas Notizen",
    )


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Its &lt;b&gt; title</title>", "Its <b> title"),
        ("<TITLE lang=en>\n Its\n title </TITLE><h1></h1>", "Its title"),
        ("<title>Site</title><h1>A <em>walk</em> &amp; more</h1><h1>Other</h1>", "A walk & more"),
        ("<title>Site</title><h1>Other</h1><meta name='twitter:title' content='Mine'>", "Mine"),
        ("<h1>Never closed", ""),
        ("", ""),
    ],
)
def test_where_a_title_is_found(page: str, title: str) -> None:
    assert read(page).title == title


@pytest.mark.parametrize(
    ("page", "author"),
    [
        (
            '<meta property="article:author" content="https://faces.example/a"><meta name=dc.creator content=Ada>',
            "Ada",
        ),
        ('<meta name="AUTHOR" content="Ada"><meta name="author" content="Bo">', "Ada"),
        ("<meta name=author>", ""),
    ],
)
def test_where_an_author_is_found(page: str, author: str) -> None:
    assert read(page).author == author


@pytest.mark.parametrize(
    ("page", "published"),
    [
        ('<time datetime="2026-06-20">20 June</time><time datetime="2020-01-01">', "2026-06-20"),
        ('<time datetime="2020-01-01"></time><meta itemprop="datePublished" content="2026-06-20">', "2026-06-20"),
        ("<time>yesterday</time>", ""),
    ],
)
def test_where_a_date_is_found(page: str, published: str) -> None:
    assert read(page).published == published


def test_without_a_description_the_first_real_paragraph_is_how_it_begins() -> None:
    begins = "It was a long walk along the river, and the river was longer than the walk."
    page = (
        f"<p>By Ada<p>{begins} <a href=/>So</a>.</p><p>{'Other words. ' * 20}</p><script>var p = '<p>no</p>'</script>"
    )
    assert read(page).excerpt == f"{begins} So."


def test_texts_have_an_end() -> None:
    page = read(f'<title>{"a" * 9000}</title><meta name="description" content="{"b" * 9000}">')
    assert (len(page.title), len(page.excerpt)) == (300, 300)


@pytest.mark.parametrize(
    ("claimed", "url"),
    [
        ("https://www.ada.example/walks", "https://www.ada.example/walks"),
        ("https://victim.example/", URL),
        ("javascript:alert(1)", URL),
        ("", URL),
    ],
)
def test_a_page_says_where_it_belongs_but_not_that_it_is_elsewhere(claimed: str, url: str) -> None:
    assert read(f'<link rel="canonical" href="{claimed}">').url == url


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "part", ["<title", "<title>", "<p>", "<h1><p", "<meta content=", "<!--", "<![", "<time datetime='", "&amp"]
)
def test_a_hostile_page_takes_no_longer_than_another(part: str) -> None:
    assert read(part * (512 * 2**10 // len(part))).url == URL
