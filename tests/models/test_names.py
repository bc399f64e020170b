"""Slugs: the stem, or the stem and a number, found with few questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Category
from aggregator.models.names import free_slug, free_slugs

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


def test_slugs_of_many_are_those_that_each_would_get_after_the_others() -> None:
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in ("news", "news-2", "blog-2"))
    slugs = free_slugs(["news", "blog", "blog", "news", "news-3", "new", "news"], Category.objects.all())
    assert slugs == ["news-3", "blog", "blog-3", "news-4", "news-3-2", "new", "news-5"]


def test_slugs_of_many_that_are_free_cost_one_look() -> None:
    with CaptureQueriesContext(connection) as queries:
        free_slugs([f"blog-of-{number}" for number in range(100)], Category.objects.all())
    assert len(queries) == 1
