"""The desk's search boxes find names in any spelling, on any database; and its lists are sorted as people would."""

from __future__ import annotations

import string

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from aggregator.models import Feed
from notifications.models import PushSubscription
from tests.curators import CATEGORIES, ENTRIES, FEEDS, log_in, page
from tests.factories import make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
IN_ASCII_ALONE = {"url", "site_url", "address", "host", "path"}
"""Columns of normalized addresses, and of their parts."""
SPELLINGS = [
    ("Ökologie heute", "ökologie"),
    ("ökologie heute", "ÖKOLOGIE"),
    ("L’Économie", "économie"),
    ("L’Économie", "economie"),
    ("ПРИВЕТ, мир", "привет МИР"),
    ("Lange Straße", "STRASSE"),
    ("Cafe\u0301 Noir", "CAFÉ"),
    ("100 % Rabatt", "100 %"),
]
FINDS = pytest.mark.parametrize(("name", "looked_for"), SPELLINGS)


@pytest.fixture
def client() -> Client:
    return log_in()


def found(client: Client, name: str, looked_for: str) -> int:
    return len(client.get(reverse(name), {"q": looked_for}).context["cl"].result_list)


def test_each_search_box_looks_for_every_spelling(client: Client) -> None:
    page(client, "admin:index")  # with the addresses, the desk is loaded
    boxes = {f"{one.model.__name__}: {field}" for one in admin.site._registry.values() for field in one.search_fields}
    boxes.remove("Entry: title")  # posts are looked for as readers look for them
    others = {box for box in boxes if not box.endswith("__alike") and box.partition(": ")[2] not in IN_ASCII_ALONE}
    assert (others, len(boxes) > 10) == (set(), True)


@FINDS
def test_a_feed_is_found(client: Client, name: str, looked_for: str) -> None:
    make_feed(name), make_feed("Another")
    assert found(client, FEEDS, looked_for) == 1


def test_a_feed_is_found_by_its_address(client: Client) -> None:
    make_feed(url="https://Oekologie.example/feed"), make_feed()
    assert found(client, FEEDS, "OEKOLOGIE.example") == 1


@FINDS
def test_a_category_is_found(client: Client, name: str, looked_for: str) -> None:
    make_category(name, slug="one"), make_category("Another")
    assert found(client, CATEGORIES, looked_for) == 1


@FINDS
def test_an_entry_is_found(client: Client, name: str, looked_for: str) -> None:
    make_entry(title=name), make_entry(author=name), make_entry(title="Another")
    assert found(client, ENTRIES, looked_for) == 2


@FINDS
def test_an_account_is_found(client: Client, name: str, looked_for: str) -> None:
    User.objects.create_user("one", first_name=name)
    assert found(client, "admin:auth_user_changelist", looked_for) == 1


def test_a_device_is_found(client: Client) -> None:
    user = User.objects.create_user("Ömer")
    for number, name in enumerate(["Телефон", "Phone"]):
        PushSubscription.objects.create(user=user, name=name, endpoint=str(number), endpoint_hash=str(number))
    devices = "admin:notifications_pushsubscription_changelist"
    assert (found(client, devices, "телефон"), found(client, devices, "öMER")) == (1, 2)


def test_whatever_is_looked_for_stands_for_itself(client: Client) -> None:
    make_feed(f"Ö{string.punctuation}")
    signs = [*string.punctuation, f"ö{string.punctuation}"]
    assert [sign for sign in signs if not Feed.objects.filter(title__alike=sign).exists()] == []
    assert found(client, FEEDS, "ö" * 5000) == 0


def titles(html: str, names: list[str]) -> list[str]:
    return sorted(names, key=html.index)


def test_feeds_and_categories_are_listed_by_their_letters(client: Client) -> None:
    names = ["apfel", "Äpfel zwei", "Łódź", "Magazin", "ökologie", "Oper", "Zebra", "еда", "Ёж", "Жук"]
    for number, name in enumerate(reversed(names)):
        make_feed(name, category=make_category(f"{name} im Regal", slug=f"shelf-{number}"))
    rows = page(client, FEEDS).partition('id="result_list"')[2]
    assert titles(rows, [f">{name}<" for name in names]) == [f">{name}<" for name in names]
    for html in (page(client, CATEGORIES), page(client, "admin:aggregator_feed_import"), page(client, FEEDS)):
        assert titles(html, [f">{name} im Regal" for name in names]) == [f">{name} im Regal" for name in names]


@pytest.mark.parametrize(
    "name",
    [
        *(FEEDS, CATEGORIES, ENTRIES, "admin:notifications_delivery_changelist"),
        *("admin:notifications_pushsubscription_changelist", "admin:auth_user_changelist"),
    ],
)
def test_where_nothing_is_found_a_sentence_says_so_and_there_is_nothing_to_act_on(client: Client, name: str) -> None:
    make_entry(make_feed(category=make_category()))
    html = page(client, name, query="?q=nobodyiscalledso")
    assert ("Nothing is like that." in html, 'name="action"' in html, "action-counter" in html) == (True, False, False)
