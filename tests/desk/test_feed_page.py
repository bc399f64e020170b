"""What the page of one feed shows around its form."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.models import Feed
from tests.curators import FEED, FEEDS, log_in, page, press
from tests.factories import make_entry, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return log_in()


def test_the_feeds_page_says_what_to_do(client: Client) -> None:
    feed = make_feed(failure_count=2, last_error="The host x is not known (no address for that name).")
    Feed.objects.update(last_error_kind="dns")
    html = page(client, FEED, feed.pk)
    assert "The last 2 polls failed." in html
    assert "Check the spelling of the address." in html


def test_a_feed_that_is_read_twice_says_so_and_is_paused_by_one_button(client: Client) -> None:
    other = make_feed("Tide tables")
    feed = make_feed(double_of=other, leads_to=other.url)
    html = page(client, FEED, feed.pk)
    assert f"Its address leads to {other.url}, where another feed of this list is at home" in html
    assert f'<a href="{reverse(FEED, args=[other.pk])}">Tide tables</a>' in html
    assert "Paused." in press(client, "admin:aggregator_feed_pause_double", feed.pk)
    feed.refresh_from_db()
    assert feed.state == "paused"


def test_feeds_that_are_read_twice_can_be_listed(client: Client) -> None:
    other, plain = make_feed(), make_feed("Plain sailing")
    make_feed("Twice told", double_of=other)
    html = page(client, FEEDS, query="?health=twice")
    assert ("Twice told" in html, plain.title in html) == (True, False)


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({"failure_count": 711, "held_count": 533, "filtered_count": 371, "entry_count": 977}, [711, 533, 371, 977]),
        ({"held_count": 533, "entry_count": 977}, [533, 977]),
        ({"is_drifting": True, "held_count": 533, "entry_count": 977}, [533, 977]),
        ({"state": "paused", "failure_count": 711, "held_count": 533, "entry_count": 977}, [711, 533, 977]),
    ],
)
def test_the_feeds_page_says_each_number_once(client: Client, fields: dict[str, object], numbers: list[int]) -> None:
    html = page(client, FEED, make_feed("Ada", **fields).pk)
    health = html.partition('aria-label="Health"')[2].partition('<ul class="buttons">')[0]
    words = re.sub(r"<[^>]*>", " ", health)
    assert [len(re.findall(rf"(?<![\w.:-]){number}(?![\w:-])", words)) for number in numbers] == [1] * len(numbers)
    assert "Posts shown" in words


def test_the_feeds_page_shows_its_last_ten_entries(client: Client) -> None:
    feed = make_feed()
    for number in range(12):
        make_entry(feed, f"Post number {number:02}", days_ago=number)
    html = page(client, FEED, feed.pk)
    assert [f"Post number {number:02}" in html for number in range(12)] == [True] * 10 + [False] * 2


def test_only_a_feed_that_readers_know_links_to_its_page_on_the_site(client: Client) -> None:
    shown, waiting = make_feed(), make_feed(state="pending")
    assert f'href="{shown.get_absolute_url()}"' in page(client, FEED, shown.pk)
    assert f'href="{waiting.get_absolute_url()}"' not in page(client, FEED, waiting.pk)


@pytest.mark.parametrize(
    ("fields", "labels"),
    [
        ({"state": "pending"}, ["Poll now", "Reject…"]),
        ({"state": "active"}, ["Poll now", "Pause"]),
        ({"state": "paused"}, ["Resume"]),
        ({"state": "gone"}, ["Poll now", "Resume"]),
        ({"state": "rejected"}, ["Resume"]),
        ({"held_count": 2}, ["Show its held posts", "Hide its held posts", "Poll now", "Pause", "Reject…"]),
        ({"is_drifting": True}, ["Accept it as it is now", "Poll now", "Pause", "Reject…"]),
        ({"is_read_twice": True}, ["Pause this one: the other goes on", "Poll now"]),
        (
            {"proposed_url": "https://blog.example/atom.xml"},
            ["Use the proposed address", "Dismiss the proposal", "Poll now", "Pause"],
        ),
    ],
)
def test_a_feeds_buttons_begin_with_what_waits_for_a_decision(
    client: Client, fields: dict[str, object], labels: list[str]
) -> None:
    if fields.pop("is_read_twice", False):
        fields["double_of"] = make_feed()
    html = page(client, FEED, make_feed(**fields).pk)
    buttons = html.partition('<ul class="buttons">')[2].partition("</ul>")[0]
    assert re.findall(r">([^<]+)</button>", buttons) == labels


def test_the_feeds_page_says_what_was_left_out_and_why(client: Client) -> None:
    counts = {
        "empty": 3,
        "unreadable": 1,
        "torn": 1,
        "repeated": 2,
        "too_old": 120,
        "newest": 498,
        "files": 20,
        "cut": ["urn:a"],
    }
    html = page(client, FEED, make_feed(skipped=counts).pk)
    assert (
        "3 items had neither text nor link; 1 item could not be read; 1 item was cut off at the end of the document;"
        " 2 items stood there twice; the oldest 120 of 620 items were too many to take;"
        " 20 files left out of posts that have too many; 1 item cut short after a million characters"
    ) in html
    assert "Left out" not in page(client, FEED, make_feed().pk)
