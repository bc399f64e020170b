"""However long posts are, lists stay small, no post is left out of them, and its own page has it whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.sql.compiler import cursor_iter
from django.test import Client

from aggregator.models import Entry, Feed
from aggregator.models.counting import refresh_counts
from aggregator.pages.budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES
from tests.factories import make_category, make_entry, make_feed

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MAX_BYTES = 2_000_000
SIZES = {"short": 100, "long": POST_BYTES - 100, "longer": POST_BYTES + 1, "longest": 850_000}
LISTS = ["/", "/category/web/", "/source/one/", "/archive/2026/06/23/"]
FEEDS = ["/atom.xml", "/rss20.xml", "/feed.json", "/category/web/atom.xml", "/source/one/feed.json"]


def make_post(feed: Feed, number: int, size: int, *, letter: str = "w") -> Entry:
    content = f"<p>{letter * size}</p>"
    return make_entry(
        feed, f"Post {number} of {feed.title}", days_ago=1 + number / 1000, content_html=content, excerpt="In short"
    )


def get(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def hostile() -> list[Feed]:
    """A hundred blogs, each with ten posts of 850 kB that grow when they are written as XML."""
    shelf = make_category("Web")
    feeds = [make_feed("One" if number == 0 else "", category=shelf) for number in range(100)]
    model = make_post(feeds[0], 0, 170_000, letter="&amp;")
    fields = {field.name: getattr(model, field.name) for field in Entry._meta.concrete_fields if field.name != "id"}
    rows = [
        Entry(**fields | {"feed": feed, "guid": f"{feed.pk} {number}", "title": f"Post {number} of {feed.title}"})
        for feed in feeds
        for number in range(3)
    ]
    Entry.objects.bulk_create(rows, batch_size=20)
    refresh_counts(feeds)
    return feeds


@pytest.mark.slow
@pytest.mark.usefixtures("hostile")
def test_no_address_is_larger_than_two_megabytes() -> None:
    post = Entry.objects.earliest("pk")
    assert {
        path: len(get(path)) for path in [*LISTS, *FEEDS, post.get_absolute_url()] if len(get(path)) > MAX_BYTES
    } == {}


def test_a_list_shows_posts_whole_until_its_budget_is_used() -> None:
    feeds = [make_feed() for _ in range(9)]
    for feed in feeds:
        make_post(feed, 1, SIZES["long"])
    refresh_counts(feeds)
    page = get("/")
    assert page.count("w" * SIZES["long"]) == LISTING_BYTES // SIZES["long"] < 9
    assert page.count('class="entry h-entry"') == 9
    assert page.count('/">The whole post</a>') == 9 - LISTING_BYTES // SIZES["long"]


def test_one_blog_takes_no_more_than_its_share() -> None:
    one, other = make_feed(), make_feed()
    for number in range(3):
        make_post(one, number, SIZES["long"])
    make_post(other, 9, SIZES["long"])
    refresh_counts([one, other])
    page = get("/")
    assert page.count("w" * SIZES["long"]) == SOURCE_BYTES // SIZES["long"] + 1
    assert get(one.get_absolute_url()).count("w" * SIZES["long"]) == 3


@pytest.mark.parametrize("size", SIZES)
def test_a_posts_own_page_has_it_whole(size: str) -> None:
    post = make_post(make_feed(), 1, SIZES[size])
    refresh_counts(Feed.objects.all())
    assert "w" * SIZES[size] in get(post.get_absolute_url())
    assert "The whole post" not in get(post.get_absolute_url())
    is_whole = SIZES[size] < POST_BYTES
    assert ("w" * SIZES[size] in get("/")) == is_whole
    assert (f'<a href="{post.get_absolute_url()}">The whole post</a>' in get("/")) == (not is_whole)


@pytest.mark.parametrize("path", FEEDS)
def test_in_our_feeds_no_item_is_missing_and_what_is_too_long_is_an_excerpt(path: str) -> None:
    one, other = (make_feed(title, category=make_category(name)) for title, name in (("One", "Web"), ("Two", "Else")))
    for number in range(20):
        make_post(one, number, SIZES["long"])
    make_post(other, 30, SIZES["short"])
    refresh_counts([one, other])
    document = get(path)
    assert all(f"Post {number} of One" in document for number in range(20))
    share = LISTING_BYTES if path.startswith("/source/") else SOURCE_BYTES
    assert document.count("w" * SIZES["long"]) == share // SIZES["long"]
    if "category" not in path and "source" not in path:
        assert "w" * SIZES["short"] in document


def read_characters(path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Of all texts that the database answers with for a page."""
    read = 0

    def counted(*args: Any, **named: Any) -> Iterator[Any]:
        nonlocal read
        for rows in cursor_iter(*args, **named):
            read += sum(len(value) for row in rows for value in row if isinstance(value, str))
            yield rows

    with monkeypatch.context() as patched:
        patched.setattr("django.db.models.sql.compiler.cursor_iter", counted)
        get(path)
    return read


@pytest.mark.parametrize("path", [*LISTS, "/archive/2026/06/", *FEEDS])
def test_what_is_not_shown_whole_is_not_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = make_feed("One", category=make_category("Web"))
    make_post(feed, 1, SIZES["longest"])
    make_post(feed, 2, SIZES["short"])
    refresh_counts([feed])
    assert SIZES["short"] < read_characters(path, monkeypatch) < 10_000
    assert read_characters(Entry.objects.earliest("pk").get_absolute_url(), monkeypatch) > SIZES["longest"]


def test_a_blog_that_shows_excerpts_uses_nothing_of_the_budget() -> None:
    brief, whole = make_feed(display="excerpt"), make_feed()
    make_post(brief, 1, SIZES["longest"])
    make_post(whole, 2, SIZES["short"])
    refresh_counts([brief, whole])
    page = get("/")
    assert ("In short" in page, "The whole post" in page, "w" * SIZES["short"] in page) == (True, False, True)


def test_what_has_an_endless_address_stands_in_a_list_of_sources_with_the_way_to_its_page() -> None:
    feed = make_feed("One", site_url=f"https://one.example/{'&' * 300}", url=f"https://one.example/feed?{'&' * 300}")
    refresh_counts([feed])
    page, opml = get("/sources/"), get("/opml.xml")
    assert ("one.example/&amp;" in page, "feed?&amp;" in page) == (False, False)
    assert page.count(f'href="{feed.get_absolute_url()}"') == 3
    assert ("htmlUrl" in opml, "feed?&amp;" in opml) == (False, True)
    assert "one.example/&amp;" in get(feed.get_absolute_url())
