"""What readers see of tags: under posts, on a tag's own page, in its feeds, and in the list of all."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from aggregator.curating import entries as curating
from aggregator.curating.tags import hide, join, take_apart
from aggregator.models import Entry, EntryTag, Feed, SiteState, Tag, TagOfMonth, site_change
from aggregator.models.tagging import tag_entries
from aggregator.pages import tags as pages
from aggregator.pages.paging import PAGE_ENTRIES
from tests.factories import NOW, make_category, make_entry, make_feed, unsaved_entry
from tests.feed_rules import broken_rules
from tests.outline import page_at
from tests.stores import make_item, store_items
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db
BELOW = ["/tag/{}/", "/tag/{}/atom.xml", "/tag/{}/rss20.xml", "/tag/{}/feed.json"]


def bring(*tags: str, feed: Feed | None = None, count: int = 2, name: str = "post") -> Feed:
    feed = feed or make_feed()
    items = [make_item(f"{name} {feed.pk} {number}", tags=tags, days_ago=1 + number / 10) for number in range(count)]
    store_items(feed, *items)
    return feed


def many(tag: str, count: int, **fields: object) -> list[Entry]:
    feed = make_feed()
    with site_change():
        entries = Entry.objects.bulk_create(
            unsaved_entry(feed, f"p{n}", days_ago=1 + n / 100, tags=[tag], **fields) for n in range(count)
        )
        tag_entries(entries)
        SiteState.objects.touch(NOW)
    return entries


def titles(client: Client, address: str) -> list[str]:
    return re.findall(r'<h4 class="entry-title[^>]*><a [^>]*>([^<]*)</a>', client.get(address).content.decode())


def under_posts(client: Client, address: str) -> list[str]:
    return re.findall(r'<a class="tag p-category" href="([^"]+)" rel="tag">', client.get(address).content.decode())


# -- under posts -------------------------------------------------------------------------------------------------------


def test_posts_name_their_tags_in_lists_and_on_their_own_page(client: Client) -> None:
    feed = bring("Python", "Web Dev", count=1)
    post = feed.entries.get()
    expected = ["/tag/python/", "/tag/web-dev/"]
    assert [under_posts(client, page) for page in ("/", f"/source/{feed.slug}/", f"/post/{post.pk}/")] == [expected] * 3


def test_a_list_shows_some_tags_and_the_posts_page_all(client: Client) -> None:
    feed = bring(*(f"t{n}" for n in range(15)), count=1)
    assert [len(under_posts(client, page)) for page in ("/", feed.entries.get().get_absolute_url())] == [8, 15]


def test_posts_without_tags_have_no_line_for_them(client: Client) -> None:
    bring()
    assert 'class="tags"' not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "שלום עולם", "👩‍👩‍👧 family", "機能", '"onmouseover="x', "x" * 300]
)
def test_odd_names_stay_text_and_their_pages_are_found(client: Client, name: str) -> None:
    bring(name)
    html = client.get("/").content.decode()
    assert "<script>alert" not in html
    assert 'onmouseover="x' not in html
    [address] = set(under_posts(client, "/"))
    assert client.get(address).status_code == 200
    assert page_at(client, address).faults == []


# -- the page of a tag -------------------------------------------------------------------------------------------------


def test_a_tag_has_its_posts_of_all_sources_in_page_order(client: Client) -> None:
    one, other = bring("Python", name="one"), bring("python", name="other")
    bring("else")
    names = titles(client, "/tag/python/")
    newest = Entry.objects.filter(feed__in=[one, other]).newest_first()
    assert names == list(newest.values_list("title", flat=True))
    assert "4 posts under this tag" in client.get("/tag/python/").content.decode()


@pytest.mark.parametrize("slug", ["Python", "PYTHON", "%23python", "Python/", "%EF%BC%B0ython"])
def test_other_spellings_lead_to_its_address(client: Client, slug: str) -> None:
    bring("python")
    answer = client.get(f"/tag/{slug.rstrip('/')}/")
    assert (answer.status_code, answer["Location"]) == (301, "/tag/python/")


@pytest.mark.parametrize(("name", "slug"), [("C++", "c++"), ("C#", "c%23"), (".NET", ".net"), ("日本 語", "日本-語")])
def test_an_address_keeps_what_a_name_says(client: Client, name: str, slug: str) -> None:
    bring(name)
    assert client.get(f"/tag/{slug}/").status_code == 200


@pytest.mark.parametrize(
    "address", ["/tag/nothing/", "/tag/%20/", "/tag/-/", "/tag/https:%2F%2Fx/", "/tag/nothing/atom.xml"]
)
def test_a_tag_that_nobody_used_has_no_page(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", BELOW)
def test_a_hidden_tag_is_nowhere(client: Client, address: str) -> None:
    bring("secret", "plain")
    hide(Tag.objects.filter(key="secret"), NOW)
    assert client.get(address.format("secret")).status_code == 404
    assert b"secret" not in client.get(address.format("plain")).content
    assert all(b"secret" not in client.get(page).content for page in ("/", "/tags/", "/atom.xml", "/feed.json"))


@pytest.mark.parametrize("address", BELOW)
def test_of_what_nobody_may_see_nobody_learns_the_name(client: Client, address: str) -> None:
    bring("pills")
    curating.hide(Entry.objects.all(), NOW)
    assert client.get(address.format("pills")).status_code == 404
    assert b"pills" not in client.get("/tags/").content


@pytest.mark.parametrize("address", BELOW)
def test_the_address_of_a_joined_tag_leads_on(client: Client, address: str) -> None:
    bring("py"), bring("python", count=3)
    join(Tag.objects.all(), NOW)
    answer = client.get(address.format("py"))
    assert (answer.status_code, answer["Location"]) == (301, address.format("python"))
    assert "max-age=0" in answer["Cache-Control"]
    take_apart(Tag.objects.all(), NOW)
    assert client.get(address.format("py")).status_code in {200, 404}


def test_a_tag_of_one_post_is_a_search(client: Client) -> None:
    [entry] = bring("rare one", count=1).entries.all()
    answer = client.get("/tag/rare-one/")
    assert (answer.status_code, answer["Location"]) == (302, "/search/?q=tag%3Arare-one")
    assert [post.entry for post in client.get(answer["Location"]).context["posts"]] == [entry]
    assert client.get("/tag/rare-one/atom.xml").status_code == 200


def test_pages_of_older_posts_have_each_post_once(client: Client) -> None:
    entries = many("python", 2 * PAGE_ENTRIES + 5)
    found, address = [], "/tag/python/"
    for _ in range(3):
        found += titles(client, address)
        older = page_at(client, address).classed("pager-older")
        address = f"/tag/python/{older[0]['href']}" if older else address
    assert found == [entry.title for entry in entries]
    [newer] = page_at(client, address).classed("pager-newer")
    assert titles(client, f"/tag/python/{newer['href']}") == [
        entry.title for entry in entries[PAGE_ENTRIES : 2 * PAGE_ENTRIES]
    ]


def test_the_last_page_says_that_it_is(client: Client) -> None:
    entries = many("python", 3)
    assert "That was the oldest post." in client.get(f"/tag/python/?before={entries[-1].pk}").content.decode()


@pytest.mark.parametrize("value", ["x", "0", "99999999", "-1", "²", ""])
def test_a_place_that_is_none_under_this_tag_is_no_page(client: Client, value: str) -> None:
    bring("python"), bring("other", name="other")
    assert client.get(f"/tag/python/?before={value}").status_code == 404
    other = Entry.objects.filter(entry_tags__tag__key="other")[0]
    assert client.get(f"/tag/python/?before={other.pk}").status_code == 404


def test_thousands_of_hidden_posts_cost_a_page_nothing(client: Client) -> None:
    many("python", 3)
    before = steps(client)
    many("python", 3000, is_hidden=True)
    assert EntryTag.objects.filter(is_listed=False).count() == 3000
    assert steps(client) <= 1.2 * before + 5
    assert len(titles(client, "/tag/python/")) == 3


def steps(client: Client) -> int:
    """By hundreds, how much SQLite works for the page; PostgreSQL doesn't tell."""
    taken: list[None] = []
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(lambda: taken.append(None), 100)
    assert client.get("/tag/python/").status_code == 200
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(None, 0)
    return len(taken)


