"""A feed leads on to older posts (RFC 5005, `next_url`): who follows it reads each post once, whatever comes meanwhile.

What is promised: a post that readers can see from the first page to the last is read exactly once; so is one that
comes meanwhile and stands below where the walk has come to. What comes above it, as new posts do, stands on the first
page the next time. A post that changes its place meanwhile can be read twice or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.models import Entry, Feed, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.search.index import index
from aggregator.syndication.feeds import MAX_ENTRIES
from tests.factories import NOW, make_category, make_entry, make_feed, unsaved_entry
from tests.feed_rules import broken_rules
from tests.pages.conftest import Ask
from tests.tagged import tag_all
from tests.writers import sign

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
ATOM = "{http://www.w3.org/2005/Atom}"
POSTS = 190
CHANNELS = ["/", "/category/web/", "/source/one/", "/tag/trains/", "/author/ann/", "/search/"]
HOSTILE = ["", "x", "-1", "1e3", "٣", "0", "9" * 18, "9" * 19, "1;DROP", "%00", "1%0a", "1.0"]
FEEDS = [
    ("/", "atom.xml"),
    ("/", "rss20.xml"),
    ("/", "feed.json"),
    *((channel, "atom.xml") for channel in CHANNELS[1:]),
]


def first_page(channel: str, name: str = "atom.xml") -> str:
    return f"{channel}{name}{'?q=text' if channel == '/search/' else ''}"


@pytest.fixture
def posts() -> list[Entry]:
    """Of a source, each in all of CHANNELS, four of each moment; and some of another source that is in few of them."""
    one, two = make_feed("One", slug="one", category=make_category("Web")), make_feed("Two")
    rows = [unsaved_entry(one, days_ago=1 + number // 4 / 10, author="Ann") for number in range(POSTS)]
    Entry.objects.bulk_create([*rows, *(unsaved_entry(two, days_ago=2 + number) for number in range(9))])
    settle(*one.entries.all(), *two.entries.all())
    return list(one.entries.all())


def settle(*entries: Entry) -> None:
    """What follows posts, as a poll would see to it."""
    tag_all("trains")
    sign([entry for entry in entries if entry.author])
    with site_change():
        refresh_counts({entry.feed for entry in entries})
        index([entry.pk for entry in entries])
        SiteState.objects.touch(NOW)


def read(client: Client, url: str) -> tuple[list[int], str]:
    """The ids of a page's entries, by their links, and the address of the next one; empty if there is none."""
    answer = client.get(url.removeprefix(SITE))
    assert answer.status_code == 200, url
    if ".json" in url:
        document = json.loads(answer.content)
        return [number_of(item["url"]) for item in document["items"]], document.get("next_url", "")
    root = ElementTree.fromstring(answer.content)
    if root.tag == "rss":
        links = [one.text or "" for one in root.findall("channel/item/link")]
        ways = root.findall(f"channel/{ATOM}link")
    else:
        links = [one.get("href", "") for one in root.findall(f"{ATOM}entry/{ATOM}link")]
        ways = root.findall(f"{ATOM}link")
    following = [one.get("href", "") for one in ways if one.get("rel") == "next"]
    assert len(following) <= 1
    return [number_of(link) for link in links], "".join(following)


def number_of(link: str) -> int:
    """The factory numbers the addresses of posts, each once."""
    return int(link.rstrip("/").rpartition("-")[2])


def walk(client: Client, url: str, between: Callable[[int, str], object] = lambda *_: None) -> Iterator[int]:
    """All that a feed leads to; after each page, `between` is told how many there were, and where it goes on."""
    pages = 0
    while url:
        found, url = read(client, url)
        assert len(found) <= MAX_ENTRIES
        yield from found
        pages += 1
        between(pages, url)


def in_page_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.timeline_at, entry.pk), reverse=True)


def numbers(entries: list[Entry]) -> list[int]:
    return [number_of(entry.url) for entry in entries]


