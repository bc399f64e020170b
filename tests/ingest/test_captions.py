"""Words about a picture or a sound, beside the text of a post; and links that a counter stands before."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.types import RawItem

URL = "https://host.example/feeds/x.xml"
SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:m="http://search.yahoo.com/mrss/"'
)
LONG = "A caption that says at great length what anybody can see in the picture"
OWN = "<description>&lt;p&gt;Own.&lt;/p&gt;</description>"
WHOLE = "<content:encoded><![CDATA[<p>Own.</p>]]></content:encoded>"
CAPTIONS = [
    f"<media:description>{LONG}</media:description>",
    f'<media:description type="html">&lt;b&gt;{LONG}&lt;/b&gt;</media:description>',
    f'<media:content url="/a.png"><media:description type="plain">{LONG}</media:description></media:content>',
    f"<media:group><media:description>{LONG}</media:description></media:group>",
    f'<media:thumbnail url="/a.png"><media:description>{LONG}</media:description></media:thumbnail>',
    f"<m:description>{LONG}</m:description>",
    f"<itunes:summary>{LONG}</itunes:summary>",
    f"<itunes:subtitle>{LONG}</itunes:subtitle>",
]


def rss_item(inner: str, end: str = "") -> RawItem:
    item = f"<item><title>Post</title><link>https://host.example/1</link>{inner}</item>"
    (only,) = parse(
        f'<rss version="2.0" {SPACES}><channel><title>Blog</title>{item}</channel></rss>{end}', URL, ""
    ).items
    return only


@pytest.mark.parametrize("own", [OWN, WHOLE])
@pytest.mark.parametrize("caption", CAPTIONS)
def test_an_items_own_text_wins_over_longer_captions_before_and_after_it(caption: str, own: str) -> None:
    for inner in (caption + own, own + caption, caption + own + caption):
        assert rss_item(inner).content_html == "<p>Own.</p>"


def test_so_it_does_over_captions_of_all_kinds_in_any_order() -> None:
    for parts in permutations((CAPTIONS[0], CAPTIONS[6], CAPTIONS[7], OWN)):
        assert rss_item("".join(parts)).content_html == "<p>Own.</p>"


@pytest.mark.parametrize("caption", CAPTIONS)
def test_without_a_text_of_its_own_a_caption_is_better_than_nothing(caption: str) -> None:
    assert LONG in rss_item(caption).content_html
    assert LONG in rss_item(f"<description> </description>{caption}").content_html


def test_a_picture_is_a_text_of_its_own() -> None:
    picture = "<description>&lt;img src='/a.png'></description>"
    assert rss_item(picture + CAPTIONS[6]).content_html == "<img src='/a.png'>"


@pytest.mark.parametrize("caption", CAPTIONS)
def test_captions_of_a_document_that_is_no_xml_are_none_the_less(caption: str) -> None:
    item = rss_item(f"{caption}<category>&nosuch; <</category>{OWN}", end="<rest")
    assert item.content_html == "<p>Own.</p>"


def test_captions_in_atom_are_captions_too() -> None:
    entry = f"<entry><id>1</id><title>Film</title>{CAPTIONS[3]}<content type='html'>Own.</content></entry>"
    document = f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title>Blog</title>{{}}</feed>'
    (whole,) = parse(document.format(entry), URL, "").items
    (film,) = parse(document.format(entry.replace("<content type='html'>Own.</content>", "")), URL, "").items
    assert (whole.content_html, film.content_html) == ("Own.", f"<p>{LONG}</p>")


# Links


COUNTED = "https://counter.example/~r/blog/~3/x/one"
LINK = f"<link>{COUNTED}</link>"


def burned(link: str, *, guid: str = "") -> tuple[str, str]:
    """The link and the guid of an item whose link leads by way of a counter."""
    space = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:pheedo="http://www.pheedo.com/namespace/pheedo"'
    item = f"<item>{LINK}{guid}{link}<description>x</description></item>"
    raw = parse(f'<rss version="2.0" {space}><channel><title>Blog</title>{item}</channel></rss>', URL, "")
    (only,) = normalize(raw, url=URL, now=datetime(2026, 6, 1, tzinfo=UTC)).items
    return only.url, only.guid


@pytest.mark.parametrize("name", ["feedburner:origLink", "pheedo:origLink"])
def test_the_page_behind_a_counter_is_the_link(name: str) -> None:
    link = f"<{name}>https://blog.example/one</{name}>"
    assert burned(link, guid="<guid isPermaLink='false'>1</guid>") == ("https://blog.example/one", "1")


def test_what_told_the_item_from_others_goes_on_doing_so() -> None:
    link = "<feedburner:origLink>https://blog.example/one</feedburner:origLink>"
    assert burned(link) == ("https://blog.example/one", burned("")[1])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", "/one", "urn:x"])
def test_only_an_address_on_the_web_takes_the_place_of_the_link(address: str) -> None:
    assert burned(f"<feedburner:origLink>{address}</feedburner:origLink>")[0] == COUNTED