def test_a_page_asks_few_questions(client: Client) -> None:
    many("python", PAGE_ENTRIES + 1)
    with CaptureQueriesContext(connection) as queries:
        client.get("/tag/python/")
    assert len(queries) <= 8, [query["sql"] for query in queries]


# -- its feeds ---------------------------------------------------------------------------------------------------------


def test_feeds_give_out_the_category_and_the_tags_of_posts_each_once(client: Client) -> None:
    feed = make_feed(category=make_category("Web Dev"))
    bring("Python", "web-dev", "Rust", feed=feed)
    expected = ["Web Dev", "Python", "Rust"]
    atom = ET.fromstring(client.get("/tag/python/atom.xml").content)
    entry = atom.find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert [each.get("term") for each in entry.iter("{http://www.w3.org/2005/Atom}category")] == expected
    rss = ET.fromstring(client.get("/tag/python/rss20.xml").content)
    item = rss.find("channel/item")
    assert item is not None
    assert [each.text for each in item.iter("category")] == expected
    assert json.loads(client.get("/tag/python/feed.json").content)["items"][0]["tags"] == expected


def test_a_page_and_its_feeds_name_each_other(client: Client) -> None:
    bring("C#")
    page = page_at(client, "/tag/c%23/")
    links = [link["href"] for link in page.named("link") if link.get("rel") == "alternate"]
    assert links == ["/tag/c%23/atom.xml", "/tag/c%23/rss20.xml", "/tag/c%23/feed.json"]
    feed = json.loads(client.get("/tag/c%23/feed.json").content)
    assert (feed["home_page_url"].endswith("/tag/c%23/"), feed["title"].split(" · ")[0]) == (True, "C#")
    assert len(feed["items"]) == 2