def test_every_post_is_read_once_on_the_way(client: Client, posts: list[Entry]) -> None:
    for channel, name in FEEDS:
        listed = posts if channel in {"/category/web/", "/source/one/", "/author/ann/"} else list(Entry.objects.all())
        found = list(walk(client, SITE + first_page(channel, name)))
        assert found == numbers(in_page_order(listed)), (channel, name)


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_post_is_missed_or_read_twice_while_others_come_and_go(
    client: Client, posts: list[Entry], channel: str
) -> None:
    feed = posts[0].feed
    in_order = in_page_order(posts)
    hidden_below = in_order[170 - 1 :]
    late: list[Entry] = []

    def between(pages: int, following: str) -> None:
        if pages > 2:
            return
        # The one after which the next page begins, which was read, and some that weren't.
        Entry.objects.filter(pk=int(parse_qs(urlsplit(following).query)["before"][0])).hide()
        Entry.objects.filter(pk__in=[entry.pk for entry in hidden_below]).hide()
        above = [unsaved_entry(feed, days_ago=0.1 / pages, author="Ann") for _ in range(70)]
        below = [unsaved_entry(feed, days_ago=5 + pages / 7, author="Ann") for _ in range(5)]
        # Of the very moment of a page's last post, stored later: above it in page order.
        beside = unsaved_entry(feed, author="Ann", timeline_at=in_order[MAX_ENTRIES * pages - 1].timeline_at)
        late.extend(Entry.objects.bulk_create(below))
        settle(*late, *Entry.objects.bulk_create([*above, beside]))

    seen = list(walk(client, SITE + first_page(channel), between))
    assert len(seen) == len(set(seen))
    stayed = {*numbers([entry for entry in posts if entry not in hidden_below]), *numbers(late)}
    assert (stayed - set(seen), set(numbers(hidden_below)) & set(seen)) == (set(), set())


def test_a_post_that_is_shown_again_below_is_read(client: Client, posts: list[Entry]) -> None:
    last = in_page_order(posts)[-1]
    Entry.objects.filter(pk=last.pk).hide()
    seen = list(walk(client, f"{SITE}/atom.xml", lambda *_: Entry.objects.filter(pk=last.pk).unhide()))
    assert seen.count(number_of(last.url)) == 1


@pytest.mark.any_database
def test_a_feed_goes_on_where_what_is_known_of_its_sources_is_a_moment_behind(
    client: Client, posts: list[Entry]
) -> None:
    """Its newest posts are found by when each source posted last; here, another seems to have done so and has not."""
    late = make_feed("Late", category=posts[0].feed.category, newest_at=posts[0].timeline_at)
    Feed.objects.exclude(pk=late.pk).update(newest_at=None)
    Feed.objects.filter(pk=posts[0].feed_id).update(newest_at=in_page_order(posts)[40].timeline_at)
    for number in range(MAX_ENTRIES):
        make_feed(f"Also late {number}", category=late.category, newest_at=in_page_order(posts)[40].timeline_at)
    for channel in CHANNELS[:2]:
        found = list(walk(client, SITE + first_page(channel)))
        assert {number_of(entry.url) for entry in posts} <= set(found), channel


@pytest.mark.any_database
def test_each_page_says_where_it_is_and_keeps_the_rules(client: Client, posts: list[Entry]) -> None:
    for channel, name in [*FEEDS[:3], ("/search/", "rss20.xml")]:
        look_at_each_page(client, channel, name)


def look_at_each_page(client: Client, channel: str, name: str) -> None:
    first = SITE + first_page(channel, name)
    ids, urls, url = set(), [], first
    while url:
        answer = client.get(url.removeprefix(SITE))
        if name == "feed.json":
            document = json.loads(answer.content)
            ids.add(document["feed_url"])  # by which readers of JSON Feed know it
        else:
            assert broken_rules(answer.content, answer["Content-Type"], url) == {}
            root = ElementTree.fromstring(answer.content)
            ids.add(root.findtext(f"{ATOM}id") or "")
            firsts = [one.get("href") for one in root.iter(f"{ATOM}link") if one.get("rel") == "first"]
            assert firsts == ([first] if urls else [])
        urls.append(url)
        _, url = read(client, url)
    assert (len(ids), len(urls)) == (1, 4)
    for url in urls[1:]:
        assert parse_qs(urlsplit(url).query)["before"]


