"""A post of one source leaves the pages of the others as they are; whatever those show makes them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from aggregator.curating import entries, feeds, tags
from aggregator.ingest.errors import TimedOut
from aggregator.models import Category, Entry, Feed, SiteState, Tag, site_change
from aggregator.models.counting import refresh_counts
from aggregator.pages.caching import public_page, site_state
from aggregator.storing.feed_row import store_failure
from tests.factories import NOW, make_category, make_feed
from tests.pages.conftest import Ask
from tests.stores import (
    POLICY,
    lease,
    make_document,
    make_item,
    make_response,
    new_feed,
    store_document,
    store_items,
    store_unchanged,
)
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def north() -> Feed:
    """The feed whose pages are kept. Its post "shared" came through South, too."""
    shelf = make_category("Shelf")
    north, south, east = (make_feed(name, category=shelf) for name in ("North", "South", "East"))
    store_items(north, make_item("shared"), make_item("one"), make_item("two", days_ago=2), title="North")
    store_items(south, make_item("shared", guid="urn:south"), make_item("deep", days_ago=3), title="South")
    store_items(east, make_item("east"), title="East")
    with site_change():
        refresh_counts(Feed.objects.all())
    return north


def pages_of(feed: Feed) -> list[tuple[str, str]]:
    """The kinds of pages that show it alone; of its posts, the one that came through others."""
    newest = Entry.objects.filter(feed=feed).newest_first()[0]
    post = Entry.objects.get(feed__slug="north", guid="urn:shared")
    source = f"/source/{feed.slug}/"
    return [(source, ""), (source, f"before={newest.pk}"), (f"{source}atom.xml", ""), (f"/post/{post.pk}/", "")]


def of(name: str) -> Feed:
    return Feed.objects.get(slug=name)


def test_others_posts_leave_a_sources_pages(ask: Ask, north: Feed) -> None:
    kept = {page: ask(*page) for page in pages_of(north)}
    front = ask("/")
    store_items(of("east"), make_item("east"), make_item("news", days_ago=0), title="East", now=LATER)
    for page, before in kept.items():
        again = ask(*page)
        assert (again.questions, again.headers, again.body) == (1, before.headers, before.body)
        assert ask(*page, HTTP_IF_NONE_MATCH=before.headers["ETag"]).status == 304
    assert ask("/").headers["ETag"] != front.headers["ETag"]
    assert "news" in ask("/source/east/").text


def test_the_source_is_found_by_the_argument_that_is_named(rf: RequestFactory) -> None:
    """Also if it isn't the first."""
    feed = make_feed()
    SiteState.objects.touch(NOW)
    page = public_page(of_source={"slug": "slug"})(lambda request, **_: HttpResponse())
    page(request := rf.get("/"), part=2, slug=feed.slug)
    assert site_state(request).source_id == feed.pk


def test_its_own_post_makes_its_pages_anew(ask: Ask, north: Feed) -> None:
    kept = {page: ask(*page) for page in pages_of(north)}
    store_items(north, make_item("news", days_ago=0), title="North", now=LATER)
    for page, before in kept.items():
        again = ask(*page)
        assert again.questions > 1
        assert again.headers["ETag"] != before.headers["ETag"]
        assert ask(*page, HTTP_IF_NONE_MATCH=before.headers["ETag"]).status == 200
    assert "news" in ask("/source/north/").text


def fail_for_a_day(feed: Feed) -> None:
    for hours in (0, 1, 3, 27):
        feed.refresh_from_db()
        error = TimedOut(host="blog.example", limit_seconds=30)
        store_failure(lease(feed), error, now=NOW + timedelta(hours=hours), policy=POLICY)


