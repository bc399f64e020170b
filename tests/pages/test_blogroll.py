"""All sources: one page of shelves where they are few; else pages, by category and by letter, each with a bound."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Category, Feed
from aggregator.pages import blogroll
from tests.factories import make_category, make_feed
from tests.outline import Page, page_at

pytestmark = pytest.mark.django_db

PAGE = 4
TITLES = ["Adder", "beetle", "Ångström", "Bee", "12 Ants", "", "Жук", "Cicada", "星の記録", "Aphid", "bumblebee"]
MANY = [
    "/sources/",
    "/sources/2/",
    "/sources/category/web/",
    "/sources/category/web/2/",
    "/sources/others/",
    "/sources/letter/B/",
    "/sources/letter/other/",
]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Feed]:
    """More than stand on a page, the first six in one category; and some that readers may not know of."""
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", PAGE)
    web = make_category("Web")
    make_category("Empty")
    for number in range(3):
        make_feed(f"Waiting {number}", state="pending", category=web)
    make_feed("Turned down", state="rejected")
    states = ["active", "paused", "gone"]
    feeds = [
        make_feed(slug=f"feed-{number}", state=states[number % 3], category=web if number < 6 else None)
        for number in range(len(TITLES))
    ]
    for feed, title in zip(feeds, TITLES, strict=True):
        feed.title = title
        feed.save()
    return feeds


def shown(page: Page) -> list[str]:
    return [link["href"] for link in page.classed("source-title")]


def ways(client: Client, address: str) -> list[str]:
    return [link["href"] for link in page_at(client, address).classed("way")]


def walk(client: Client, address: str) -> list[str]:
    """The sources of this page and of all that follow."""
    found: list[str] = []
    while address:
        page = page_at(client, address)
        assert 0 < len(shown(page)) <= PAGE
        found += shown(page)
        address = next((link["href"] for link in page.classed("pager-older")), "")
    return found


def of(feeds: list[Feed], *titles: str) -> list[str]:
    return sorted(feed.get_absolute_url() for feed in feeds if feed.title in titles)


def test_few_sources_stand_on_one_page_in_the_order_of_shelves(client: Client) -> None:
    later, first = make_category("Later", position=2), make_category("First", position=1)
    feeds = [
        make_feed("c", category=later),
        make_feed("b"),
        make_feed("B", category=first),
        make_feed("a", category=first),
    ]
    page = page_at(client, "/sources/")
    assert shown(page) == [feeds[number].get_absolute_url() for number in (3, 2, 0, 1)]
    assert page.outline == [["date", "First"], ["date", "Later"], ["date", "Others"]]
    assert page.classed("way") == []
    assert client.get("/sources/2/").status_code == 404


def test_many_have_pages_that_lead_to_each_once(client: Client, many: list[Feed]) -> None:
    found = walk(client, "/sources/")
    assert sorted(found) == of(many, *TITLES)
    assert "11 blogs." in client.get("/sources/").content.decode()
    assert "5 to 8 of 11" in client.get("/sources/2/").content.decode()
    last = page_at(client, "/sources/3/")
    assert [link["href"] for link in last.classed("pager-newer")] == ["/sources/2/"]
    assert [link["href"] for link in page_at(client, "/sources/2/").classed("pager-newer")] == ["/sources/"]


def test_pages_are_in_the_order_of_titles(client: Client, many: list[Feed]) -> None:
    Feed.objects.public().exclude(title__in=["Adder", "beetle", "Bee", "Cicada", "Aphid"]).delete()
    titles = dict(Feed.objects.values_list("slug", "title"))
    found = [titles[address.split("/")[2]] for address in walk(client, "/sources/")]
    assert found == ["Adder", "Aphid", "Bee", "beetle", "Cicada"]


def test_letters_with_marks_stand_among_the_others_in_any_script(client: Client, many: list[Feed]) -> None:
    titles = ["apfel", "Äpfel zwei", "Łódź", "Magazin", "ökologie", "Ökologie heute", "Oper", "еда", "Ёж", "Жук"]
    slugs = [make_feed(title).slug for title in reversed(titles)]
    Feed.objects.exclude(slug__in=slugs).delete()
    named = dict(Feed.objects.values_list("slug", "title"))
    assert [named[address.split("/")[2]] for address in walk(client, "/sources/")] == titles
    letters = [address for address in ways(client, "/sources/") if "/letter/" in address]
    assert letters == [f"/sources/letter/{quote(letter)}/" for letter in "ALMOЕЖ"]
    under_o = walk(client, "/sources/letter/O/")
    assert [named[address.split("/")[2]] for address in under_o] == ["ökologie", "Ökologie heute", "Oper"]


def test_shelves_are_in_the_order_of_their_names_where_the_curators_have_none(client: Client) -> None:
    names = ["apfel", "Äpfel zwei", "ökologie", "Oper", "Oper\u0308", "Zebra", "Ёж", "Жук"]
    for number, name in enumerate(reversed(names)):
        make_feed(category=make_category(name, slug=f"shelf-{number}"))
        make_feed(category=Category.objects.latest("pk"))
    assert [text for _, text in page_at(client, "/sources/").outline] == names


def test_they_are_found_by_category(client: Client, many: list[Feed]) -> None:
    assert "/sources/category/empty/" not in ways(client, "/sources/")
    assert sorted(walk(client, "/sources/category/web/")) == of(many, *TITLES[:6])
    assert sorted(walk(client, "/sources/others/")) == of(many, *TITLES[6:])
    page = page_at(client, "/sources/category/web/2/")
    assert page.outline == [["date", "Web"]]
    assert [link["href"] for link in page.classed("way") if "aria-current" in link] == [
        "/sources/category/web/",
        "/sources/category/web/2/",
    ]


def test_they_are_found_by_the_first_letter_of_any_script(client: Client, many: list[Feed]) -> None:
    letters = [address for address in ways(client, "/sources/") if "/letter/" in address]
    assert letters == [f"/sources/letter/{quote(letter)}/" for letter in ["A", "B", "C", "Ж", "漢字", "other"]]
    assert sorted(walk(client, "/sources/letter/A/")) == of(many, "Adder", "Ångström", "Aphid")
    assert sorted(walk(client, f"/sources/letter/{quote('漢字')}/")) == of(many, "星の記録")
    assert sorted(walk(client, "/sources/letter/other/")) == of(many, "12 Ants", "")


def test_every_way_leads_somewhere(client: Client, many: list[Feed]) -> None:
    for address in ways(client, "/sources/"):
        page = page_at(client, address)
        assert (shown(page) != [], page.faults) == (True, [])


@pytest.mark.parametrize(
    "address",
    [
        "/sources/1/",
        "/sources/4/",
        "/sources/99999999/",
        "/sources/category/none/",
        "/sources/category/empty/",
        "/sources/category/web/3/",
        "/sources/others/3/",
        "/sources/letter/b/",
        "/sources/letter/Z/",
        "/sources/letter/%23/",
        "/sources/letter/A/2/",
    ],
)
def test_what_has_no_page_is_not_found(client: Client, many: list[Feed], address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", MANY)
def test_a_page_of_many_asks_the_database_five_questions_at_most(
    client: Client, many: list[Feed], address: str
) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = page_at(client, address)
    assert (len(queries) <= 5, page.faults) == (True, [])


def test_names_are_text_wherever_they_stand(client: Client, many: list[Feed]) -> None:
    Category.objects.filter(slug="web").update(name="<b>&amp;</b>")
    html = client.get("/sources/category/web/").content.decode()
    # The title, that for other sites, the navigation, the way and the shelf.
    assert html.count("&lt;b&gt;&amp;amp;&lt;/b&gt;") == 5
    assert "<b>" not in html


def test_a_site_without_categories_has_letters_alone(client: Client, many: list[Feed]) -> None:
    Category.objects.all().delete()
    assert {address.split("/")[2] for address in ways(client, "/sources/")} == {"letter", "", "2", "3"}
    assert client.get("/sources/others/").status_code == 404