@pytest.mark.parametrize("name", ["Python", "<b>&amp;", "שלום", "C#", "👩‍👩‍👧", "x" * 300, "機能"])
def test_its_feeds_keep_the_rules_of_validators(client: Client, name: str, settings: Settings) -> None:
    settings.WEBSITE_URL = "https://planet.example"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": "tag:planet.example,2026-06-07:0123456789abcdef"})
    bring(name, "other & more")
    [slug] = {tag.slug for tag in Tag.objects.exclude(key="other_more")}
    for route in ("tag_atom", "tag_rss", "tag_json_feed"):
        address = reverse(route, args=[slug])
        answer = client.get(address)
        assert answer.status_code == 200
        if route != "tag_json_feed":
            assert broken_rules(answer.content, answer["Content-Type"], f"https://planet.example{address}") == {}


# -- all of them -------------------------------------------------------------------------------------------------------


def test_all_tags_of_more_than_one_post_are_listed_by_name(client: Client) -> None:
    bring("zebra", "Äpfel"), bring("apple"), bring("rare", count=1)
    assert listed(client, "/tags/") == ["Äpfel", "apple", "zebra"]


def listed(client: Client, address: str) -> list[str]:
    return re.findall(r'<li><a class="tag" href="[^"]+"><bdi>([^<]*)</bdi>', client.get(address).content.decode())


def test_a_site_without_tags_says_so(client: Client) -> None:
    assert "No tags yet." in client.get("/tags/").content.decode()


def test_twenty_thousand_tags_make_no_long_menu(client: Client) -> None:
    Tag.objects.bulk_create(
        (Tag(name=f"{'abcdefghij'[n % 10]} word {n}", key=f"k{n}", post_count=n) for n in range(20_000)),
        batch_size=2000,
    )
    names = listed(client, "/tags/")
    assert (len(names), names == sorted(names)) == (pages.PAGE_TAGS, True)
    assert "j word 19999" in names
    page = page_at(client, "/tags/")
    assert [link["href"] for link in page.classed("way")][:3] == ["/tags/", "/tags/letter/A/", "/tags/letter/B/"]
    assert len(listed(client, "/tags/letter/A/")) == pages.PAGE_TAGS
    last = listed(client, "/tags/letter/A/10/")
    assert (len(last), last[-1]) == (199, "a word 9990")
    assert len(client.get("/tags/").content) < 100_000
    for beyond in ("/tags/letter/A/11/", "/tags/letter/Z/", "/tags/letter/AB/"):
        assert client.get(beyond).status_code == 404


# -- what was written about --------------------------------------------------------------------------------------------


def test_the_front_page_tells_what_was_written_about_beside_the_posts(client: Client) -> None:
    bring("python"), bring("python", name="other")
    TagOfMonth.objects.replace(TagOfMonth.objects.choose(NOW))
    html = client.get("/").content.decode()
    main, aside = html.split("</main>")
    assert ("Written about this month" in main, "Written about this month" in aside) == (False, True)
    assert '<a class="tag" href="/tag/python/" rel="tag"><bdi>python</bdi></a>' in aside


def test_what_nobody_may_see_any_more_is_told_no_more(client: Client) -> None:
    bring("python"), bring("python", name="other")
    TagOfMonth.objects.replace(TagOfMonth.objects.choose(NOW))
    curating.hide(Entry.objects.all(), NOW)
    assert b"python" not in client.get("/").content


def test_another_spelling_of_a_tag_that_nobody_may_see_leads_nowhere(client: Client) -> None:
    feed = bring("Secret Word")
    assert client.get("/tag/Secret_Word/").status_code == 301
    curating.hide(feed.entries.all(), NOW)
    for below in BELOW:
        assert client.get(below.format("Secret_Word")).status_code == 404


def test_a_blog_of_all_signs_that_there_are_makes_no_long_menu(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_TAGS", 3)
    monkeypatch.setattr(pages, "MAX_LETTERS", 5)
    for first in range(0, 20, 10):
        bring(*[f"{chr(0x13000 + number)} sign" for number in range(first, first + 10)], name=f"{first}")
    bring("apple", "ant", "bee", "1")
    page = client.get("/tags/").content.decode()
    ways = re.findall('href="(/tags/letter/[^"]*)"', page)
    assert len(ways) == 6
    assert "/tags/letter/A/" in ways
    counted = [part.count for part in pages.letters_of_tags()]
    assert sum(counted) == Tag.objects.with_page().count() == 24
    assert [client.get(way).status_code for way in ways] == [200] * 6


def test_no_page_goes_on_after_a_post_of_a_source_that_nobody_may_know_of(client: Client) -> None:
    posts = [make_entry(make_feed(), days_ago=days) for days in (1, 2, 3)]
    tag_all("birds")
    address = f"/tag/birds/?before={posts[0].pk}"
    assert client.get(address).status_code == 200
    Feed.objects.filter(pk=posts[0].feed_id).update(state="rejected")
    assert client.get(address).status_code == 404
