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
        ("state__exact=paused", "Paused"),
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
