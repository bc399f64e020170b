"""One post that came through several feeds shows once, whatever came first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.curating.entries import hide, unhide
from aggregator.curating.feeds import delete_feeds, reject, resume, revise
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.signals import entries_added
from tests.factories import NOW, make_feed
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db
LINK = "https://ada.example/2026/engines/"
WORDS = [f"word{number}" for number in range(100)]
TEXT = f"<p>{' '.join(WORDS)}.</p>"


def make_blog(title: str = "Ada", host: str = "ada.example", **fields: object) -> Feed:
    site = {"site_url": f"https://{host}/", "reported_site_url": f"https://{host}/"}
    return make_feed(title, url=f"https://{host}/feed.xml", **{**site, **fields})


def make_planet(number: int = 1, **fields: object) -> Feed:
    return make_blog(f"Planet {number}", f"planet{number}.example", **fields)


def make_post(guid: str = "1", *, url: str = LINK, title: str = "Engines", **fields: object) -> Item:
    return make_item(title, guid=guid, url=url, **fields)


def store_post(feed: Feed, guid: str = "1", *, minutes: int = 0, **fields: object) -> Entry:
    """The post in the feed, as an established feed brings it."""
    feed = Feed.objects.get(pk=feed.pk)
    post = make_post(guid, **fields)
    store_items(feed, post, now=NOW + timedelta(minutes=minutes), title=feed.title, site_url=feed.site_url)
    return Entry.objects.get(feed=feed, guid=guid)


def one(entry: Entry) -> Any:
    return Entry.objects.filter(pk=entry.pk)


def shown() -> list[Entry]:
    return list(Entry.objects.listed().order_by("pk"))


def shown_in() -> set[str]:
    return set(Entry.objects.listed().values_list("feed__title", flat=True))


# -- whose copy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_blogs_own_post_is_shown_in_whatever_order_its_copies_come(order: tuple[int, ...]) -> None:
    feeds = [make_blog(), make_planet(1), make_planet(2)]
    for minutes, number in enumerate(order):
        store_post(feeds[number], f"id {number}", minutes=minutes)
    assert [entry.feed for entry in shown()] == [feeds[0]]
    assert Entry.objects.count() == 3


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_planets_the_first_to_bring_a_post_shows_it(first: int) -> None:
    planets = [make_planet(0), make_planet(1)]
    store_post(planets[first])
    store_post(planets[1 - first], minutes=1)
    assert [entry.feed for entry in shown()] == [planets[first]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_blogs_on_one_host_the_one_that_the_link_lies_in_shows_the_post(order: tuple[int, ...]) -> None:
    feeds = [
        make_feed("Ada", url="https://host.example/ada/feed", site_url="https://host.example/ada/"),
        make_feed("Planet", url="https://host.example/planet/feed", site_url="https://host.example/planet/"),
    ]
    for minutes, number in enumerate(order):
        store_post(feeds[number], url="https://host.example/ada/engines", minutes=minutes)
    assert shown_in() == {"Ada"}


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_blog_whose_feed_lies_elsewhere_and_a_planet_the_first_to_bring_a_post_shows_it(first: int) -> None:
    """Whose the site is, a feed can only say; another one could say so, too."""
    feeds = [make_feed("Ada", url="https://feeds.example/ada", site_url="https://www.ada.example"), make_planet()]
    store_post(feeds[first])
    store_post(feeds[1 - first], minutes=1)
    assert [entry.feed for entry in shown()] == [feeds[first]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_feed_that_claims_anothers_site_takes_no_post_from_it(order: tuple[int, ...]) -> None:
    feeds = [make_blog(), make_feed("Thief", url="https://thief.example/feed", site_url="https://ada.example/2026/")]
    for minutes, number in enumerate(order):
        store_post(feeds[number], minutes=minutes)
    assert shown_in() == {"Ada"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_feed_that_claims_anothers_id_takes_no_post_from_it(order: tuple[int, ...]) -> None:
    feeds = [make_blog(), make_blog("Thief", "thief.example")]
    links = [LINK, "https://thief.example/engines"]
    for minutes, number in enumerate(order):
        store_post(feeds[number], "tag:ada.example,2026:1", url=links[number], minutes=minutes)
    assert shown_in() == {"Ada"}


def test_a_post_that_claims_to_be_two_others_joins_neither_to_the_other() -> None:
    ada, bob, joker = make_blog(), make_blog("Bob", "bob.example"), make_blog("Joker", "joker.example")
    store_post(ada, "a")
    store_post(bob, "https://bob.example/1", url="https://bob.example/1", title="Another")
    store_post(joker, "https://bob.example/1", url=LINK, minutes=1)
    assert shown_in() == {"Ada", "Bob"}


# -- what is one post ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://ada.example/2026/engines/",
        "https://www.ada.example/2026/engines/",
        "https://ada.example/2026/engines",
        "https://ada.example/2026/engines/?utm_source=planet&utm_medium=feed",
    ],
)
def test_spellings_of_one_link_are_one_post(url: str) -> None:
    store_post(make_blog())
    store_post(make_planet(), "2", url=url)
    assert shown_in() == {"Ada"}


@pytest.mark.parametrize(
    "url",
    [
        "https://ada.example/2026/engines/?page=2",
        "https://ada.example/2026/engines/#second",
        "https://ada.example/2026/Engines/",
        "https://ada.example:8080/2026/engines/",
    ],
)
def test_other_links_are_other_posts(url: str) -> None:
    store_post(make_blog())
    store_post(make_planet(), "2", url=url)
    assert len(shown()) == 2


@pytest.mark.parametrize("guid", ["tag:ada.example,2026:engines", "urn:uuid:0c6c7a9e-7a8c-4f3e-9a39-2f3a6f1b6f11"])
def test_planets_without_links_are_known_by_the_permanent_id(guid: str) -> None:
    store_post(make_blog(), guid)
    store_post(make_planet(1), guid, url="")
    store_post(make_planet(2), guid, url="https://planet2.example/go?1")
    assert shown_in() == {"Ada"}


def test_an_id_that_is_the_others_link_is_the_same_post() -> None:
    store_post(make_blog())
    store_post(make_planet(), "http://ada.example/2026/engines", url="https://proxy.example/r/17")
    assert shown_in() == {"Ada"}


@pytest.mark.parametrize("guid", ["1", "post-1", "urn:1", "sha256:00ff", "https://ada.example/"])
def test_an_id_that_anybody_may_use_is_nobodys(guid: str) -> None:
    store_post(make_blog(), guid, url="")
    store_post(make_planet(), guid, url="")
    assert len(shown()) == 2


def test_a_site_s_own_address_is_no_post() -> None:
    store_post(make_blog(), url="https://ada.example/")
    store_post(make_planet(), url="https://ada.example/")
    assert len(shown()) == 2


def test_posts_that_all_link_to_one_page_are_not_one() -> None:
    page = "https://ada.example/changelog"
    blog, planet = make_blog(), make_planet()
    store_items(blog, make_post("a", url=page, title="1.0"), make_post("b", url=page, title="1.1"))
    store_items(planet, make_post("c", url=page, title="1.0"))
    assert len(shown()) == 3


def test_a_second_post_with_the_link_shows_that_the_link_tells_nothing() -> None:
    page = "https://ada.example/changelog"
    store_post(make_planet(), url=page, title="1.0")
    blog = make_blog()
    store_post(blog, "a", url=page, title="1.0")
    assert len(shown()) == 1
    store_post(blog, "b", url=page, title="1.1", days_ago=0.5)
    assert len(shown()) == 3


def test_two_entries_of_one_feed_are_never_folded() -> None:
    feed = make_blog()
    store_items(feed, make_post("tag:ada.example,2026:1"), make_post("tag:ada.example,2026:2", title="Other"))
    assert len(shown()) == 2


def copies_with_texts(first: str, second: str, *, days_apart: float = 0, title: str = "Engines") -> None:
    store_post(make_blog(), content_html=first, days_ago=1)
    url = "https://bob.example/engines"
    store_post(make_blog("Bob", "bob.example"), "2", url=url, title=title, content_html=second, days_ago=1 + days_apart)


def test_the_same_title_and_nearly_the_same_text_are_one_post() -> None:
    other = " ".join([*WORDS[:-1], "changed"])
    copies_with_texts(TEXT, f"<div><b>{other}</b></div>")
    assert shown_in() == {"Ada"}


def test_the_same_title_over_another_text_is_another_post() -> None:
    half = " ".join(WORDS[:50] + [f"other{number}" for number in range(50)])
    copies_with_texts(TEXT, f"<p>{half}</p>")
    assert len(shown()) == 2


def test_the_same_text_under_another_title_is_another_post() -> None:
    copies_with_texts(TEXT, TEXT, title="Looms")
    assert len(shown()) == 2


@pytest.mark.parametrize(("words", "count"), [(47, 2), (48, 1)])
def test_short_texts_are_not_compared(words: int, count: int) -> None:
    text = f"<p>{' '.join(WORDS[:words])}</p>"
    copies_with_texts(text, text)
    assert len(shown()) == count


@pytest.mark.parametrize(("days", "count"), [(6.9, 1), (7.1, 2)])
def test_the_same_text_more_than_a_week_apart_is_another_post(days: float, count: int) -> None:
    copies_with_texts(TEXT, TEXT, days_apart=days)
    assert len(shown()) == count


def test_many_posts_of_one_title_fold_where_their_texts_are_the_same() -> None:
    blog, other = make_blog(), make_blog("Bob", "bob.example")
    texts = [f"<p>{' '.join(f'w{week}x{number}' for number in range(60))}</p>" for week in range(4)]
    for feed, host in ((blog, "ada"), (other, "bob")):
        posts = [
            make_item(
                "Links", guid=f"{week}", url=f"https://{host}.example/{week}", content_html=text, days_ago=7 * week
            )
            for week, text in enumerate(texts)
        ]
        store_items(feed, *posts, title=feed.title, site_url=feed.site_url)
    assert [entry.feed for entry in shown()] == [blog] * 4


# -- undoing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def copies() -> dict[str, Entry]:
    """A post of a blog and of two planets."""
    return {
        "blog": store_post(make_blog(), "b"),
        "first": store_post(make_planet(1), "p", minutes=1),
        "second": store_post(make_planet(2), "q", minutes=2),
    }


def test_when_the_shown_copy_is_hidden_the_next_takes_its_place(copies: dict[str, Entry]) -> None:
    hide(one(copies["blog"]), NOW)
    assert shown() == [copies["first"]]
    hide(one(copies["first"]), NOW)
    assert shown() == [copies["second"]]


def test_when_the_shown_copy_is_shown_again_it_has_its_place_again(copies: dict[str, Entry]) -> None:
    hide(one(copies["blog"]), NOW)
    unhide(one(copies["blog"]), NOW)
    assert shown() == [copies["blog"]]


def test_when_the_blog_is_turned_down_the_next_takes_its_place(copies: dict[str, Entry]) -> None:
    blog = Feed.objects.filter(title="Ada")
    reject(blog, NOW)
    assert shown() == [copies["first"]]
    resume(blog, NOW)
    assert shown() == [copies["blog"]]


def test_when_the_blog_is_deleted_the_next_takes_its_place(copies: dict[str, Entry]) -> None:
    delete_feeds(Feed.objects.filter(title="Ada"), NOW)
    assert shown() == [copies["first"]]
    copies["second"].refresh_from_db()
    assert copies["second"].duplicate_of == copies["first"]


@pytest.mark.parametrize("state", ["paused", "gone"])
def test_the_post_of_a_blog_that_rests_stays_its_own(copies: dict[str, Entry], state: str) -> None:
    Feed.objects.filter(title="Ada").update(state=state)
    store_post(make_planet(3), minutes=3)
    assert shown() == [copies["blog"]]


def test_when_the_blog_changes_the_link_its_copies_stand_alone() -> None:
    blog, planet = make_blog(), make_planet()
    store_post(blog, "b")
    store_post(planet, "p")
    store_post(blog, "b", url="https://ada.example/other", minutes=5)
    assert shown_in() == {"Ada", "Planet 1"}


def test_a_hidden_copy_is_not_brought_back_by_another_poll(copies: dict[str, Entry]) -> None:
    hide(Entry.objects.all(), NOW)
    store_post(copies["blog"].feed, "b", title="Engines, revised", minutes=9)
    assert shown() == []


def test_a_corrected_feed_address_gives_the_post_to_its_blog() -> None:
    store_post(make_planet(), "p")
    feed = make_feed("Ada", url="https://feeds.example/ada", site_url="https://ada.example/")
    store_post(feed, "b", minutes=1)
    assert shown_in() == {"Planet 1"}
    feed.url = "https://ada.example/feed.xml"
    revise(feed, ["url"], NOW)
    assert shown_in() == {"Ada"}


def test_counts_follow_what_is_shown(
    copies: dict[str, Entry], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        hide(one(copies["blog"]), NOW)
    assert dict(Feed.objects.values_list("title", "entry_count")) == {"Ada": 0, "Planet 1": 1, "Planet 2": 0}


# -- switched off ----------------------------------------------------------------------------------------------------


def test_switched_off_nothing_is_folded(settings: LazySettings) -> None:
    settings.FOLD_DUPLICATES = False
    store_post(make_blog())
    store_post(make_planet())
    assert len(shown()) == 2


@pytest.mark.usefixtures("copies")
def test_switched_off_later_the_next_news_unfold_everything(settings: LazySettings) -> None:
    settings.FOLD_DUPLICATES = False
    store_post(make_blog("Bob", "bob.example"), url="https://bob.example/1")
    assert len(shown()) == 4


# -- announcing ------------------------------------------------------------------------------------------------------


def unannounced() -> list[Entry]:
    return list(Entry.objects.unannounced())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_copies_that_wait_one_is_announced(order: tuple[int, ...]) -> None:
    feeds = [make_blog(), make_planet()]
    for minutes, number in enumerate(order):
        store_post(feeds[number], minutes=minutes)
    assert [entry.feed for entry in unannounced()] == [feeds[0]]


def test_a_post_that_was_announced_is_not_announced_again_when_the_blog_brings_it() -> None:
    store_post(make_planet(), "p")
    Entry.objects.update(announced_at=NOW + timedelta(minutes=1))
    store_post(make_blog(), "b", minutes=10)
    assert (shown_in(), unannounced()) == ({"Ada"}, [])


def test_a_post_that_a_planets_first_poll_brought_is_announced_when_the_blog_brings_it() -> None:
    planet = make_planet(last_ok_at=None, state="pending")
    store_post(planet, "p")
    store_post(make_blog(), "b", minutes=10)
    assert [entry.feed.title for entry in unannounced()] == ["Ada"]


def test_a_copy_that_takes_the_place_later_is_not_announced(copies: dict[str, Entry]) -> None:
    hide(one(copies["blog"]), NOW)
    assert copies["first"] not in unannounced()


# -- what readers see ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("path", ["/", "/source/ada/"])
def test_the_shown_copy_names_the_planets_that_brought_it_too(client: Client, path: str) -> None:
    html = client.get(path).content.decode()
    assert 'also in <a href="/source/planet-1/"><bdi>Planet 1</bdi></a>, <a href="/source/planet-2/">' in html


def test_the_posts_page_names_the_planets(client: Client, copies: dict[str, Entry]) -> None:
    assert "<bdi>Planet 2</bdi>" in client.get(copies["blog"].get_absolute_url()).content.decode()


def test_a_copys_page_leads_to_the_post(client: Client, copies: dict[str, Entry]) -> None:
    response = client.get(copies["second"].get_absolute_url())
    assert response.headers["Location"] == copies["blog"].get_absolute_url()


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_feeds_that_are_not_public_are_not_named(client: Client, copies: dict[str, Entry], state: str) -> None:
    Feed.objects.filter(title="Planet 1").update(state=state)
    html = client.get(copies["blog"].get_absolute_url()).content.decode()
    assert ("Planet 1" in html, "Planet 2" in html) == (False, True)


def test_a_hidden_copys_planet_is_not_named(client: Client, copies: dict[str, Entry]) -> None:
    one(copies["first"]).hide()
    assert "also in" in client.get(copies["blog"].get_absolute_url()).content.decode()
    assert "Planet 1" not in client.get(copies["blog"].get_absolute_url()).content.decode()


# -- what it costs ---------------------------------------------------------------------------------------------------


def questions_to_store(feed: Feed, *items: Item) -> int:
    with CaptureQueriesContext(connection) as queries:
        store_items(feed, *items, title=feed.title, site_url=feed.site_url)
    return sum(query["sql"].startswith("SELECT") for query in queries)


def test_a_hundred_copies_cost_no_more_questions_than_a_few(settings: LazySettings) -> None:
    settings.FEED_POSTS_PER_DAY = 0

    def items(host: str, numbers: range) -> list[Item]:
        return [
            make_item(f"Post {host}{n}", guid=f"{host}{n}", url=f"https://ada.example/{n}", content_html=TEXT)
            for n in numbers
        ]

    blog, planet = make_blog(), make_planet()
    store_items(blog, *items("b", range(101)), title=blog.title, site_url=blog.site_url)
    few = questions_to_store(planet, *items("p", range(6)))
    assert questions_to_store(planet, *items("p", range(6, 101))) <= few
    assert len(shown()) == 101


def test_a_poll_that_brings_nothing_new_folds_nothing() -> None:
    blog = make_blog()
    store_post(blog)
    with CaptureQueriesContext(connection) as queries:
        store_items(blog, make_post(), title=blog.title, site_url=blog.site_url)
    assert not [query["sql"] for query in queries if "link_key" in query["sql"] and '_key" IN' in query["sql"]]


def test_the_world_hears_of_copies_like_of_all_entries(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    told: list[int] = []

    def listener(entry_ids: list[int], **_: object) -> None:
        told.extend(entry_ids)

    store_post(make_blog())
    entries_added.connect(listener)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            copy = store_post(make_planet())
    finally:
        entries_added.disconnect(listener)
    assert told == [copy.pk]
