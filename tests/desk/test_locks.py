"""What the desk locks, it locks in everybody's order (`models.sql`): nobody waits for each other in a ring."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from aggregator.models import Category, Feed
from tests.at_once import meanwhile
from tests.factories import make_category, make_feed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all writers"),
]


def test_all_of_a_list_are_locked_at_once_and_not_first_those_of_the_page(admin_client: Client) -> None:
    low, high = (make_feed() for _ in range(2))
    sent = {"action": "pause", "_selected_action": [str(high.pk)], "select_across": "1", "index": "0"}
    answer = meanwhile(
        lambda: list(Feed.objects.filter(pk=low.pk).locked()),
        lambda: list(Feed.objects.filter(pk=high.pk).locked()),
        lambda: admin_client.post(reverse("admin:aggregator_feed_changelist"), sent).status_code,
    )
    assert answer == 302
    assert set(Feed.objects.values_list("state", flat=True)) == {"paused"}


@pytest.mark.parametrize("way", ["list", "page"])
def test_a_category_that_is_deleted_is_locked_after_its_feeds(admin_client: Client, way: str) -> None:
    """As a device's choices are, which are feeds and categories."""
    category = make_category("Python")
    feed = make_feed(category=category)
    address, sent = {
        "list": (
            reverse("admin:aggregator_category_changelist"),
            {"action": "delete_selected", "_selected_action": [str(category.pk)], "post": "yes"},
        ),
        "page": (reverse("admin:aggregator_category_delete", args=[category.pk]), {"post": "yes"}),
    }[way]
    answer = meanwhile(
        lambda: list(Feed.objects.filter(pk=feed.pk).locked()),
        lambda: list(Category.objects.filter(pk=category.pk).select_for_update(no_key=True)),
        lambda: admin_client.post(address, sent).status_code,
    )
    assert answer == 302
    assert not Category.objects.exists()
