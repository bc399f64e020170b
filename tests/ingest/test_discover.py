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


@pytest.mark.parametrize(
    "attributes",
    [
        'REL="ALTERNATE" TYPE="Application/RSS+XML"',
        "rel=alternate type=application/rss+xml",
        'rel="alternate home" type="application/atom+xml; charset=utf-8"',
        'rel="alternate" type="application/x-rss+xml"',
        'rel="alternate" type="application/rss"',
        'rel="alternate" type="text/atom+xml"',
        'rel="alternate" type="application/rss-xml"',
        'rel="alternate" type="application/rss xml"',
        'rel="alternate" type="application/rssxml"',
        'rel="alternative" type="application/rss+xml"',
        'rel="self" type="application/rss+xml"',
        'rel="service.feed" type="application/atom+xml"',
        'type="application/rss+xml"',
        'rel="alternate" title="RSS feed"',
        'rel="alternate" type="text/html" title="RSS 2.0"',
        'rel="feed"',
        'rel="rss"',
    ],
)
def test_a_feed_is_announced_in_many_ways(attributes: str) -> None:
    assert urls(f'<link {attributes} href="/news">') == ["https://blog.example/news"]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" hreflang="de" href="/rss.xml">',
        '<link rel="alternate" media="handheld" href="/rss.xml">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?url=/feed">',
        '<link rel="alternate" type="text/xml+oembed" href="/oembed?url=/feed">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/activity+json" href="/feed">',
        '<link rel="service.post" type="application/atom+xml" href="/feed">',
        '<link rel="replies" type="application/atom+xml" href="/feed">',
        '<link rel="alternate" type="application/rss+xml" href="data:text/xml,x">',
        '<template><link rel="alternate" type="application/rss+xml" href="/feed"></template>',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/feed"> -->',
        '<script>"<link rel=alternate type=application/rss+xml href=/feed>"</script>',
        '<a href="/sitemap.xml">Sitemap</a>',
        '<a href="/feeding-cats/">Feeding cats</a>',
        '<a href="/rss-explained">How RSS feeds work</a>',
    ],
)
def test_what_only_resembles_an_announcement_is_none(tag: str) -> None:
    assert urls(tag) == []


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("feed://x.example/f", "http://x.example/f"),
        ("feed:https://x.example/f", "https://x.example/f"),
        ("itpc://x.example/f", "http://x.example/f"),
        ("pcast://x.example/f", "http://x.example/f"),
        ("https://feedly.com/i/subscription/feed/https%3A%2F%2Fx.example%2Ff", "https://x.example/f"),
        ("https://www.inoreader.com/?add_feed=https://x.example/f", "https://x.example/f"),
        ("/rss.php", "https://blog.example/rss.php"),
        ("/atom.aspx", "https://blog.example/atom.aspx"),
        ("/rss/posts.xml", "https://blog.example/rss/posts.xml"),
        ("/blog-feed.xml", "https://blog.example/blog-feed.xml"),
        ("/feed/en", "https://blog.example/feed/en"),
        ("/?feed=rss2", "https://blog.example/?feed=rss2"),
        ("/index.php?format=feed&amp;type=rss", "https://blog.example/index.php?format=feed&type=rss"),
        ("https://feeds.feedburner.com/Jane", "https://feeds.feedburner.com/Jane"),
    ],
)
def test_a_plain_link_to_a_feed_is_known_by_its_address(href: str, found: str) -> None:
    assert urls(f'<a href="{href}">Subscribe</a>') == [found]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/syndication">RSS feed</a>',
        '<a href="/syndication"><img src="x.png" alt="RSS"></a>',
        '<a href="/syndication" title="Subscribe to our RSS feed"><i></i></a>',
        '<a href="/syndication" aria-label="Atom feed"><svg></svg></a>',
        '<a href="/syndication"><b>Subscribe</b> via <i>RSS</i></a>',
    ],
)
def test_a_plain_link_to_a_feed_is_known_by_its_words(link: str) -> None:
    assert urls(link) == ["https://blog.example/syndication"]