@pytest.mark.parametrize("count", [MAX_ENTRIES, MAX_ENTRIES + 1])
def test_a_feed_that_has_no_more_leads_nowhere(client: Client, count: int) -> None:
    feed = make_feed("One", slug="one", category=make_category("Web"))
    Entry.objects.bulk_create(unsaved_entry(feed, days_ago=1 + at / 100, author="Ann") for at in range(count))
    make_entry(feed, author="Bob", is_hidden=True, days_ago=400)
    settle(*feed.entries.all())
    for channel in CHANNELS:
        found, following = read(client, SITE + first_page(channel, "feed.json"))
        assert (len(found), bool(following)) == (min(count, MAX_ENTRIES), count > MAX_ENTRIES), channel


def test_what_names_no_post_of_the_feed_is_not_found(client: Client, posts: list[Entry]) -> None:
    elsewhere = make_entry(make_feed("Elsewhere"), days_ago=3)
    for channel in CHANNELS:
        others = [str(elsewhere.pk)] if channel in CHANNELS[1:5] else []
        for before in [*HOSTILE, *others]:
            url = first_page(channel)
            answer = client.get(f"{url}{'&' if '?' in url else '?'}before={before}")
            assert answer.status_code == 404, (url, before)


@pytest.mark.any_database
def test_a_post_of_a_source_that_nobody_may_know_is_no_place(client: Client, posts: list[Entry]) -> None:
    secret = make_entry(make_feed("Secret", state="pending"), days_ago=3)
    assert client.get(f"/atom.xml?before={secret.pk}").status_code == 404


@pytest.mark.any_database
def test_a_tag_under_which_nothing_is_shown_any_more_stays_unknown(client: Client) -> None:
    entry = make_entry(make_feed("One"))
    settle(entry)
    assert client.get(f"/tag/trains/atom.xml?before={entry.pk}").status_code == 200
    Entry.objects.all().hide()
    assert client.get(f"/tag/trains/atom.xml?before={entry.pk}").status_code == 404


@pytest.mark.any_database
def test_pages_are_kept_apart_and_answer_304(ask: Ask, posts: list[Entry]) -> None:
    name = "atom.xml"
    nearest = in_page_order(posts)[0]
    first, second = ask(f"/{name}"), ask(f"/{name}", f"before={nearest.pk}")
    assert (first.status, second.status, first.text != second.text) == (200, 200, True)
    again = ask(f"/{name}", f"before={nearest.pk}&x=1")
    assert (again.text, again.questions) == (second.text, 1), "of the query, it reads this name alone"
    known = ask(f"/{name}", f"before={nearest.pk}", HTTP_IF_NONE_MATCH=second.headers["ETag"])
    assert (known.status, known.body) == (304, b"")


@pytest.mark.any_database
def test_a_page_deep_below_asks_no_more_than_the_second(ask_anew: Ask, posts: list[Entry]) -> None:
    in_order = in_page_order(posts)
    for channel in CHANNELS[:5]:
        first, *others = (ask_anew(f"{channel}atom.xml", query) for query in ("", f"before={in_order[130].pk}"))
        assert {one.questions for one in others} <= {first.questions, first.questions + 1}, channel


def test_what_is_known_of_pages_holds_for_a_query_of_several_words(client: Client) -> None:
    feed = make_feed("One")
    rows = [unsaved_entry(feed, "The night train", days_ago=1 + at / 100) for at in range(MAX_ENTRIES + 5)]
    Entry.objects.bulk_create(rows)
    settle(*feed.entries.all())
    assert len(list(walk(client, f"{SITE}/search/atom.xml?q=%22night+train%22+-bus"))) == MAX_ENTRIES + 5
