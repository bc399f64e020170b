"""The list of categories, as a browser gets it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.curating.lists import add_some
from aggregator.exchange.opml import Outline
from aggregator.models import Category, Feed, SiteState
from tests.at_once import meanwhile
from tests.curators import CATEGORIES, log_in, page, press
from tests.factories import make_category, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return log_in()


def version() -> int:
    return SiteState.objects.current().version


def test_categories_show_how_many_feeds_they_hold(client: Client) -> None:
    shelf = make_category("Shelf")
    make_feed(category=shelf), make_feed(category=shelf)
    assert '<td class="field-feed_count">2</td>' in page(client, CATEGORIES)


def test_positions_are_edited_in_the_list(client: Client) -> None:
    shelf, before = make_category(), version()
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": shelf.pk, "form-0-position": 7}
    press(client, CATEGORIES, **form, _save="Save")
    shelf.refresh_from_db()
    assert (shelf.position, version() > before) == (7, True)


def test_a_category_is_added(client: Client) -> None:
    client.post(reverse("admin:aggregator_category_add"), {"name": "Data", "slug": "data", "position": 3})
    assert Category.objects.get().slug == "data"


@pytest.mark.django_db(transaction=True)
def test_a_category_that_an_import_makes_in_the_same_instant_is_there_already() -> None:
    client, form = log_in(), {"name": "Friends", "slug": "friends", "position": 3}

    def add() -> str:
        return client.post(reverse("admin:aggregator_category_add"), form).content.decode()

    outlines = [Outline(url="https://a.example/feed", category="Friends")]
    answer = meanwhile(lambda: add_some(outlines), lambda: None, add)
    assert "There is a category of this name already: Friends." in str(answer)
    assert Category.objects.count() == 1


def test_deleting_a_category_keeps_its_feeds(client: Client) -> None:
    shelf, before = make_category(), version()
    make_feed(category=shelf)
    press(client, "admin:aggregator_category_delete", shelf.pk, post="yes")
    assert (Feed.objects.get().category, version() > before) == (None, True)
