from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator.models import Feed
from tests.commands.running import refusal, run
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db


def test_the_json_has_the_documented_form() -> None:
    feed = make_feed("Fresh Paint", url="https://paint.example/feed", last_error="No.", failure_count=1)
    make_entry(feed, "One", guid="1", url="https://paint.example/1", author="Ada", content_html="<p>Ä</p>")
    assert json.loads(run("feed_status", "--json")) == [
        {
            "url": "https://paint.example/feed",
            "title": "Fresh Paint",
            "state": "active",
            "error": "No.",
            "disabled": False,
            "next_poll_at": NOW.isoformat(),
            "entries": [
                {
                    "title": "One",
                    "link": "https://paint.example/1",
                    "id": "1",
                    "author": "Ada",
                    "published": (NOW - timedelta(days=1)).isoformat(),
                    "content": "<p>Ä</p>",
                }
            ],
        }
    ]


def test_the_table_counts_posts_as_they_are_shown() -> None:
    feed = make_feed("Fresh Paint", last_ok_at=NOW)
    make_entry(feed, "One")
    headings, row = run("feed_status").splitlines()[:2]
    at = headings.index("SHOWN")
    assert ("ENTRIES" in headings, row[at : at + 5].strip()) == (False, str(Feed.objects.get().entry_count))


def test_what_is_not_known_is_null() -> None:
    make_entry(make_feed(), published_at=None)
    [feed] = json.loads(run("feed_status", "--json"))
    assert (feed["error"], feed["entries"][0]["published"]) == (None, None)


@pytest.mark.parametrize("state", ["paused", "gone", "rejected"])
def test_a_stopped_feed_is_disabled(state: str) -> None:
    make_feed(state=state)
    assert json.loads(run("feed_status", "--json"))[0]["disabled"] is True


def test_an_empty_site_is_an_empty_list() -> None:
    assert json.loads(run("feed_status", "--json")) == []


def test_entries_come_newest_first() -> None:
    feed = make_feed()
    make_entry(feed, "Old", days_ago=9), make_entry(feed, "New", days_ago=1)
    [status] = json.loads(run("feed_status", "--json"))
    assert [entry["title"] for entry in status["entries"]] == ["New", "Old"]


def test_only_named_feeds_are_told() -> None:
    make_feed("One"), make_feed("Two", url="https://two.example/feed")
    statuses = json.loads(run("feed_status", "--json", "https://two.example/feed"))
    assert [status["title"] for status in statuses] == ["Two"]


def test_many_feeds_are_one_list() -> None:
    for _ in range(3):
        make_feed()
    assert len(json.loads(run("feed_status", "--json"))) == 3


def test_the_table_says_what_is_wrong() -> None:
    make_feed("Broken Clock", failure_count=6, last_error="The certificate can't be trusted.")
    table = run("feed_status")
    assert "failing" in table
    assert "6×: The certificate can't be trusted." in table


def test_the_table_says_what_is_held() -> None:
    make_feed("Flooded", held_count=1)
    assert "    1 post held: republished archive?" in run("feed_status")


def test_the_table_says_what_was_left_out() -> None:
    make_feed("Gaps", skipped={"empty": 3})
    assert "    3 items had neither text nor link\n" in run("feed_status")


def test_the_table_says_where_a_feed_is_read_once_more() -> None:
    make_feed("Twice", double_of=make_feed("Once"), leads_to="https://once.example/feed")
    assert "    Its address leads to https://once.example/feed, where another feed" in run("feed_status")


def test_an_unknown_feed_is_refused_in_a_sentence() -> None:
    assert refusal("feed_status", "4711") == ("", "There is no feed 4711 here; feed_status lists those that are.")


def test_where_no_host_has_answered_for_an_hour_the_network_is_in_doubt() -> None:
    for _ in range(5):
        make_feed(last_polled_at=timezone.now(), failure_count=1, last_error_kind="dns")
    assert "Nobody has answered for an hour" in run("feed_status")
    make_feed(last_polled_at=timezone.now(), last_ok_at=timezone.now())
    assert "Nobody has answered for an hour" not in run("feed_status")
