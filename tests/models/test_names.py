"""Slugs: the stem, or the stem and a number, found with few questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Category, Feed
from aggregator.models.names import choose_slugs, free_slug, free_slugs
from tests.factories import make_feed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 8, 9, 100])
def test_the_next_number_is_taken(count: int) -> None:
    slugs = [f"news-{number}" if number > 1 else "news" for number in range(1, count + 1)]
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in slugs)
    expected = f"news-{count + 1}" if count else "news"
    with CaptureQueriesContext(connection) as queries:
        assert free_slug("news", Category.objects.all()) == expected
    assert len(queries) <= 16


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ({"news", "news-3"}, "news-2"),
        ({"news", "news-2", "news-4", "news-5"}, "news-3"),
        ({"news", "newspaper", "news-02"}, "news-2"),
    ],
)
def test_the_first_number_is_taken_that_none_has(taken: set[str], free: str) -> None:
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in taken)
    assert free_slug("news", Category.objects.all()) == free


def test_a_feed_keeps_a_slug_that_says_its_title() -> None:
    blogs = [make_feed(title="News") for _ in range(3)]
    blogs[1].title = "Olds"
    choose_slugs(blogs, Feed.objects.all())
    assert [blog.slug for blog in blogs] == ["news", "olds", "news-3"]


def test_slugs_of_many_are_those_that_each_would_get_after_the_others() -> None:
    Category.objects.bulk_create(Category(name=slug, slug=slug) for slug in ("news", "news-2", "blog-2"))
    slugs = free_slugs(["news", "blog", "blog", "news", "news-3", "new", "news"], Category.objects.all())
    assert slugs == ["news-3", "blog", "blog-3", "news-4", "news-3-2", "new", "news-5"]


def test_slugs_of_many_that_are_free_cost_one_look() -> None:
    with CaptureQueriesContext(connection) as queries:
        free_slugs([f"blog-of-{number}" for number in range(100)], Category.objects.all())
    assert len(queries) == 1