def test_feeds_of_other_sites_come_after_those_of_the_page() -> None:
    page = '<a href="https://friend.example/feed/">Friend</a> <a href="https://www.blog.example/feed/">Mine</a>'
    assert urls(page) == ["https://www.blog.example/feed/", "https://friend.example/feed/"]


@pytest.mark.parametrize(
    "title",
    [
        *("A blog » Comments Feed", "A blog » Kommentar-Feed", "A blog » Flux des commentaires", "Feed dei commenti"),
        *("A blog » Feed de los comentarios", "Feed de comentários para A blog", "A blog » Kanał z komentarzami"),
        *("A blog » Лента комментариев", "A blog » コメントフィード", "A blog » 评论Feed", "A blog » 迴響訂閱"),
        *("A blog » 댓글 피드", "A blog » reactiesfeed", "A blog » kommenttien syöte", "A blog » RSS komentářů"),
        *(
            "A blog » hozzászólás hírcsatorna",
            "A blog » yorum akışı",
            "A blog » Ροή Σχολίων",
            "A blog » خلاصة التعليقات",
        ),
    ],
)
def test_a_feed_of_comments_is_never_chosen(title: str) -> None:
    comments = link("/hello/feed/", title=title)
    assert urls(comments + link("/feed/", title="A blog » Feed")) == ["https://blog.example/feed/"]
    assert urls(comments) == []


def test_the_comments_of_a_post_at_blogger_are_none_either() -> None:
    comments, posts = link("/feeds/123/comments/default", title="Blog"), link("/feeds/posts/default", title="Blog")
    assert urls(comments + posts) == ["https://blog.example/feeds/posts/default"]


@pytest.mark.parametrize("title", ["No Comments", "No Comments » Feed", "Kommentar | RSS"])
def test_a_blog_may_be_named_after_comments(title: str) -> None:
    assert urls(link("/feed/", title=title)) == ["https://blog.example/feed/"]


def test_a_feed_of_what_was_searched_for_comes_after_that_of_the_site() -> None:
    assert urls(link("/search/x/feed/") + link("/feed/"))[0] == "https://blog.example/feed/"


def test_a_feed_that_is_named_twice_comes_once() -> None:
    assert urls(link("/f.xml") + link("https://blog.example/f.xml#x", title="again")) == ["https://blog.example/f.xml"]


def test_no_more_than_twenty_come() -> None:
    assert len(urls("".join(link(f"/{number}.xml") for number in range(1000)))) == 20


def test_a_page_without_feeds_names_none() -> None:
    assert urls("<!doctype html><title>Hello</title><p>Nothing here.") == []


def test_beyond_the_first_half_mebibyte_only_what_is_announced_is_found() -> None:
    before = "<style>" + "x{}" * 180_000
    assert urls(f'{before}</style>{link("/late.xml")}<a href="/rss.xml">RSS</a>') == ["https://blog.example/late.xml"]
    assert urls(f'{before}</style><a href="/rss.xml">RSS</a>') == []


def test_a_page_is_not_its_own_feed() -> None:
    assert urls(f'{link(PAGE)}<a href="/rss.xml">RSS</a>') == ["https://blog.example/rss.xml"]


@pytest.mark.processor_seconds(20)
@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<link rel=",
        "<!--",
        "<![",
        "</a",
        "<script>",
        "&",
        "<a href='/feed/'>",
        "<link rss+",
        "<a>",
        "<template>",
    ],
)
def test_half_a_mebibyte_of_torn_markup_is_read_in_time(piece: str) -> None:
    feed_links(piece * (2**20 // len(piece)), PAGE)


@given(st.text(alphabet="<>/!-[]?= '\"&#;ablinkhrefstypedocx\x00", max_size=300))
def test_no_page_makes_it_raise(page: str) -> None:
    feed_links(page, PAGE)
