"""Slugs: the stem, or the stem and a number, found with few questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Category
from aggregator.models.names import free_slug

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 8, 9, 100])
def test_the_next_number_is_taken(count: int) -> None:
    slugs = [f"news-{number}" if number > 1 else "news" for number in range(1, count + 1)]
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in slugs)
    expected = f"news-{count + 1}" if count else "news"
    with CaptureQueriesContext(connection) as queries:
        assert free_slug("news", Category.objects.all()) == expected
    assert len(queries) <= 16


@pytest.mark.parametrize("taken", [{"news", "news-3"}, {"news", "news-2", "news-4", "news-5"}, {"news", "newspaper"}])
def test_a_number_that_is_taken_is_never_given_again(taken: set[str]) -> None:
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in taken)
    assert free_slug("news", Category.objects.all()) not in taken
