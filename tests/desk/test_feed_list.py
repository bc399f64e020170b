"""The list of feeds and what narrows it, as a browser gets it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aggregator.desk.filters import KINDS
from aggregator.diagnosis import diagnose
from aggregator.models import Feed
from tests.curators import FEED, FEEDS, log_in, page
from tests.factories import NOW, make_category, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return log_in()


def test_the_list_says_what_is_wrong_with_a_feed(client: Client) -> None:
    make_feed("Broken Clock", failure_count=6, last_error="The certificate can't be trusted.", last_error_kind="tls")
    html = page(client, FEEDS)
    assert "failing" in html
    assert "6×: The certificate can&#x27;t be trusted." in html


def test_a_feed_that_waits_for_the_worker_is_due_now(client: Client) -> None:
    make_feed(next_poll_at=NOW, last_ok_at=timezone.now())
    words = re.sub(r"<[^>]+>", "", page(client, FEEDS))
    assert "just nownext: due now" in words


@pytest.mark.parametrize("state", Feed.State.values)
def test_a_feed_in_any_state_has_a_row_and_a_page(client: Client, state: str) -> None:
    feed = make_feed("Some blog", state=state)
    assert "Some blog" in page(client, FEEDS)
    assert "Some blog" in page(client, FEED, feed.pk)


def test_more_feeds_cost_no_more_queries(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, FEEDS)
        return len(queries)

    make_feed(category=make_category())
    few = count()
    for _ in range(20):
        make_feed(category=make_category(), failure_count=1, last_error="No.")
    assert count() == few


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("health=failing", "Failing"),
        ("health=never", "Unread"),
        ("health=silent", "Silent"),
        ("health=paused", "Paused"),
        ("q=lone-host", "Searched"),
    ],
)
def test_a_filter_shows_only_what_it_names(client: Client, query: str, title: str) -> None:
    make_feed("Failing", failure_count=1)
    make_feed("Unread", last_ok_at=None, state="pending")
    make_feed("Silent", newest_at=timezone.now() - timedelta(days=200))
    make_feed("Paused", state="paused")
    make_feed("Searched", url="https://lone-host.example/feed")
    response = client.get(reverse(FEEDS) + "?" + query)
    assert [feed.title for feed in response.context["cl"].result_list] == [title]


def test_feeds_can_be_filtered_by_category(client: Client) -> None:
    shelf = make_category("Shelf")
    make_feed("On it", category=shelf)
    make_feed("Elsewhere")
    response = client.get(reverse(FEEDS) + f"?category__id__exact={shelf.pk}")
    assert [feed.title for feed in response.context["cl"].result_list] == ["On it"]


STATES = ["pending", "active", "paused", "gone", "rejected"]
FACTS: list[dict[str, object]] = [
    {},
    {"failure_count": 3, "last_error": "No.", "last_error_kind": "http"},
    {"is_drifting": True},
    {"held_count": 2},
    {"filtered_count": 4, "entry_count": 0},
    {"newest_at": NOW - timedelta(days=300)},
    {"failure_count": 1, "is_drifting": True, "held_count": 1},
    {"is_drifting": True, "held_count": 1},
    {"held_count": 1, "newest_at": NOW - timedelta(days=300)},
]


def make_feeds_of_all_kinds() -> list[Feed]:
    feeds = [
        make_feed(f"{state} {number}", state=state, **facts) for state in STATES for number, facts in enumerate(FACTS)
    ]
    return [*feeds, *(make_feed(f"twice {state}", state=state, double_of=feeds[9]) for state in STATES)]


def test_each_feed_is_of_the_one_kind_that_its_row_names(client: Client) -> None:
    feeds = make_feeds_of_all_kinds()
    found: dict[int, list[str]] = {feed.pk: [] for feed in feeds}
    for kind, word in KINDS.items():
        listed = client.get(f"{reverse(FEEDS)}?health={kind}").context["cl"].result_list
        for feed in listed:
            found[feed.pk].append(word)
    assert found == {feed.pk: [diagnose(feed, timezone.now()).word] for feed in feeds}


def test_the_first_page_counts_each_feed_once_and_leads_to_as_many(client: Client) -> None:
    feeds = make_feeds_of_all_kinds()
    html = page(client, "admin:index")
    link = r'<a [^>]*href="([^"]*health=\w+)">(\d+) '
    kinds = re.findall(link, html.partition('class="desk-kinds"')[2].partition("</ul>")[0])
    assert sum(int(count) for _, count in kinds) == len(feeds)
    counted = re.findall(link, html)
    assert [address for address, count in counted if (address, count) not in kinds] == [
        f"{reverse(FEEDS)}?health=holding"
    ]
    lists = {address: client.get(address).context["cl"].result_count for address, _ in counted}
    assert lists == {address: int(count) for address, count in counted}


def test_trouble_comes_first(client: Client) -> None:
    make_feed("Ada"), make_feed("Bea", state="paused"), make_feed("Cem", held_count=1)
    make_feed("Dot", failure_count=1, state="pending"), make_feed("Eve", state="pending")
    titles = [feed.title for feed in client.get(reverse(FEEDS)).context["cl"].result_list]
    assert titles == ["Dot", "Cem", "Eve", "Ada", "Bea"]


@pytest.mark.parametrize(
    ("order", "titles"),
    [("title", ["ada", "Bea", "Cem"]), ("posted", ["Cem", "ada", "Bea"]), ("unread", ["Bea", "Cem", "ada"])],
)
def test_feeds_stand_in_the_order_that_was_asked_for(client: Client, order: str, titles: list[str]) -> None:
    make_feed("Bea", newest_at=NOW - timedelta(days=3), last_ok_at=NOW - timedelta(days=3), failure_count=1)
    make_feed("Cem", newest_at=NOW, last_ok_at=NOW - timedelta(days=2))
    make_feed("ada", newest_at=NOW - timedelta(days=1), last_ok_at=NOW - timedelta(days=1))
    assert [feed.title for feed in client.get(f"{reverse(FEEDS)}?order={order}").context["cl"].result_list] == titles
