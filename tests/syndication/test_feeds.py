"""Our own feeds, read back with the parsers that readers use."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.outgoing import printable
from aggregator.models import Enclosure, Feed, SiteState
from aggregator.models.site_state import BEFORE_ALL
from aggregator.syndication.attached import Attached
from aggregator.syndication.formats import AtomFeed, CleanFeed, JsonFeed, Origin, RssFeed
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.needs import need_program
from tests.newsboat import read_by_newsboat
from tests.servers import Answer, FeedServer
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db

SITE = "https://planet.example"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
ALL_CONTROLS = "".join(map(chr, range(1, 32))) + "\x7f\x85\ufffe\uffff"
DOCUMENTS = ["/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml"]
FEEDS = DOCUMENTS[:3]


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    """A site whose ids begin with its address, as they did in all sites once."""
    settings.WEBSITE_URL = SITE
    settings.SITE_NAME = "Planet Example"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": SITE, "version": 0, "changed_at": BEFORE_ALL})


def body(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    return bytes(response.content)


def atom(client: Client, path: str = "/atom.xml") -> ElementTree.Element:
    return ElementTree.fromstring(body(client, path))


def atom_entry(client: Client) -> ElementTree.Element:
    (entry,) = atom(client).findall(f"{ATOM}entry")
    return entry


def rss_item(client: Client) -> ElementTree.Element:
    (item,) = ElementTree.fromstring(body(client, "/rss20.xml")).findall("channel/item")
    return item


def json_feed(client: Client, path: str = "/feed.json") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body(client, path))
    return document


def json_item(client: Client) -> dict[str, Any]:
    (item,) = json_feed(client)["items"]
    return dict(item)


def titles(client: Client, path: str) -> list[str]:
    """Of any of the formats."""
    data = body(client, path)
    if path.endswith(".json"):
        return [item["title"] for item in json.loads(data)["items"]]
    return [entry.title for entry in feedparser.parse(io.BytesIO(data)).entries]


# -- what is in a feed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_lists_the_newest_post_first(client: Client, path: str) -> None:
    make_entry(title="Old", days_ago=3)
    make_entry(title="New", days_ago=1)
    assert titles(client, path) == ["New", "Old"]


@pytest.mark.parametrize("path", FEEDS)
def test_a_busy_blog_loses_no_post_to_the_limit_of_the_front_page(client: Client, path: str) -> None:
    feed = make_feed()
    for number in range(5):
        make_entry(feed, f"Post {number}", days_ago=number)
    assert titles(client, path) == [f"Post {number}" for number in range(5)]


def test_a_feed_ends_after_sixty_posts(client: Client) -> None:
    feed = make_feed()
    for number in range(61):
        make_entry(feed, f"Post {number}", days_ago=number)
    assert titles(client, "/atom.xml") == [f"Post {number}" for number in range(60)]


@pytest.mark.parametrize("path", FEEDS)
def test_hidden_posts_and_copies_are_not_given_out(client: Client, path: str) -> None:
    original = make_entry(title="Shown")
    make_entry(title="Hidden", is_hidden=True)
    make_entry(title="Copy", duplicate_of=original)
    assert titles(client, path) == ["Shown"]


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_posts_of_feeds_that_are_not_public_are_not_given_out(client: Client, path: str, state: str) -> None:
    make_entry(make_feed(state=state), "Secret")
    assert titles(client, path) == []


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml", "feed.json"])
def test_a_category_gives_out_its_own_posts_alone(client: Client, name: str) -> None:
    make_entry(make_feed(category=make_category("Python")), "Inside")
    make_entry(make_feed(category=make_category("Gardens")), "Outside")
    assert titles(client, f"/category/python/{name}") == ["Inside"]


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml", "feed.json"])
def test_a_source_gives_out_its_own_posts_alone(client: Client, name: str) -> None:
    make_entry(make_feed("Ada"), "Inside")
    make_entry(make_feed("Bob"), "Outside")
    assert titles(client, f"/source/ada/{name}") == ["Inside"]


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml", "feed.json"])
@pytest.mark.parametrize("state", ["paused", "gone"])
def test_the_feeds_of_a_source_outlive_its_polling(client: Client, name: str, state: str) -> None:
    make_entry(make_feed("Ada", state=state), "Still here")
    assert titles(client, f"/source/ada/{name}") == ["Still here"]


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml", "feed.json"])
@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_a_source_that_is_not_public_is_not_found(client: Client, name: str, state: str) -> None:
    make_feed("Ada", state=state)
    assert client.get(f"/source/ada/{name}").status_code == 404


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml", "feed.json", "opml.xml"])
def test_an_unknown_category_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/category/none/{name}").status_code == 404


# -- the answer around it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/rss20.xml", "application/rss+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json"),
        ("/opml.xml", "text/x-opml; charset=utf-8"),
    ],
)
def test_each_format_has_its_content_type(client: Client, path: str, content_type: str) -> None:
    assert client.get(path)["Content-Type"] == content_type


@pytest.mark.parametrize("path", DOCUMENTS)
def test_who_sends_the_etag_back_gets_a_304(client: Client, path: str) -> None:
    make_entry()
    etag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_changed_site_is_sent_again(client: Client, path: str) -> None:
    etag = client.get(path)["ETag"]
    SiteState.objects.touch(NOW)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_same_site_is_the_same_bytes(client: Client, path: str) -> None:
    make_entry()
    assert body(client, path) == body(client, path)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_an_answer_sets_no_cookie(client: Client, path: str) -> None:
    assert not client.get(path).cookies


@pytest.mark.parametrize("path", [*DOCUMENTS, "/category/python/atom.xml", "/category/python/opml.xml"])
def test_the_number_of_queries_does_not_grow_with_the_posts(
    client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    category = make_category("Python")
    for _ in range(4):
        make_entry(make_feed(category=category))
    SiteState.objects.touch(NOW)
    with django_assert_max_num_queries(7 if "category" in path else 5):
        body(client, path)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_addresses_come_from_the_settings_and_not_from_the_host_header(
    client: Client, settings: Any, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["evil.example"]
    make_entry(url="")
    response = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert response.status_code == 200
    assert b"evil.example" not in response.content


@pytest.mark.parametrize("path", ["/atom.xml", "/category/python/atom.xml", "/source/ada/atom.xml"])
def test_an_atom_feed_names_its_own_absolute_address(client: Client, path: str) -> None:
    make_entry(make_feed("Ada", category=make_category("Python")))
    feed = atom(client, path)
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert (feed.findtext(f"{ATOM}id"), own) == (SITE + path, [SITE + path])


def test_an_rss_feed_names_its_own_absolute_address(client: Client) -> None:
    channel = ElementTree.fromstring(body(client, "/rss20.xml"))[0]
    link = channel.find(f"{ATOM}link")
    assert link is not None
    assert (link.get("rel"), link.get("href")) == ("self", f"{SITE}/rss20.xml")


@pytest.mark.parametrize("path", FEEDS)
def test_the_feed_of_an_empty_site_is_dated_by_its_last_change(client: Client, path: str) -> None:
    SiteState.objects.touch(NOW)
    data = body(client, path)
    if path.endswith(".json"):
        assert json.loads(data)["items"] == []
        return
    parsed = feedparser.parse(io.BytesIO(data))
    assert (parsed.bozo, parsed.feed.updated_parsed) == (False, NOW.utctimetuple())


# -- Atom ----------------------------------------------------------------------------------------------------------


def test_an_entry_keeps_the_id_that_its_feed_gave_it(client: Client) -> None:
    make_entry(guid="tag:ada.example,2026:1")
    assert atom_entry(client).findtext(f"{ATOM}id") == "tag:ada.example,2026:1"


@pytest.mark.parametrize(
    "guid",
    [
        "1234",
        "javascript:alert(1)",
        "data:text/html,x",
        "two words",
        "http://user:password@ada.example/1",
        f"{SITE}/post/999/",
        "tag:ada.example,2026:1\n",
    ],
)
def test_a_guid_that_is_no_id_for_the_web_gives_way_to_our_address(client: Client, guid: str) -> None:
    entry = make_entry(guid=guid)
    assert atom_entry(client).findtext(f"{ATOM}id") == f"{SITE}/post/{entry.pk}/"


def test_of_two_entries_with_one_id_the_one_known_first_keeps_it(client: Client) -> None:
    first = make_entry(guid="tag:ada.example,2026:1", days_ago=5)
    second = make_entry(guid="tag:ada.example,2026:1", days_ago=1)
    ids = [entry.findtext(f"{ATOM}id") for entry in atom(client).findall(f"{ATOM}entry")]
    assert (ids, first.pk < second.pk) == ([f"{SITE}/post/{second.pk}/", "tag:ada.example,2026:1"], True)


def test_an_entry_names_the_feed_that_it_comes_from(client: Client) -> None:
    newest_at = NOW - timedelta(days=1)
    make_entry(make_feed("Ada", url="https://ada.example/f.xml", site_url="https://ada.example/", newest_at=newest_at))
    source = atom_entry(client).find(f"{ATOM}source")
    assert source is not None
    found = {
        child.tag.removeprefix(ATOM) + (child.get("rel") or ""): child.text or child.get("href") for child in source
    }
    assert found == {
        "id": "https://ada.example/f.xml",
        "title": "Ada",
        "linkalternate": "https://ada.example/",
        "linkself": "https://ada.example/f.xml",
        "updated": newest_at.isoformat(),
    }


def test_a_post_gathered_by_another_planet_names_the_blog_behind_it(client: Client) -> None:
    make_entry(make_feed("Planet B"), source_title="Ada", source_url="https://ada.example/f.xml")
    source = atom_entry(client).find(f"{ATOM}source")
    assert source is not None
    assert (source.findtext(f"{ATOM}id"), source.findtext(f"{ATOM}title")) == ("https://ada.example/f.xml", "Ada")


def test_an_entry_of_a_feed_without_a_web_address_names_no_source(client: Client) -> None:
    make_entry()
    Feed.objects.update(url="gopher://ada.example/f")
    assert (atom_entry(client).find(f"{ATOM}source"), rss_item(client).find("source") is None) == (None, False)


def test_content_is_given_out_as_it_is_stored(client: Client) -> None:
    html = "<h2>Big</h2><p>a &amp; b ]]&gt; <b>😀</b></p>"
    make_entry(content_html=html)
    content = atom_entry(client).find(f"{ATOM}content")
    assert content is not None
    assert (content.get("type"), content.text) == ("html", html)


def test_an_entry_has_the_dates_of_its_author(client: Client) -> None:
    published_at, updated_at = NOW - timedelta(days=9), NOW - timedelta(days=8)
    make_entry(published_at=published_at, updated_at=updated_at, days_ago=1)
    entry = atom_entry(client)
    dates = (entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated"))
    assert dates == (published_at.isoformat(), updated_at.isoformat())


def test_an_entry_without_dates_has_the_moment_that_our_pages_show(client: Client) -> None:
    entry = make_entry(published_at=None)
    written = atom_entry(client)
    shown_at = entry.timeline_at.isoformat()
    assert (written.findtext(f"{ATOM}published"), written.findtext(f"{ATOM}updated")) == (shown_at, shown_at)


def test_no_entry_is_published_in_the_future(client: Client) -> None:
    entry = make_entry(published_at=NOW + timedelta(days=300))
    assert atom_entry(client).findtext(f"{ATOM}published") == entry.timeline_at.isoformat()


def test_an_entry_names_its_author(client: Client) -> None:
    make_entry(author="Ada, Bob")
    assert atom_entry(client).findtext(f"{ATOM}author/{ATOM}name") == "Ada, Bob"


def test_an_entry_without_an_author_is_by_its_blog(client: Client) -> None:
    make_entry(make_feed("Ada's notes"))
    assert atom_entry(client).findtext(f"{ATOM}author/{ATOM}name") == "Ada's notes"


def test_an_entry_carries_the_category_of_its_feed(client: Client) -> None:
    make_entry(make_feed(category=make_category("Python")))
    terms = [category.get("term") for category in atom_entry(client).findall(f"{ATOM}category")]
    assert terms == ["Python"]


@pytest.mark.parametrize(
    ("language", "written"),
    [("de-CH", "de-ch"), ("", None), ('"><script>', None), ("english", None), ("jp", None)],
)
def test_an_entry_says_its_language_if_it_has_one(client: Client, language: str, written: str | None) -> None:
    make_entry(language=language)
    named = (
        atom_entry(client).get("{http://www.w3.org/XML/1998/namespace}lang"),
        rss_item(client).findtext("{http://purl.org/dc/elements/1.1/}language"),
        json_item(client).get("language"),
    )
    assert named == (written,) * 3


def test_an_entry_gives_out_its_tags_in_each_format(client: Client) -> None:
    make_entry(make_feed(category=make_category("Python")))
    tag_all("trains", "Été")
    of_atom = [one.get("term") for one in atom_entry(client).findall(f"{ATOM}category")]
    of_rss = [one.text for one in rss_item(client).findall("category")]
    assert of_atom == of_rss == json_item(client)["tags"] == ["Python", "trains", "Été"]


@pytest.mark.parametrize(("language", "written"), [("de", "de"), ("english", None), ("jp", None)])
def test_the_feed_of_a_source_is_in_its_language_if_it_names_one(
    client: Client, language: str, written: str | None
) -> None:
    make_feed("Ada", language=language)
    channel = ElementTree.fromstring(body(client, "/source/ada/rss20.xml"))
    named = (
        channel.findtext("channel/language"),
        atom(client, "/source/ada/atom.xml").get("{http://www.w3.org/XML/1998/namespace}lang"),
        json_feed(client, "/source/ada/feed.json").get("language"),
    )
    assert named == (written,) * 3


def test_a_planet_claims_no_language_for_all_its_posts(client: Client) -> None:
    assert b"lang" not in body(client, "/atom.xml")


# -- RSS and JSON --------------------------------------------------------------------------------------------------


def test_rss_gives_the_excerpt_and_the_whole_post(client: Client) -> None:
    make_entry(content_html="<p>Long <b>text</b></p>", excerpt="1 < 2")
    item = rss_item(client)
    assert (item.findtext("description"), item.findtext(CONTENT)) == ("1 &lt; 2", "<p>Long <b>text</b></p>")


def test_the_text_of_rss_follows_an_empty_description_where_there_is_no_excerpt(client: Client) -> None:
    make_entry(content_html='<p><img src="https://ada.example/a.jpg"></p>', excerpt="")
    texts = [(one.tag, one.text) for one in rss_item(client) if one.tag in {"description", CONTENT}]
    assert texts == [("description", None), (CONTENT, '<p><img src="https://ada.example/a.jpg"></p>')]


def test_rss_describes_nothing_where_there_is_no_text(client: Client) -> None:
    make_entry(content_html="", excerpt="")
    assert rss_item(client).find("description") is None


@pytest.mark.parametrize(
    ("guid", "is_permanent_link"),
    [
        ("https://ada.example/1", "true"),
        ("https://ada.example/?p=1", "false"),
        ("tag:a,2026:1", "false"),
        ("7", "true"),
    ],
)
def test_rss_calls_a_guid_a_link_only_where_it_leads_to_the_post(
    client: Client, guid: str, is_permanent_link: str
) -> None:
    make_entry(guid=guid, url="https://ada.example/1")
    written = rss_item(client).find("guid")
    assert written is not None
    assert written.get("isPermaLink") == is_permanent_link


def test_rss_names_the_author_and_the_feed(client: Client) -> None:
    make_entry(make_feed("Ada", url="https://ada.example/f.xml"), author="Ada L.")
    item = rss_item(client)
    source = item.find("source")
    assert source is not None
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Ada L."
    assert (source.text, source.get("url")) == ("Ada", "https://ada.example/f.xml")


@pytest.mark.parametrize(
    ("title", "written"),
    [("AT&T: 1 < 2", "AT&T: 1 < 2"), ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>")],
)
def test_an_rss_title_holds_no_tag_for_readers_that_take_it_as_html(client: Client, title: str, written: str) -> None:
    make_entry(title=title)
    assert rss_item(client).findtext("title") == written


def test_a_json_item_says_everything(client: Client) -> None:
    feed = make_feed(
        "Ada", url="https://ada.example/f.xml", site_url="https://ada.example/", category=make_category("Python")
    )
    make_entry(
        feed,
        "A <b> title",
        guid="tag:ada.example,2026:1",
        url="https://ada.example/1",
        author="Ada L.",
        language="de",
        content_html="<p>Text</p>",
        excerpt="Text",
        published_at=NOW - timedelta(days=3),
        updated_at=NOW - timedelta(days=2),
    )
    assert json_item(client) == {
        "id": "tag:ada.example,2026:1",
        "url": "https://ada.example/1",
        "title": "A <b> title",
        "content_html": "<p>Text</p>",
        "summary": "Text",
        "date_published": "2026-06-21T12:00:00+00:00",
        "date_modified": "2026-06-22T12:00:00+00:00",
        "authors": [{"name": "Ada L."}],
        "tags": ["Python"],
        "language": "de",
        "_source": {
            "title": "Ada",
            "home_page_url": "https://ada.example/",
            "feed_url": "https://ada.example/f.xml",
        },
    }


def test_a_json_feed_says_what_it_is(client: Client) -> None:
    document = json_feed(client)
    assert document.pop("description")
    assert document == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Planet Example",
        "home_page_url": f"{SITE}/",
        "feed_url": f"{SITE}/feed.json",
        "items": [],
    }


# -- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FEEDS)
def test_what_uris_may_not_hold_is_encoded_in_all_addresses(client: Client, path: str) -> None:
    home = "https://ada.example/"
    feed = make_feed(url=f"{home}f[1].xml", site_url=f"{home}[2]", has_enclosures=True)
    entry = make_entry(feed, url=f"{home}?x[a]=3")
    for position, media_type in enumerate(["audio/mpeg", "image/png"]):
        Enclosure.objects.create(entry=entry, position=position, url=f"{home}file[{position}]", media_type=media_type)
    data = body(client, path)
    expected = {"f%5B1%5D.xml", "?x%5Ba%5D=3", "file%5B0%5D", "file%5B1%5D"}
    assert {end for end in expected if f"{home}{end}".encode() not in data} == set()
    assert [end for end in ("[0]", "[1]", "[2]", "[a]") if end.encode() in data] == []


def test_an_id_stays_as_its_feed_wrote_it_and_is_no_link_where_the_link_is_another(client: Client) -> None:
    url = "https://ada.example/?x[a]=3"
    make_entry(guid=url, url=url)
    guid = rss_item(client).find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink"), rss_item(client).findtext("link")) == (
        url,
        "false",
        "https://ada.example/?x%5Ba%5D=3",
    )
    assert atom_entry(client).findtext(f"{ATOM}id") == url


# -- how much of a post, and nothing that isn't for everybody -------------------------------------------------------


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_shown_as_excerpts_gives_out_no_more(client: Client, path: str) -> None:
    make_entry(make_feed(display=Feed.Display.EXCERPT), content_html="<p>WHOLE</p>", excerpt="BEGINNING")
    data = body(client, path)
    assert (b"WHOLE" in data, b"BEGINNING" in data) == (False, True)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_shown_as_titles_gives_out_no_more(client: Client, path: str) -> None:
    make_entry(make_feed(display=Feed.Display.LINK), "HEADLINE", content_html="<p>WHOLE</p>", excerpt="BEGINNING")
    data = body(client, path)
    assert (b"WHOLE" in data, b"BEGINNING" in data, b"HEADLINE" in data) == (False, False, True)


@pytest.mark.parametrize("display", Feed.Display.values)
def test_a_json_item_always_has_content(client: Client, display: str) -> None:
    make_entry(make_feed(display=display), content_html="", excerpt="", title="Only a title")
    assert json_item(client)["content_text"] == "Only a title"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_password_in_an_address_is_not_given_out(client: Client, path: str) -> None:
    feed = make_feed(url="https://ada:pa55word@ada.example/f.xml", site_url="https://ada:pa55word@ada.example/")
    make_entry(feed, url="https://ada:pa55word@ada.example/1", guid="https://ada:pa55word@ada.example/1")
    assert b"pa55word" not in body(client, path)


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVa\tscript:alert(1)", "data:text/html,x", "file:///etc", "https://[", "/x"]
)
def test_a_link_that_is_no_web_address_gives_way_to_our_page(client: Client, path: str, url: str) -> None:
    entry = make_entry(make_feed(site_url=url), url=url, source_url=url)
    data = body(client, path)
    links = (
        [json.loads(data)["items"][0]["url"]]
        if path.endswith(".json")
        else [feedparser.parse(io.BytesIO(data)).entries[0].link]
    )
    assert (links, b"javascript" in data.lower()) == ([f"{SITE}/post/{entry.pk}/"], False)


# -- always well-formed ---------------------------------------------------------------------------------------------


def written_with(text: str, generator: type[CleanFeed]) -> bytes:
    pages = {"first_url": "https://planet.example/f", "next_url": f"https://planet.example/f?before={text}"}
    url = "https://planet.example/f?before=1"
    feed = generator(text, "https://planet.example/", text, feed_url=url, updated_at=NOW, **pages)
    feed.add_item(
        text,
        "https://ada.example/1",
        text or None,
        author_name=text,
        other_authors=(text, text),
        author_urls={text: f"https://ada.example/{text}"},
        pubdate=NOW,
        updateddate=NOW,
        unique_id="tag:a,2026:1",
        categories=(text,),
        content_html=text,
        excerpt=text,
        language=None,
        attached=(Attached(f"https://ada.example/{text}", "audio/mpeg", 5, 6, text), Attached("x", text, 1, 2, text)),
        is_note=False,
        origin=Origin("tag:a,2026:f", text, "https://ada.example/", f"https://ada.example/{text}", NOW),
    )
    return feed.writeString("utf-8").encode()


@given(st.text(st.characters()) | st.text(st.sampled_from(list(ALL_CONTROLS + "\0<>&\"']]>\ud800"))))
@pytest.mark.parametrize("generator", [AtomFeed, RssFeed])
def test_xml_is_well_formed_whatever_the_rows_hold(generator: type[CleanFeed], text: str) -> None:
    root = ElementTree.fromstring(written_with(text, generator))
    normalized = printable(text).replace("\r\n", "\n").replace("\r", "\n")
    content = root.find(f".//{ATOM}content" if generator is AtomFeed else f".//{CONTENT}")
    assert (content.text or "" if content is not None else "") == normalized


@given(st.text(st.characters()) | st.text(st.sampled_from(list(ALL_CONTROLS + "\0<>&\"']]>\ud800"))))
def test_json_is_well_formed_whatever_the_rows_hold(text: str) -> None:
    (item,) = json.loads(written_with(text, JsonFeed))["items"]
    assert item.get("content_html", "") == printable(text)


@pytest.mark.parametrize("path", [*DOCUMENTS, "/category/odd/atom.xml", "/source/odd/rss20.xml"])
def test_one_odd_row_does_not_break_a_document(client: Client, path: str) -> None:
    odd = f"Odd {ALL_CONTROLS} ]]> & <b> 😀"
    feed = make_feed(
        odd,
        slug="odd",
        category=make_category(odd[:60], slug="odd"),
        description=odd,
        site_url=f"https://a.example/{odd}",
    )
    make_entry(feed, odd, author=odd, excerpt=odd, content_html=odd, guid=odd, url=f"https://a.example/{odd}")
    data = body(client, path)
    assert "😀".encode() in data
    json.loads(data) if path.endswith(".json") else ElementTree.fromstring(data)


@pytest.mark.parametrize("path", ["/atom.xml", "/rss20.xml"])
def test_feedparser_reads_what_we_write(client: Client, path: str) -> None:
    entry = make_entry(make_feed("Ada"), "Größe & “Maß” 😀", content_html="<p>Größe &amp; Maß</p>", author="Ada")
    parsed = feedparser.parse(io.BytesIO(body(client, path)))
    (read,) = parsed.entries
    assert parsed.bozo is False
    assert (read.title, read.link, read.author, read.source.title, read.content[-1].value) == (
        entry.title,
        entry.url,
        "Ada",
        "Ada",
        "<p>Größe &amp; Maß</p>",
    )
    assert datetime(*read.published_parsed[:6], tzinfo=UTC) == entry.timeline_at


# -- a real reader --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/atom.xml", "/rss20.xml"])
def test_newsboat_reads_what_we_write(client: Client, feed_server: FeedServer, tmp_path: Path, path: str) -> None:
    program = need_program("newsboat")
    entry = make_entry(title="Größe & “Maß”", guid="tag:a,2026:1", content_html="<p>Größe</p>", author="Ada")
    response = client.get(path)
    url = feed_server.add(path, Answer(bytes(response.content), headers={"Content-Type": response["Content-Type"]}))
    expected = ("tag:a,2026:1", entry.title, "Ada", entry.url, "<p>Größe</p>", int(entry.timeline_at.timestamp()))
    assert read_by_newsboat(program, [url], tmp_path) == [expected]


# -- the list of sources --------------------------------------------------------------------------------------------


def outlines(client: Client, path: str) -> list[str | None]:
    return [outline.get("xmlUrl") for outline in ElementTree.fromstring(body(client, path)).iter("outline")]


def test_the_list_names_every_public_feed_and_no_other(client: Client) -> None:
    for state in Feed.State.values:
        make_feed(f"{state} one", state=state, url=f"https://{state}.example/f")
    assert outlines(client, "/opml.xml") == [
        "https://active.example/f",
        "https://gone.example/f",
        "https://paused.example/f",
    ]


def test_the_list_of_a_category_names_its_feeds_alone(client: Client) -> None:
    make_feed("Ada", category=make_category("Python"), url="https://ada.example/f")
    make_feed("Bob", category=make_category("Gardens"), url="https://bob.example/f")
    make_feed("Eve", category=Feed.objects.get(title="Ada").category, state="pending")
    assert outlines(client, "/category/python/opml.xml") == [None, "https://ada.example/f"]


@pytest.mark.parametrize("path", ["/atom.xml", "/rss20.xml", "/opml.xml"])
def test_where_nothing_changed_yet_each_look_brings_the_same_document(client: Client, path: str) -> None:
    """Also tomorrow: it bears no date of the look."""
    assert b"1970" in client.get(path).content
