"""Lists of any length: pages that know what is above and below, a search that says how far it looks, no counting."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aggregator.desk import long_lists
from aggregator.desk.entries import EntryAdmin
from aggregator.models import Entry, Feed
from aggregator.models.standing import Standing
from notifications.models import Delivery, Notice
from tests.curators import ENTRIES, log_in, page
from tests.factories import NOW, make_category, make_entry, make_feed, unsaved_entry
from tests.pages.test_plans import add_posts, steps, walk_of

__all__ = ["steps"]

pytestmark = pytest.mark.django_db
DELIVERIES = "admin:notifications_delivery_changelist"


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntryAdmin, "list_per_page", 3)


def make_posts(feed: Feed, number: int) -> None:
    """Some of one moment: their ids order them."""
    Entry.objects.bulk_create([unsaved_entry(feed, f"P{at}", days_ago=1 + at // 2) for at in range(number)])


def pages_along(client: Client, address: str, way: str) -> Iterator[list[str]]:
    while address:
        changelist = client.get(reverse(ENTRIES) + address.removeprefix(reverse(ENTRIES))).context["cl"]
        yield [entry.title for entry in changelist.result_list]
        address = getattr(changelist, way)


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize("order", ["?", "?o=oldest"])
def test_leafing_shows_each_post_once_on_the_way_down_and_up(client: Client, order: str) -> None:
    make_posts(make_feed(), 8)
    ordered = [entry.title for entry in Entry.objects.newest_first()]
    if order == "?o=oldest":
        ordered.reverse()
    down = list(pages_along(client, order, "older"))
    assert down == [ordered[:3], ordered[3:6], ordered[6:]]
    changelist = client.get(reverse(ENTRIES) + order).context["cl"]
    last = client.get(reverse(ENTRIES) + changelist.older)
    last = client.get(reverse(ENTRIES) + last.context["cl"].older)
    up = list(pages_along(client, last.context["cl"].newer, "newer"))
    assert up == [ordered[3:6], ordered[:3]]


@pytest.mark.usefixtures("short_pages")
def test_a_page_that_was_opened_before_its_last_post_went_leads_on(client: Client) -> None:
    feed = make_feed()
    make_posts(feed, 7)
    changelist = client.get(reverse(ENTRIES)).context["cl"]
    after = [entry.title for entry in Entry.objects.newest_first()][3:6]
    make_entry(feed, "New", days_ago=0)
    Entry.objects.filter(pk=changelist.result_list[-1].pk).delete()
    assert [entry.title for entry in client.get(reverse(ENTRIES) + changelist.older).context["cl"].result_list] == after


def test_the_links_are_words_and_there_are_none_where_nothing_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is nothing yet." in page(client, ENTRIES)
    make_posts(make_feed(), 4)
    assert 'rel="next"' not in page(client, ENTRIES)
    assert "Nothing is like that." in page(client, ENTRIES, query="?standing=held")
    monkeypatch.setattr(EntryAdmin, "list_per_page", 3)
    html = page(client, ENTRIES)
    assert 'rel="next">Older</a>' in html
    assert ">Oldest first</a>" in html


@pytest.mark.parametrize("query", ["title__contains=a", "o=1&feed__title=x", "p=3", "is_hidden__exact=1"])
def test_what_no_index_answers_cannot_be_asked_for(client: Client, query: str) -> None:
    response = client.get(f"{reverse(ENTRIES)}?{query}", follow=True)
    assert response.redirect_chain
    assert "This list knows no" in response.content.decode()


@pytest.mark.parametrize("place", ["rubbish", "2026-01-01 00:00:00+00:00", "~", "2026-99-01~3", "1~2~3"])
def test_a_place_that_is_none_leads_to_the_first_page_and_says_so(client: Client, place: str) -> None:
    response = client.get(reverse(ENTRIES), {"after": place}, follow=True)
    assert "names no page of this list" in response.content.decode()


def test_a_search_looks_through_the_first_rows_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lists, "SEARCHED_ROWS", 3)
    notices = [Notice(title=f"Needle {number}", expires_at=NOW) for number in range(5)]
    Notice.objects.bulk_create(notices)
    html = page(client, "admin:notifications_notice_changelist", query="?q=needle")
    assert [f"Needle {number}" in html for number in range(5)] == [False, False, True, True, True]
    assert "the first 5,000 notices" in html


def test_an_action_is_for_what_is_ticked_alone(client: Client) -> None:
    ticked, other = make_entry(), make_entry()
    data = {"action": "hide", "_selected_action": [ticked.pk], "select_across": "1", "index": "0"}
    client.post(reverse(ENTRIES), data)
    assert list(Entry.objects.filter(is_hidden=True)) == [ticked]
    assert not Entry.objects.get(pk=other.pk).is_hidden


def test_a_post_whose_text_went_is_listed_as_that_and_as_nothing_else(client: Client) -> None:
    make_entry(title="Old", is_hidden=True, emptied_at=NOW), make_entry(title="Hidden", is_hidden=True)
    html = page(client, ENTRIES, query="?standing=let_go")
    assert ("Old" in html, "hidden; its time was over" in html, ">Hidden<" in html) == (True, True, False)
    assert ">Old<" not in page(client, ENTRIES, query="?standing=hidden")
    assert ">Old<" not in page(client, ENTRIES, query="?standing=shown")


def test_posts_that_an_address_names_are_listed_and_the_page_says_so(client: Client) -> None:
    told, other = make_entry(title="Told of"), make_entry(title="Another")
    html = page(client, ENTRIES, query=f"?pk__in={told.pk},x,{'9' * 30}")
    assert ("Told of</a>" in html, "Another</a>" in html) == (True, False)
    assert "Only posts that a notification told of." in html
    assert "a notification told of" not in page(client, ENTRIES)
    none = page(client, ENTRIES, query="?pk__in=x")
    assert (told.title in none, other.title in none, "Nothing is like that." in none) == (False, False, True)


# -- the feed that is looked for -------------------------------------------------------------------------------------


def test_a_part_of_a_name_leads_to_the_feeds_that_have_it(client: Client) -> None:
    make_entry(make_feed("Ada’s engines"), "By Ada"), make_entry(make_feed("Ada’s garden"), "On roses")
    make_entry(make_feed("Bea"), "By Bea")
    html = page(client, ENTRIES, query="?feed=ada")
    assert "Which of these?" in html
    assert "Ada’s engines</a>" in html
    found = page(client, ENTRIES, query="?feed=ENGINES")
    assert ("By Ada" in found, "By Bea" in found, "On roses" in found) == (True, False, False)
    assert "Only of <strong>Ada’s engines</strong>" in found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?feed=nowhere", "No feed has “nowhere” in its title or address."),
        ("?feed__id__exact=999999", "That feed isn’t here any more."),
        ("?feed__id__exact=x", "That feed isn’t here any more."),
        ("?until=yesterday", "That is no day."),
    ],
)
def test_what_is_not_there_is_said(client: Client, query: str, sentence: str) -> None:
    make_entry()
    assert sentence in page(client, ENTRIES, query=query)


def test_thousands_of_feeds_are_no_thousands_of_links(client: Client) -> None:
    for number in range(25):
        make_feed(f"Village {number:02}")
    html = page(client, ENTRIES, query="?feed=village")
    assert html.count("feed__id__exact=") == 20
    assert "There are more: type more of its name." in html


# -- how much a page works -------------------------------------------------------------------------------------------

LISTS = [
    *(
        "",
        "?o=oldest",
        "?after={place}",
        "?up_to={place}",
        "?until=2026-06-22",
        "?feed__id__exact={feed}",
        "?q=nowhere",
    ),
    *(f"?standing={standing}" for standing in Standing.values),
    *(
        "?standing=held&after={place}",
        "?standing=held&feed__id__exact={feed}",
        "?standing=shown&feed__id__exact={feed}",
    ),
    "?standing=folded&q=nowhere",
]
SORTS = {"sqlite": "USE TEMP B-TREE FOR ORDER BY", "postgresql": "Sort Key"}


def set_aside() -> None:
    """Of ten posts one each isn't plainly shown."""
    for number, field in enumerate(["is_hidden", "is_held", "is_filtered", "is_original"]):
        Entry.objects.filter(pk__in=[pk for pk in pks() if pk % 10 == number]).update(**{field: True})
    Entry.objects.filter(pk__in=[pk for pk in pks() if pk % 10 == 6]).update(emptied_at=NOW)
    first = min(pks())
    Entry.objects.filter(pk__in=[pk for pk in pks() if pk % 10 == 5 and pk != first]).update(duplicate_of=first)


