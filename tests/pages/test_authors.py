"""Pages of authors, as a browser gets them: who has one, what it shows, and what it says of the person."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from aggregator.curating.authors import hide, join, take_apart, unhide
from aggregator.curating.entries import hide as hide_posts
from aggregator.curating.feeds import delete_feeds, reject
from aggregator.ingest.types import Person
from aggregator.models import Author, Entry, EntryAuthor, Feed, FormerAuthorSlug, Ownership
from aggregator.models.emptying import empty
from aggregator.pages import authors as pages
from aggregator.pages import paging
from tests.factories import NOW, make_feed
from tests.outline import titles
from tests.stores import make_item, store_items
from tests.submissions.owners import make_owner
from tests.writers import by, group

pytestmark = pytest.mark.django_db

FEEDS = ("atom.xml", "rss20.xml", "feed.json")


def status(client: Client, path: str) -> int:
    return client.get(path).status_code


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def everybody(*feeds: Feed) -> None:
    """A curator says that the Anns of these feeds are one."""
    join(Author.objects.filter(feed__in=feeds, name="Ann"), NOW)


# -- what a page shows -------------------------------------------------------------------------------------------------


def test_a_page_has_the_posts_of_its_author_and_no_others(client: Client) -> None:
    feed, _ = group(), group("Other")
    assert titles(client, "/author/ann/") == [f"One {feed.pk}", f"Two {feed.pk}"]
    assert titles(client, "/author/bob/") == [f"Two {feed.pk}"]
    page = html(client, "/author/ann/")
    assert "<title>Ann · Group · Orrery</title>" in page
    assert 'class="heading heading-author p-author h-card"' in page
    assert '<a class="heading-self p-name u-url" href="/author/ann/" dir="auto">Ann</a>' in page
    assert 'in <a href="/source/group/"><bdi>Group</bdi></a>' in page


def test_a_long_page_goes_on_where_it_ended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_ENTRIES", 2)
    monkeypatch.setattr(pages, "PAGE_ENTRIES", 2)
    feeds = [make_feed(), make_feed()]
    for number in range(7):
        store_items(feeds[number % 2], by(f"Post {number}", "Ann", days_ago=number / 10))
    everybody(*feeds)
    seen: list[str] = []
    address = "/author/ann/"
    while True:
        page = html(client, address)
        seen += titles(client, address)
        if 'rel="next"' not in page:
            break
        address = "/author/ann/" + page.split('class="pager-older" href="')[1].split('"')[0]
    assert seen == [f"Post {number}" for number in range(7)]
    last = Entry.objects.get(title="Post 6")
    assert "That was the oldest post." in html(client, f"/author/ann/?before={last.pk}")


def test_a_person_of_several_sources_has_their_posts_with_their_names(client: Client) -> None:
    one, other = group("One"), group("Other")
    everybody(one, other)
    assert len(titles(client, "/author/ann/")) == 4
    page = html(client, "/author/ann/")
    assert "<title>Ann · Orrery</title>" in page
    assert [page.count(f'in <a href="/source/{slug}/">') for slug in ("one", "other")] == [1, 1]
    assert 'class="run-head"' in page


def test_the_other_s_address_leads_to_the_person_until_they_are_taken_apart(client: Client) -> None:
    one, other = group("One"), group("Other")
    everybody(one, other)
    for name in ("", *FEEDS):
        response = client.get(f"/author/ann-2/{name}")
        assert (response.status_code, response["Location"]) == (302, f"/author/ann/{name}")
    take_apart(Author.objects.filter(feed=one), NOW)
    assert len(titles(client, "/author/ann-2/")) == 2
    assert len(titles(client, "/author/ann/")) == 2


def test_a_former_address_leads_on_for_good(client: Client) -> None:
    group()
    FormerAuthorSlug.objects.create(slug="annie", author=Author.objects.get(slug="ann"))
    for name in ("", *FEEDS):
        response = client.get(f"/author/annie/{name}")
        assert (response.status_code, response["Location"]) == (301, f"/author/ann/{name}")


def test_when_the_source_goes_whose_author_stood_for_all_another_does(client: Client) -> None:
    one, other, third = group("One"), group("Other"), group("Third")
    everybody(one, other, third)
    delete_feeds(Feed.objects.filter(pk=one.pk), NOW)
    assert len(titles(client, "/author/ann/")) == 4
    assert client.get("/author/ann-2/")["Location"] == "/author/ann/"
    assert client.get("/author/ann-3/")["Location"] == "/author/ann/"


@pytest.mark.parametrize(
    "name",
    ["שָׁלוֹם כהן", "山田 太郎", "हिन्दी", "🎈", "<script>alert(1)</script>", "x" * 300, "Ann & Bob", "..", "a\u202eb"],
)
def test_odd_names_have_pages_and_are_inert(client: Client, name: str) -> None:
    feed = make_feed("Group")
    store_items(feed, by("a", name), by("b", name), by("c", "Bob"))
    author = Author.objects.exclude(name="Bob").first()
    if author is None:
        assert name == ".."
        return
    page = html(client, author.get_absolute_url())
    assert "<script>alert" not in page
    assert [status(client, author.get_absolute_url() + one) for one in FEEDS] == [200] * 3
    assert author.get_absolute_url() in html(client, "/")


# -- who has a page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("/author/nobody/", "/author/admin/", "/author/group/", "/author/%00/", "/author/a%2Fb/", "/author/%ff/"),
        *("/author//", f"/author/{'x' * 200}/", "/author/Ann/", "/author/ann/?before=x", "/author/ann/?before=999999"),
    ],
)
def test_there_are_no_others(client: Client, path: str) -> None:
    feed = group()
    store_items(feed, by("a", "admin"), by("b", "Group"), title="Group")
    assert status(client, path) == 404


def test_an_author_of_whom_readers_see_nothing_has_none(client: Client) -> None:
    feed = group()
    hide_posts(Entry.objects.filter(authors__author__name="Ann"), NOW)
    assert [status(client, f"/author/ann/{one}") for one in ("", *FEEDS)] == [404] * 4
    assert status(client, "/author/cleo/") == 200
    reject(Feed.objects.filter(pk=feed.pk), NOW)
    assert status(client, "/author/cleo/") == 404


def test_one_whose_posts_had_their_time_has_an_empty_one(client: Client) -> None:
    group()
    empty(Entry.objects.filter(authors__author__name="Ann").values_list("pk", flat=True), NOW)
    assert EntryAuthor.objects.filter(author__name="Ann").count() == 0
    assert "No posts by <bdi>Ann</bdi> to show here just now." in html(client, "/author/ann/")
    assert [status(client, f"/author/ann/{one}") for one in FEEDS] == [200] * 3


def test_a_hidden_author_has_none_and_stays_named(client: Client) -> None:
    group()
    hide(Author.objects.filter(name="Ann"), NOW)
    assert [status(client, f"/author/ann/{one}") for one in ("", *FEEDS)] == [404] * 4
    page = html(client, "/")
    assert 'href="/author/ann/"' not in page
    assert '<bdi class="p-name">Ann</bdi>' in page
    unhide(Author.objects.filter(name="Ann"), NOW)
    assert status(client, "/author/ann/") == 200


def test_posts_lead_to_authors_who_wrote_more(client: Client) -> None:
    group()
    page = html(client, "/")
    assert page.count('href="/author/ann/"') == 2
    assert 'href="/author/bob/"' not in page
    assert '<a class="p-name u-url" href="/author/ann/"><bdi>Ann</bdi></a></span>, <span' in page


def test_where_all_is_by_one_person_the_source_says_as_much(client: Client) -> None:
    feed = make_feed("Blog")
    store_items(feed, by("a", "Ann"), by("b", "Ann"), title="Blog")
    assert "/author/" not in html(client, "/source/blog/")
    other = make_feed("Other")
    store_items(other, by("c", "Ann"), title="Other")
    everybody(feed, other)
    assert html(client, "/source/blog/").count('href="/author/ann/"') == 2
    assert html(client, "/source/other/").count('href="/author/ann/"') == 1


def test_a_title_that_names_its_author_leads_to_more(client: Client) -> None:
    names = ("Ann Smith", "Bob Jones")
    store_items(make_feed(), *(make_item(f"{n}", title=f"{names[n % 2]}: Post {n}", author="") for n in range(6)))
    assert 'href="/author/ann-smith/">more by <bdi>Ann Smith</bdi></a>' in html(client, "/")
    assert len(titles(client, "/author/ann-smith/")) == 3


# -- what it says of the person ----------------------------------------------------------------------------------------


def test_no_unproven_address_stands_on_any_page(client: Client) -> None:
    feed = make_feed("Group", url="https://ann.example/feed", site_url="https://ann.example/")
    store_items(feed, by("a", Person("Ann", "https://ann.example/me")), by("b", "Ann"), by("c", "Bob"))
    assert "ann.example/me" not in html(client, "/author/ann/") + html(client, "/")


def test_a_proven_one_is_the_person_s(client: Client) -> None:
    feed = make_feed("Group", url="https://ann.example/feed", site_url="https://ann.example/")
    store_items(feed, by("a", Person("Ann", "https://ann.example/me")), by("b", "Ann"), by("c", "Bob"))
    make_owner(feed)
    assert '<a class="u-url" href="https://ann.example/me" rel="me noopener">' in html(client, "/author/ann/")
    assert 'rel="me' not in html(client, "/author/bob/")
    Ownership.objects.update(lost_at=NOW)
    assert 'rel="me' not in html(Client(), "/author/ann/?x")


def test_a_proven_blog_proves_no_address_elsewhere(client: Client) -> None:
    feed = make_feed("Evil", url="https://evil.example/feed", site_url="https://ann.example/")
    store_items(feed, by("a", Person("Ann", "https://ann.example/")), by("b", "Ann"), by("c", "Bob"))
    make_owner(feed)
    assert 'rel="me' not in html(client, "/author/ann/")


@pytest.mark.parametrize(
    ("address", "feed_url", "site_url", "way", "lies"),
    [
        ("https://a.example/me", "https://a.example/feed", "https://a.example/", "meta", True),
        ("https://www.a.example/", "https://a.example/feed", "https://a.example/", "meta", True),
        ("https://a.example/", "https://a.example/blog/feed", "https://a.example/blog/", "meta", False),
        ("https://a.example/~bob/", "https://a.example/~evil/feed", "https://a.example/", "line", False),
        ("https://a.example/~evil", "https://a.example/~evil/feed", "https://a.example/", "line", True),
        ("https://a.example/~evilbob/", "https://a.example/~evil/feed.xml", "https://a.example/~evil/", "file", False),
        ("https://b.example/", "https://a.example/feed", "https://b.example/", "meta", False),
        ("https://a.example/", "", "", "meta", False),
    ],
)
def test_an_address_lies_on_what_was_proven(address: str, feed_url: str, site_url: str, way: str, lies: bool) -> None:
    assert pages.lies_on_site(address, Feed(url=feed_url, site_url=site_url), way) is lies


# -- what browsers keep ------------------------------------------------------------------------------------------------


def test_a_page_of_one_source_stays_while_others_post(client: Client) -> None:
    group()
    tag = client.get("/author/ann/")["ETag"]
    other = group("Other")
    kept = client.get("/author/ann/")["ETag"]
    store_items(other, by("new", "Cleo"), title="Other")
    assert client.get("/author/ann/", headers={"if-none-match": kept}).status_code == 304
    assert tag != kept  # a new source is shared by all
    store_items(Feed.objects.get(slug="group"), by("more", "Ann"), title="Group")
    assert client.get("/author/ann/")["ETag"] != kept


def test_one_of_several_changes_with_each_of_them(client: Client) -> None:
    one, other = group("One"), group("Other")
    everybody(one, other)
    kept = client.get("/author/ann/")["ETag"]
    store_items(other, by("more", "Ann", days_ago=0.1), now=NOW + timedelta(minutes=1), title="Other")
    assert client.get("/author/ann/", headers={"if-none-match": kept}).status_code == 200
    assert "more" in titles(client, "/author/ann/")


def test_the_address_is_written_in_ascii(client: Client) -> None:
    store_items(make_feed(), by("a", "山田"), by("b", "山田"), by("c", "Bob"))
    assert f'href="/author/{quote("山田")}/"' in html(client, "/")


def test_who_wrote_in_a_feed_that_was_turned_down_has_no_page_though_posts_were_let_go(client: Client) -> None:
    feed = group()
    empty(feed.entries.values_list("pk", flat=True), NOW)
    assert status(client, "/author/ann/") == 200
    reject(Feed.objects.filter(pk=feed.pk), NOW)
    assert status(client, "/author/ann/") == 404


def test_no_way_leads_to_who_has_no_page(client: Client) -> None:
    feeds = group(), group("Other")
    everybody(*feeds)
    FormerAuthorSlug.objects.create(slug="anna", author=Author.objects.get(slug="ann"))
    assert [status(client, f"/author/{slug}/") for slug in ("ann-2", "anna")] == [302, 301]
    hide(Author.objects.filter(slug="ann"), NOW)
    for slug in ("ann-2", "anna"):
        assert [status(client, f"/author/{slug}/{name}") for name in ("", *FEEDS)] == [404] * 4


@pytest.mark.parametrize("cause", ["turned down", "hidden", "never seen"])
def test_no_etag_tells_of_who_has_no_page(client: Client, cause: str) -> None:
    feed = group()
    if cause == "turned down":
        reject(Feed.objects.filter(pk=feed.pk), NOW)
    elif cause == "hidden":
        hide(Author.objects.filter(slug="ann"), NOW)
    else:
        hide_posts(feed.entries.all(), NOW)
    known = {"If-None-Match": client.get("/").headers["ETag"]}
    answers = {client.get(f"/author/{slug}/", headers=known).status_code for slug in ("ann", "nobody-here")}
    assert answers == {304}
