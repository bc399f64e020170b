"""Addresses and forms of lists that no page of ours made: they name nothing, and are no faults of the site."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse

from aggregator.desk.feed_list import MAX_AT_ONCE
from aggregator.desk.given import MAX_SEARCHED_CHARACTERS, MAX_WORDS, first_words, is_key, keys_in
from aggregator.desk.rules import MAX_ROWS
from aggregator.models import Category, Feed, FilterRule
from tests.curators import CATEGORIES, ENTRIES, FEED, FEEDS, log_in, page
from tests.factories import make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
ACCOUNTS, DEVICES = "admin:auth_user_changelist", "admin:notifications_pushsubscription_changelist"
DELIVERIES = "admin:notifications_delivery_changelist"
FORGED = ["x", "", "\0", "²", "٣", "-1", "9" * 40]
WHOLE_DAYS_AWAY = ["0001-01-01 00:00:00+14:00~1", "9999-12-31 23:59:59-14:00~1"]
ENDLESS = " ".join(f"w{number}" for number in range(2_000))


@pytest.fixture
def client() -> Client:
    return log_in()


def answer(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(name, args=args), data, follow=True)


def test_a_key_has_digits_of_ascii_and_no_more_than_a_database_takes() -> None:
    assert [text for text in FORGED if is_key(text)] == []
    assert keys_in(["1", "x", "9" * 18, "9" * 19]) == ["1", "9" * 18]


# -- keys of rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    ("name", "action"),
    [
        *((FEEDS, action) for action in ("poll_now", "pause", "show_held", "set_category", "delete_selected")),
        *((ENTRIES, "hide"), (CATEGORIES, "delete_selected"), (ACCOUNTS, "delete_selected")),
    ],
)
def test_a_key_that_is_none_chooses_nothing(client: Client, name: str, action: str, forged: str) -> None:
    make_entry(make_feed(category=make_category()))
    sent = {"action": action, ACTION_CHECKBOX_NAME: [forged], "index": "0"}
    assert answer(client, name, **sent).status_code == 200
    assert Feed.objects.get().state == Feed.State.ACTIVE


@pytest.mark.parametrize("index", FORGED)
def test_a_list_of_actions_that_is_not_there_is_the_first_one(client: Client, index: str) -> None:
    feed = make_feed()
    sent = {"action": "pause", ACTION_CHECKBOX_NAME: [str(feed.pk), "²"], "index": index}
    assert "Paused: one feed." in answer(client, FEEDS, **sent).content.decode()


def test_no_index_leads_around_how_many_feeds_an_action_takes_at_once(client: Client) -> None:
    feeds = [make_feed() for _ in range(MAX_AT_ONCE + 1)]
    sent = {"action": ["", "reject"], ACTION_CHECKBOX_NAME: [feed.pk for feed in feeds], "index": "9"}
    assert "Nothing was done" in answer(client, FEEDS, **sent).content.decode()


@pytest.mark.parametrize("forged", FORGED)
def test_a_row_of_a_list_whose_key_is_none_is_a_row_that_is_gone(client: Client, forged: str) -> None:
    shelf = make_category()
    sent = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": forged, "form-0-position": 9, "_save": "Save"}
    assert answer(client, CATEGORIES, **sent).status_code == 200
    assert Category.objects.get().position == shelf.position


@pytest.mark.parametrize("counts", [(3, 1), (1, 3), (100_000, 100_000), (1, 10**30), (-1, -1)])
def test_a_list_has_the_rows_that_are_there_whatever_number_of_them_is_sent(
    client: Client, counts: tuple[int, int]
) -> None:
    shelf = make_category()
    rows = {"form-0-id": shelf.pk, "form-0-position": 9, "form-1-position": 8, "form-2-position": "x"}
    sent = {"form-TOTAL_FORMS": counts[0], "form-INITIAL_FORMS": counts[1], **rows, "_save": "Save"}
    assert answer(client, CATEGORIES, **sent).status_code == 200
    assert Category.objects.count() == 1


@pytest.mark.parametrize("counts", [(100_000, 1), (100_000, 10**30), (1, 10**30)])
def test_of_a_feeds_rules_no_more_rows_are_read_than_there_can_be(client: Client, counts: tuple[int, int]) -> None:
    feed = make_feed()
    rule = FilterRule.objects.create(feed=feed, pattern="keep", action="drop", position=1)
    rules = {"rules-TOTAL_FORMS": counts[0], "rules-INITIAL_FORMS": counts[1], "rules-0-id": rule.pk}
    sent = {"title": feed.title, "url": feed.url, "display": feed.display, **rules, "rules-0-pattern": "other"}
    shown = answer(client, FEED, feed.pk, **sent)
    assert shown.status_code == 200
    for inline in (shown.context or {}).get("inline_admin_formsets", ()):
        assert len(inline.formset.forms) <= MAX_ROWS
    assert FilterRule.objects.count() == 1


# -- places and searches -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["after", "up_to"])
@pytest.mark.parametrize("place", WHOLE_DAYS_AWAY)
def test_a_place_in_no_year_of_ours_is_no_page(client: Client, side: str, place: str) -> None:
    make_entry()
    shown = client.get(reverse(ENTRIES), {side: place}, follow=True)
    assert "That address names no page of this list" in shown.content.decode()


@pytest.mark.parametrize("name", [FEEDS, ENTRIES, CATEGORIES, ACCOUNTS, DELIVERIES, DEVICES])
@pytest.mark.parametrize("words", [ENDLESS, "a" * 100_000, '"' * 5_000, "'a b' " * 2_000])
def test_a_search_without_end_is_one_for_its_first_words(client: Client, name: str, words: str) -> None:
    assert page(client, name, query=f"?q={quote(words)}")


def test_words_in_quotation_marks_are_one() -> None:
    assert first_words('"two words" ' + ENDLESS).startswith('"two words" w0 w1 ')
    assert len(first_words(ENDLESS).split()) == MAX_WORDS
    assert len(first_words("a" * 100_000)) == MAX_SEARCHED_CHARACTERS


@pytest.mark.parametrize("words", ["a\0b", "%" * 100_000])
def test_a_feed_is_looked_for_by_any_words(client: Client, words: str) -> None:
    make_entry()
    assert page(client, ENTRIES, query=f"?feed={quote(words)}")