def pks() -> list[int]:
    return list(Entry.objects.values_list("pk", flat=True))


def addresses() -> list[str]:
    middle = Entry.objects.newest_first()[Entry.objects.count() // 2]
    place = f"{middle.timeline_at}~{middle.pk}".replace("+", "%2B")
    return [reverse(ENTRIES) + query.format(place=place, feed=middle.feed_id) for query in LISTS]


def test_no_list_of_posts_walks_the_table_sorts_or_counts_it(client: Client) -> None:
    make_posts(make_feed(), 30), make_posts(make_feed(), 30)
    set_aside()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of so few rows it would take these, though an index is there.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    found = []
    for address in addresses():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        asked = [query["sql"] for query in queries if 'FROM "aggregator_entry"' in query["sql"]]
        # What a search finds is sorted; it is never more than search.finding.MAX_FOUND.
        found += [(address, sql) for sql in asked if "json_each" not in sql and "unnest" not in sql and sorts(sql)]
        found += [(address, sql) for sql in asked if walk_of(sql) or "COUNT(" in sql]
    assert found == []


def sorts(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return any(SORTS[connection.vendor] in str(row[-1]) for row in cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite tells how many steps it takes")
def test_no_list_works_more_because_there_is_more(
    client: Client, steps: count[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_lists, "SEARCHED_ROWS", 40)
    monkeypatch.setattr(EntryAdmin, "list_per_page", 8)
    feeds = [make_feed(title, category=make_category()) for title in ("One", "Two")]

    def taken() -> dict[str, int]:
        set_aside()
        steps_of = {}
        for query, address in zip(LISTS, addresses(), strict=True):
            before = next(steps)
            assert client.get(address).status_code == 200, address
            steps_of[query] = next(steps) - before
        return steps_of

    add_posts(feeds, 0, 150)
    few = taken()
    add_posts(feeds, 150, 1500)
    many = taken()
    assert {query: (few[query], many[query]) for query in LISTS if many[query] > 1.3 * few[query] + 5} == {}


def test_the_log_of_deliveries_counts_nothing_of_the_whole(client: Client) -> None:
    notice = Notice.objects.create(title="News", expires_at=NOW)
    fields: dict[str, Any] = {"notice": notice, "state": "accepted", "finished_at": NOW, "created_at": timezone.now()}
    Delivery.objects.bulk_create([Delivery(**fields, device_name=f"Device {number:02}") for number in range(60)])
    with CaptureQueriesContext(connection) as queries:
        html = page(client, DELIVERIES, query="?state=accepted")
    assert ("Device 59" in html, "Device 09" in html) == (True, False)
    listing = [query["sql"] for query in queries if 'FROM "notifications_delivery"' in query["sql"]]
    assert [sql for sql in listing if "COUNT(" in sql and "created_at" not in sql] == []
