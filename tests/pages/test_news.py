"""What open pages ask, to learn of newer posts: small, kept like pages, and true whatever curators do."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from aggregator.curating.entries import hide
from aggregator.models import Entry, SiteState, Tag
from aggregator.models.counting import refresh_counts
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.outline import Page
from tests.pages.conftest import Answer, Ask
from tests.stores import make_item, store_items
from tests.tagged import tag_all
from tests.writers import sign

pytestmark = pytest.mark.django_db
ADDRESSES = (
    *("/new.json", "/category/web/new.json", "/source/north/new.json"),
    *("/tag/trains/new.json", "/author/ann/new.json"),
)
MAX_BYTES = 1100


@pytest.fixture
def entries() -> list[Entry]:
    """The newest first: of a feed with a hundred posts, of one with two, and of one in no category."""
    web = make_category("Web")
    feeds = [make_feed("North", category=web), make_feed("East", category=web), make_feed("South")]
    north = [make_entry(feeds[0], author="Ann", days_ago=1 + number) for number in range(100)]
    others = [make_entry(feed, days_ago=0.1 * number) for feed in feeds[1:] for number in (1, 2)]
    refresh_counts(feeds)
    sign(north)
    tag_all("trains")
    SiteState.objects.touch(NOW)
    return sorted([*north, *others], key=lambda entry: (entry.timeline_at, entry.pk), reverse=True)


def told(answer: Answer) -> list[int]:
    assert answer.status == 200
    posts = json.loads(answer.text)["posts"]
    assert [type(value) for post in posts for value in post] == [int] * 2 * len(posts)
    return [pk for pk, _ in posts]


def told_by(page: str) -> dict[str, str]:
    """What the page tells its script."""
    scripts = Page(page).named("script")
    return next((script for script in scripts if "data-news" in script), {})


@pytest.mark.parametrize("address", ADDRESSES)
def test_they_name_the_posts_that_their_page_shows(ask: Ask, entries: list[Entry], address: str) -> None:
    page = ask(address.removesuffix("new.json")).text
    shown = [int(pk) for pk in re.findall(r'href="/post/([0-9]+)/" rel="bookmark"', page)]
    assert told(ask(address)) == shown
    newest = Entry.objects.get(pk=shown[0]).timeline_at.timestamp()
    said = told_by(page)
    assert said["data-news"] == address
    assert (said["data-id"], said["data-minute"]) == (str(max(shown)), str(int(newest) // 60))


@pytest.mark.parametrize("address", ADDRESSES)
def test_they_are_small_kept_and_known_again(ask: Ask, entries: list[Entry], address: str) -> None:
    first, second = ask(address), ask(address)
    assert (second.questions, second.body) == (1, first.body)
    assert first.headers["Cache-Control"] == "public, max-age=0, s-maxage=5, stale-while-revalidate=5"
    assert first.headers["Content-Type"] == "application/json"
    again = ask(address, HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status, again.body, again.questions) == (304, b"", 1)
    assert len(first.body) <= MAX_BYTES
    assert ask(address, HTTP_COOKIE="a=b").headers.get("Set-Cookie") is None


def test_sixty_posts_with_long_numbers_fit_into_a_kilobyte(client: Client) -> None:
    feed = make_feed("North")
    for number in range(70):
        make_entry(feed, id=12_345_678 - number, days_ago=number)
    answer = client.get("/source/north/new.json")
    assert len(json.loads(answer.content)["posts"]) == 60
    assert len(answer.content) <= 1240
    assert len(client.get("/source/north/new.json", headers={"Accept-Encoding": "br"}).content) <= 500


def test_a_hidden_post_goes_and_a_new_one_comes(ask: Ask, entries: list[Entry]) -> None:
    before = told(ask("/new.json"))
    hide(Entry.objects.filter(pk=before[0]), timezone.now())
    assert told(ask("/new.json"))[0] == before[1]
    store_items(entries[0].feed, make_item("news", days_ago=0), title=entries[0].feed.title, now=NOW)
    newest = Entry.objects.get(guid="urn:news")
    assert told(ask("/new.json"))[0] == newest.pk > max(before)


def test_no_more_are_named_than_the_page_would_show(client: Client, entries: list[Entry], settings: Settings) -> None:
    settings.FRONT_PAGE_ENTRIES = 2
    answer = client.get("/new.json").json()
    assert (answer["most"], len(answer["posts"])) == (2, 2)


@pytest.mark.parametrize(
    "path",
    [
        *("/source/north/?before={pk}", "/category/web/?before={pk}", "/tag/trains/?before={pk}"),
        *("/author/ann/?before={pk}", "/post/{pk}/", "/about/", "/search/?q=trains"),
    ],
)
def test_other_pages_ask_for_nothing(client: Client, entries: list[Entry], path: str) -> None:
    assert told_by(client.get(path.format(pk=entries[4].pk)).content.decode()) == {}


def test_an_empty_page_asks_too(client: Client) -> None:
    assert told_by(client.get("/").content.decode())["data-id"] == "0"
    assert client.get("/new.json").json() == {"most": 60, "posts": []}


@pytest.mark.parametrize(
    "address",
    ["/source/nobody/new.json", "/category/nothing/new.json", "/tag/nothing/new.json", "/author/nobody/new.json"],
)
def test_of_what_is_not_here_there_is_no_news(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_of_a_blog_that_readers_may_not_see_there_is_no_news(client: Client) -> None:
    make_entry(make_feed("Waiting", state="pending"))
    assert client.get("/source/waiting/new.json").status_code == 404
    assert client.get("/new.json").json()["posts"] == []


def test_of_a_tag_that_only_held_posts_have_nobody_learns_the_name(client: Client) -> None:
    make_entry(make_feed("North"), tags=["secret"], is_held=True)
    tag_all()
    assert Tag.objects.filter(name="secret").exists()
    assert client.get("/tag/secret/new.json").status_code == 404


def test_another_spelling_of_a_tag_leads_on(client: Client, entries: list[Entry]) -> None:
    answer = client.get("/tag/Trains/new.json")
    assert (answer.status_code, answer["Location"]) == (301, "/tag/trains/new.json")