CHANGES: dict[str, Callable[[], object]] = {
    "its own tags": lambda: store_items(of("north"), make_item("one", tags=("Tag",)), title="North", now=LATER),
    "a hidden tag": lambda: (tag_all("Tag"), tags.hide(Tag.objects.all(), LATER)),
    "its own new post": lambda: store_items(of("north"), make_item("news", days_ago=0), title="North", now=LATER),
    "its own edit": lambda: store_items(of("north"), make_item("one", title="Else", content_hash="x"), now=LATER),
    "its own failing for a day": lambda: fail_for_a_day(of("north")),
    "another's failing for a day": lambda: fail_for_a_day(of("south")),
    "its own good look after that": lambda: (
        fail_for_a_day(of("north")),
        store_unchanged(lease(of("north")), make_response(of("north")), now=NOW + timedelta(days=2)),
    ),
    "its own words": lambda: store_items(of("north"), make_item("one"), description="Of the north", now=LATER),
    "another's new post": lambda: store_items(of("east"), make_item("news"), title="East", now=LATER),
    "another's new copy": lambda: store_items(of("east"), make_item("one", guid="urn:copy"), title="East", now=LATER),
    "an edit of a copy": lambda: store_items(
        of("south"), make_item("shared", guid="urn:south", title="Else", content_hash="x"), now=LATER
    ),
    "a copy that leads elsewhere": lambda: store_items(
        of("south"), make_item("gone", guid="urn:south", content_hash="x"), now=LATER
    ),
    "another's name": lambda: store_items(of("south"), make_item("deep"), title="Far south", now=LATER),
    "another's address": lambda: store_document(
        lease(of("south")),
        make_response(of("south"), permanent_url="https://moved.example/feed"),
        make_document(make_item("news"), title="South"),
        now=LATER,
    ),
    "a first poll": lambda: store_items(new_feed(category=make_category("New")), make_item("fresh"), now=LATER),
    "a first poll that brings a copy": lambda: store_items(new_feed(), make_item("two", guid="urn:c"), now=LATER),
    "a post in the next month": lambda: store_items(
        of("east"), make_item("news"), title="East", now=NOW + timedelta(days=20)
    ),
    "a hidden copy": lambda: entries.hide(Entry.objects.filter(feed__slug="south"), LATER),
    "its own hidden post": lambda: entries.hide(Entry.objects.filter(guid="urn:one"), LATER),
    "another paused": lambda: feeds.pause(Feed.objects.filter(slug="south"), LATER),
    "itself paused": lambda: feeds.pause(Feed.objects.filter(slug="north"), LATER),
    "another rejected": lambda: feeds.reject(Feed.objects.filter(slug="south"), LATER),
    "another deleted": lambda: feeds.delete_feeds(Feed.objects.filter(slug="south"), LATER),
    "itself deleted": lambda: feeds.delete_feeds(Feed.objects.filter(slug="north"), LATER),
    "another category": lambda: feeds.set_category(Feed.objects.filter(slug="east"), make_category("Else"), LATER),
    "its own category": lambda: feeds.set_category(Feed.objects.filter(slug="north"), None, LATER),
    "a category deleted": lambda: feeds.delete_categories(Category.objects.all(), LATER),
}


@pytest.mark.parametrize("name", CHANGES)
def test_no_page_of_a_source_is_old(
    ask: Ask,
    ask_anew: Ask,
    north: Feed,
    name: str,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    pages = [*pages_of(north), ("/source/south/", "")]
    for page in pages:
        ask(*page)
    with django_capture_on_commit_callbacks() as after_the_commit:
        CHANGES[name]()
    assert_new(pages, ask, ask_anew)  # between the two, pages are right as well
    for follow in after_the_commit:
        follow()
    if after_the_commit:
        assert_new(pages, ask, ask_anew)


def assert_new(pages: list[tuple[str, str]], ask: Ask, ask_anew: Ask) -> None:
    for page in pages:
        kept, made = ask(*page), ask_anew(*page)
        assert (kept.status, kept.body, kept.headers.get("ETag")) == (made.status, made.body, made.headers.get("ETag"))
