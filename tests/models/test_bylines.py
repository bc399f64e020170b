"""A planet's "Author: Title": set apart for readers, the title itself as its feed wrote it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from django.test import Client

from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from aggregator.models.bylines import byline_of, has_author_titles
from aggregator.polling.conductor import poll
from tests.factories import NOW, make_entry, make_feed
from tests.outline import page_at, titles
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
PEOPLE = ("Eli Bendersky", "Armin Ronacher", "Kay Hayen", "Eli Bendersky", "Glyph Lefkowitz")


def posts(*titles: str, hosts: Sequence[str] = ("e.org",), authors: Sequence[str] = ("",)) -> list[Item]:
    return [
        Item(
            guid=str(number),
            url=f"https://{hosts[number % len(hosts)]}/{number}",
            title=title,
            author=authors[number % len(authors)],
            content_html="",
            content_hash="",
        )
        for number, title in enumerate(titles)
    ]


def by(*names: str) -> list[str]:
    return [f"{name}: On subject {number}" for number, name in enumerate(names)]


def is_told(found: list[Item]) -> bool:
    return has_author_titles(found, before=False)


# Which feeds


def test_a_feed_of_several_full_names_has_author_titles() -> None:
    assert is_told(posts(*by(*PEOPLE)))


def test_four_titles_of_five_are_enough() -> None:
    assert is_told(posts(*by(*PEOPLE[:4]), "Welcome"))


def test_three_titles_of_four_are_not() -> None:
    assert not is_told(posts(*by(*PEOPLE[:3]), "Welcome", *by(*PEOPLE[:3]), "Good bye"))


@pytest.mark.parametrize("before", [True, False])
def test_four_titles_change_nothing(before: bool) -> None:
    assert has_author_titles(posts(*by(*PEOPLE[:4])), before=before) is before


def test_a_feed_that_ceases_to_write_them_has_them_no_more() -> None:
    assert not has_author_titles(posts(*"ABCDE"), before=True)


def test_one_name_on_every_title_is_a_habit_and_no_planet() -> None:
    assert not is_told(posts(*by(*["Jane Doe"] * 6)))


@pytest.mark.parametrize(
    "titles",
    [
        ("Python: the good parts", "Django: signals", "Python: typing", "Rust: lifetimes", "Django: forms"),
        ("Weeknotes: rain", "Weeknotes: sun", "Links: June", "Weeknotes: snow", "Links: May"),
        ("Episode 12: tea", "Episode 13: milk", "Episode 14: sugar", "Episode 15: cups", "Episode 16: spoons"),
        ("How to fly: part one", "Why we walk: part two", "How to swim: water", "What now: rest", "How to fly: part 3"),
        ("Done! Finally: A", "What? Again: B", "Go (1): C", "“Quoted”: D", "A, b: E"),
        ("10:30 News", "11:30 News", "12:30 News", "13:30 News", "14:30 News"),
    ],
)
def test_topics_and_series_are_no_authors(titles: tuple[str, ...]) -> None:
    assert not is_told(posts(*titles))


def test_topics_of_a_list_of_links_are_no_authors() -> None:
    titles = by("Python", "Django", "Python", "Rust", "Django", "Rust")
    assert not is_told(posts(*titles, hosts=("a.org", "b.org", "c.org", "d.org")))


def test_topics_of_two_words_by_one_named_author_are_no_authors() -> None:
    assert not is_told(posts(*by("Machine Learning", "Data Science", "Web Design") * 2, authors=("Jane Doe",)))


def test_single_names_count_where_each_has_a_site() -> None:
    assert is_told(posts(*by("Glyph", "Itamar", "Moshez") * 2, hosts=("glyph.org", "itamar.org", "moshez.org")))


def test_single_names_count_where_the_feed_names_them_beside_the_title() -> None:
    assert is_told(posts(*by("Glyph", "Itamar") * 3, authors=("Glyph L.", "itamar")))


def test_names_of_many_scripts_and_spellings_are_names() -> None:
    names = (
        "José Núñez",
        "Ludwig van der Rohe",
        "Mary-Ann O’Neil",
        "Łukasz Langa",
        "Mike C. Fletcher",
        "Алла Ким",
        "李 明",
    )
    assert is_told(posts(*by(*names)))


def test_a_hostile_title_costs_no_time() -> None:
    assert not is_told(posts(*["a" * 299 + ":"] * 2000, *["A-" * 149] * 2000, *[" :" * 150] * 2000))


# On pages and in feeds


def planet_entry(**fields: object) -> Entry:
    feed = make_feed("Planet Python", has_author_titles=True)
    return make_entry(feed, "Eli Bendersky: Plugins: a case study", **fields)


def test_an_entry_of_such_a_feed_has_an_author_and_a_headline() -> None:
    byline = byline_of(planet_entry())
    assert (byline.author, byline.headline) == ("Eli Bendersky", "Plugins: a case study")


def test_an_author_whom_the_feed_names_comes_first() -> None:
    assert byline_of(planet_entry(author="Eli B.")).author == "Eli B."


def test_a_title_of_another_feed_is_whole() -> None:
    byline = byline_of(make_entry(title="Eli Bendersky: Plugins"))
    assert (byline.author, byline.headline) == ("", "Eli Bendersky: Plugins")


@pytest.mark.parametrize("title", ["Plugins", "Plugins 2: the return", "What now? Read on: here", "Eli: ", ": x"])
def test_a_title_without_a_name_stays_whole(title: str) -> None:
    entry = make_entry(make_feed(has_author_titles=True), title)
    assert byline_of(entry).headline == title


def test_the_page_sets_the_author_apart_and_keeps_the_words_of_the_title(client: Client) -> None:
    planet_entry()
    page = page_at(client, "/")
    assert (len(page.classed("entry-person")), page.faults) == (1, [])
    assert titles(client, "/") == ["Eli Bendersky: Plugins: a case study"]


def test_the_page_names_the_author_once(client: Client) -> None:
    planet_entry(author="Eli Bendersky")
    assert client.get("/").content.decode().count("Eli Bendersky") == 1


def test_markup_in_such_a_title_is_text(client: Client) -> None:
    make_entry(make_feed(has_author_titles=True), "Eli Bendersky: <script>alert(1)</script>")
    assert page_at(client, "/").strange_scripts == []


def test_our_feeds_name_the_author_and_keep_the_title(client: Client) -> None:
    planet_entry()
    [item] = json.loads(client.get("/feed.json").content)["items"]
    assert (item["title"], item["authors"]) == ("Eli Bendersky: Plugins: a case study", [{"name": "Eli Bendersky"}])


# Through a poll


def planet(names: Sequence[str]) -> bytes:
    entries = "".join(
        f"<entry><title>{title}</title><id>urn:post:{number}</id><updated>2026-06-2{number}T10:00:00Z</updated>"
        f'<link href="https://e.org/{number}"/><content>Text {number}.</content></entry>'
        for number, title in enumerate(by(*names))
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Planet</title><id>urn:p</id>{entries}</feed>'.encode()


def poll_planet(server: FeedServer, names: Sequence[str]) -> Feed:
    url = server.add("/planet", Answer(planet(names)))
    feed = Feed.objects.filter(url=url).first() or make_feed(url=url, state=Feed.State.PENDING, last_ok_at=None)
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    return Feed.objects.get(pk=feed.pk)


def test_a_poll_finds_out_and_leaves_the_titles_as_written(feed_server: FeedServer) -> None:
    assert poll_planet(feed_server, PEOPLE).has_author_titles
    assert set(Entry.objects.values_list("title", flat=True)) == set(by(*PEOPLE))


def test_pages_are_new_once_it_is_found_out(client: Client, feed_server: FeedServer) -> None:
    poll_planet(feed_server, PEOPLE)
    Feed.objects.update(has_author_titles=False)
    before = client.get("/")["ETag"]
    feed_server.add("/planet", Answer(planet(PEOPLE) + b"<!-- again -->"))
    poll(Feed.objects.all(), clock=lambda: NOW)
    assert client.get("/")["ETag"] != before
