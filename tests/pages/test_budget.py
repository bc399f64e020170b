"""However long posts are, lists stay small, no post is left out of them, and its own page has it whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.db.models.sql.compiler import cursor_iter
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Enclosure, Entry, Feed
from aggregator.models.counting import refresh_counts
from aggregator.pages.budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES
from aggregator.pages.paging import PAGE_ENTRIES
from aggregator.pages.wide import bytes_of_ways, with_ways_to_scroll
from aggregator.syndication.feeds import MAX_ENTRIES
from tests.factories import make_category, make_entry, make_feed, unsaved_entry
from tests.floods import LETTERS, POSTS_OF_ONE, flood

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MAX_BYTES = 2_000_000
SIZES = {"short": 100, "long": POST_BYTES - 100, "longer": POST_BYTES + 1, "longest": 850_000}
LISTS = ["/", "/category/web/", "/source/one/", "/archive/2026/06/23/"]
NAMES = ["atom.xml", "rss20.xml", "feed.json"]
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


def too_large(addresses: Iterable[str]) -> dict[str, int]:
    """Of these addresses and the pages that they lead on to, those that are, each with its bytes."""
    sizes: dict[str, int] = {}
    waiting = list(addresses)
    while waiting:
        path = waiting.pop()
        if path not in sizes:
            answer = get(path)
            sizes[path] = len(answer.encode())
            waiting += [urljoin(path, way) for way in re.findall(r'<a class="pager-older" href="([^"]*)"', answer)]
    return {path: size for path, size in sizes.items() if size > MAX_BYTES}


@pytest.mark.slow
@pytest.mark.usefixtures("hostile")
def test_no_address_is_larger_than_two_megabytes() -> None:
    post = Entry.objects.earliest("pk")
    assert too_large([*LISTS, *FEEDS, post.get_absolute_url()]) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(letter, id=name, marks=[] if name == "four bytes" else pytest.mark.any_database)
        for name, letter in LETTERS.items()
    ],
)
def test_nor_is_one_whatever_stands_beside_posts(letter: str) -> None:
    one = flood(letter)[0]
    longest = Entry.objects.from_feed(one).filter(title__gt="")[POSTS_OF_ONE - 1]
    page = get("/archive/2026/06/24/")
    assert page.count('class="entry h-entry"') == PAGE_ENTRIES
    assert json.loads(get("/feed.json"))["items"][MAX_ENTRIES - 1]["url"]
    address = one.get_absolute_url()
    feeds = [f"{place}{name}" for place in ("/", "/category/web/", address) for name in NAMES]
    pages = ["/", "/category/web/", address, "/archive/2026/06/24/", "/archive/2026/06/", "/sources/", "/about/"]
    assert too_large([*feeds, *pages, "/sources/category/web/", longest.get_absolute_url()]) == {}
    # A list of sources has them all, with addresses that lead to them: a hundred of the longest fit.
    Feed.objects.filter(pk__gt=one.pk + 99).update(state="rejected")
    assert too_large(["/opml.xml", "/category/web/opml.xml"]) == {}


def with_files(post: Entry, address: str) -> Entry:
    Enclosure.objects.bulk_create(
        Enclosure(entry=post, position=place, url=f"{address}{place}", media_type="audio/mpeg") for place in range(20)
    )
    return post


@pytest.mark.parametrize("path", ["/", "/archive/2026/06/23/", "/source/many/", *(f"/{name}" for name in NAMES)])
def test_files_beside_posts_are_shown_until_the_budget_is_used_and_all_posts_have_their_links(path: str) -> None:
    many, other = make_feed("Many", has_enclosures=True), make_feed("Other", has_enclosures=True)
    for number in range(40):
        with_files(make_post(many, number, 10), f"https://many.example/{number}/{'w' * 1900}")
    last = with_files(make_post(other, 99, 10), "https://other.example/")
    refresh_counts([many, other])
    page = get(path)
    assert len(page.encode()) < LISTING_BYTES
    shown = {number for number in range(40) if f"https://many.example/{number}/" in page}
    assert shown == set(range(len(shown)))
    assert 0 < len(shown) < 20
    if path != "/":  # which has a few posts of each blog
        assert all(f"Post {number} of Many" in page for number in range(40))
    if "source" not in path:
        assert "https://other.example/19" in page
        assert last.url in page


def test_a_post_that_many_brought_names_ten_of_them_and_how_many_others() -> None:
    post = make_entry(make_feed())
    others = [make_feed(f"Copy {number}") for number in range(130)]
    Entry.objects.bulk_create(unsaved_entry(feed, duplicate_of=post) for feed in [*others, others[0]])
    refresh_counts(Feed.objects.all())
    for path in ("/", "/archive/2026/06/23/", "/archive/2026/06/"):
        page = get(path)
        assert f'<bdi>Copy 9</bdi></a> and <a href="{post.get_absolute_url()}">120 others</a></span>' in page
    assert "<bdi>Copy 99</bdi></a> and 30 others</span>" in get(post.get_absolute_url())
    others[0].entries.all().delete()
    Entry.objects.filter(feed__in=others[12:]).delete()
    assert f'<bdi>Copy 10</bdi></a> and <a href="{post.get_absolute_url()}">1 other</a>' in get("/")


def test_json_counts_a_text_as_json_writes_it() -> None:
    feed = make_feed("One")
    for number in range(7):
        make_post(feed, number, 80_000, letter="\\ ")
    refresh_counts([feed])
    document = get("/source/one/feed.json")
    assert len(document.encode()) < LISTING_BYTES
    assert [len(item.get("content_html", "")) > 0 for item in json.loads(document)["items"]] == [True] * 6 + [False]


def test_code_and_tables_count_with_what_the_page_writes_around_them() -> None:
    places = "<pre>x</pre>" * 100 + "<table></table>" * 100
    assert bytes_of_ways(places) == len(with_ways_to_scroll(places)) - len(places)
    assert bytes_of_ways(places * 2) == len(with_ways_to_scroll(places * 2)) - len(places * 2)


def test_what_stands_beside_a_post_is_part_of_each_of_its_parts() -> None:
    post = with_files(make_post(make_feed("One", has_enclosures=True), 1, 1_450_000), f"https://a.example/{'&' * 1900}")
    refresh_counts(Feed.objects.all())
    first = get(post.get_absolute_url())
    assert len(first.encode()) < LISTING_BYTES + 50_000
    assert "Part 1 of 2" in first
    assert first.count("<audio") == 20


def test_what_has_an_endless_address_stands_in_a_list_of_sources_with_the_way_to_its_page() -> None:
    feed = make_feed("One", site_url=f"https://one.example/{'&' * 300}", url=f"https://one.example/feed?{'&' * 300}")
    refresh_counts([feed])
    page, opml = get("/sources/"), get("/opml.xml")
    assert ("one.example/&amp;" in page, "feed?&amp;" in page) == (False, False)
    assert page.count(f'href="{feed.get_absolute_url()}"') == 3
    assert ("htmlUrl" in opml, "feed?&amp;" in opml) == (False, True)
    assert "one.example/&amp;" in get(feed.get_absolute_url())


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


def test_what_is_counted_asks_no_more_queries() -> None:
    feed = make_feed("One", has_enclosures=True)
    for number in range(20):
        with_files(make_post(feed, number, 10), "https://one.example/")
    refresh_counts([feed])
    for path in ("/", "/source/one/", "/archive/2026/06/23/", "/archive/2026/06/", "/atom.xml"):
        with CaptureQueriesContext(connection) as queries:
            get(path)
        assert len(queries) <= 6, path


def test_a_blog_that_shows_excerpts_uses_nothing_of_the_budget() -> None:
    brief, whole = make_feed(display="excerpt"), make_feed()
    make_post(brief, 1, SIZES["longest"])
    make_post(whole, 2, SIZES["short"])
    refresh_counts([brief, whole])
    page = get("/")
    assert ("In short" in page, "The whole post" in page, "w" * SIZES["short"] in page) == (True, False, True)
