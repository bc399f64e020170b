from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from aggregator.demo.edition import Edition, EditionPost
from aggregator.demo.formats import MEDIA_TYPES, feed_bytes
from aggregator.demo.library import Blog, Format

from .editions import LIBRARY, blog_named, edition

ATOM = "{http://www.w3.org/2005/Atom}"
BLOGS = [blog for blog in LIBRARY.blogs if not blog.broken_status]
XML_BLOGS = [blog for blog in BLOGS if blog.format is not Format.JSON]


def parsed(one: Edition) -> Any:
    headers = {"content-type": f"{MEDIA_TYPES[one.blog.format]}; charset=utf-8"}
    return feedparser.parse(
        BytesIO(feed_bytes(one)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def by_slug(blog: Blog) -> str:
    return blog.slug


@pytest.mark.parametrize("blog", XML_BLOGS, ids=by_slug)
def test_a_feed_is_read_without_complaint(blog: Blog) -> None:
    document = parsed(edition(blog, publications=90))
    assert (document.bozo, document.feed.title) == (False, blog.title)


@pytest.mark.parametrize("blog", XML_BLOGS, ids=by_slug)
def test_a_feed_says_of_each_post_what_the_post_says(blog: Blog) -> None:
    one = edition(blog, publications=90)
    read = [(entry.link, entry.author, entry.content[0].value.strip()) for entry in parsed(one).entries]
    wanted = [(item.url, item.author, item.html.strip()) for item in one.posts]
    if blog.format is Format.ATOM_XHTML:  # the parser writes markup in its own way
        read, wanted = [entry[:2] for entry in read], [item[:2] for item in wanted]
    assert read == wanted


@pytest.mark.parametrize("blog", XML_BLOGS, ids=by_slug)
def test_a_date_in_a_feed_is_the_moment_of_publication(blog: Blog) -> None:
    one = edition(blog, publications=90)
    dates = [entry.get("published_parsed") or entry.updated_parsed for entry in parsed(one).entries]
    assert [datetime(*date[:6], tzinfo=UTC) for date in dates] == [item.published_at for item in one.posts]


@pytest.mark.parametrize("blog", BLOGS, ids=by_slug)
def test_no_two_items_of_a_feed_share_an_id(blog: Blog) -> None:
    items = edition(blog, publications=90).posts
    assert len({item.id for item in items}) == len(items) > 0


@pytest.mark.parametrize("blog", BLOGS, ids=by_slug)
def test_no_address_in_a_feed_is_relative(blog: Blog) -> None:
    assert b'src="/' not in feed_bytes(edition(blog)).replace(b'\\"', b'"')


@pytest.mark.parametrize("blog", BLOGS, ids=by_slug)
def test_equal_editions_give_equal_bytes(blog: Blog) -> None:
    assert feed_bytes(edition(blog, publications=3)) == feed_bytes(edition(blog, publications=3))


def test_xhtml_content_is_markup_not_text() -> None:
    root = ElementTree.fromstring(feed_bytes(edition(blog_named("template-gardener"))))
    assert root.find(f"{ATOM}entry/{ATOM}content/{{http://www.w3.org/1999/xhtml}}div") is not None


def test_an_atom_entry_has_all_that_the_format_demands() -> None:
    root = ElementTree.fromstring(feed_bytes(edition(blog_named("slow-mornings"))))
    entries = root.findall(f"{ATOM}entry")
    assert entries
    assert all(
        entry.find(ATOM + name) is not None for entry in entries for name in ("id", "title", "updated", "author")
    )


def test_a_feed_without_posts_is_still_a_feed() -> None:
    for blog in BLOGS:
        empty = replace(edition(blog), posts=())
        if blog.format is not Format.JSON:
            assert not parsed(empty).bozo


def test_the_end_of_a_cdata_section_in_a_post_does_not_end_it() -> None:
    one = edition(blog_named("wheelwright"))
    item = replace(one.posts[0], html="<p>a[b[0]]&gt; and ]]> too</p>")
    assert parsed(replace(one, posts=(item,))).entries[0].content[0].value == item.html


def test_a_title_with_markup_in_it_is_text() -> None:
    titles = [entry.title for entry in parsed(edition(blog_named("template-gardener"))).entries]
    assert "Why I stopped fearing &lt;details&gt;" in titles or "Why I stopped fearing <details>" in titles


def test_a_note_without_a_title_has_no_title_in_json() -> None:
    items = json.loads(feed_bytes(edition(blog_named("loose-threads"))))["items"]
    notes = [item for item in items if "title" not in item]
    assert notes
    assert all(item["id"] and item["url"] and item["content_html"] and item["date_published"] for item in items)


def test_a_hebrew_feed_names_its_language() -> None:
    assert parsed(edition(blog_named("shulei-hadaf"))).feed.language == "he"


def test_a_planet_puts_the_author_before_every_title() -> None:
    titles = [item.title for item in edition(blog_named("planet-north")).posts]
    assert "Wheelwright: Small wheels, long roads" in titles
    assert "Aili Rantanen: Deploying in the polar night" in titles
    assert all(": " in title for title in titles)


def test_a_planet_keeps_the_id_and_the_address_of_what_it_carries() -> None:
    member = edition(blog_named("wheelwright")).posts[0]
    carried = next(item for item in edition(blog_named("planet-north")).posts if item.url == member.url)
    assert carried.id == member.id


def test_a_planet_names_the_feed_that_a_post_came_from() -> None:
    sources = [entry.source for entry in parsed(edition(blog_named("planet-north"))).entries]
    assert {"Wheelwright", "Cold Start"} <= {source.title for source in sources}


def test_a_planet_hears_of_a_post_later_than_the_readers_of_its_blog() -> None:
    one_minute_old = edition(blog_named("slow-mornings"), publications=2).posts[0]
    planet = blog_named("planet-north")
    assert one_minute_old.url not in urls(edition(planet, publications=2, planet_delay=timedelta(minutes=5)))
    assert one_minute_old.url in urls(edition(planet, publications=2, planet_delay=timedelta(seconds=30)))


def urls(one: Edition) -> list[str]:
    return [item.url for item in one.posts]


def test_the_demo_shows_each_kind_of_content() -> None:
    items: list[EditionPost] = [item for blog in BLOGS for item in edition(blog).posts]
    everything = "".join(item.html for item in items)
    kinds = ("<pre", "<img", "<table", "<ul", "<ol", "<dl", "<blockquote", "<iframe", "<h2", "<sup", 'dir="rtl"', "☕")
    assert [kind for kind in kinds if kind not in everything] == []
