"""The migration of a filled site that has categories whose names differ in case alone; and the way back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from aggregator.models import Category, Feed, FilterRule
from notifications.models import PushSubscription
from tests.factories import make_category, make_feed, make_rule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BEFORE = "0024_uncounted_feeds"
CALLED = {"one": "ökologie", "two": "Web", "three": "ÖKOLOGIE", "four": "Okologie", "five": "O\u0308kologie"}
"""Categories' names by their slugs; those of the first two are there before, and once more after, the way back."""


def migrated_to(name: str) -> Any:
    """The models of all apps as they are once the database has been brought to this migration."""
    return MigrationExecutor(connection).migrate([("aggregator", name)]).apps


def migrated() -> None:
    """As `migrate` does it: to the last one of each app."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of a site of before, to which a filled one went back. The next test has the tables of today."""
    for slug in ("one", "two"):
        make_rule(make_feed("Écho", slug=f"feed-{slug}", category=make_category(CALLED[slug], slug=slug)), "ad")
    yield migrated_to(BEFORE)
    migrated()


def fill(old: Any) -> None:
    """Three categories that are called alike, two that aren't, feeds in all, and devices that chose some."""
    category, feed = old.get_model("aggregator", "Category").objects, old.get_model("aggregator", "Feed").objects
    for position, slug in enumerate(("three", "four", "five"), 5):
        shelf = category.create(name=CALLED[slug], slug=slug, position=position)
        feed.create(title=f"ÉCHO {slug}", url=f"https://{slug}.example/", slug=f"feed-{slug}", category=shelf)
    rule = old.get_model("aggregator", "FilterRule").objects
    rule.create(feed=feed.get(slug="feed-three"), pattern="ad", action="drop", field="title", position=7)
    feed.bulk_create(feed.model(url=f"https://blog{n}.example/", slug=f"blog-{n}", title=f"Ё{n}") for n in range(600))
    device = old.get_model("notifications", "PushSubscription").objects
    for name, chosen in enumerate((["one", "three"], ["three", "five"], ["two", "five"], ["four"])):
        one = device.create(endpoint=str(name), endpoint_hash=str(name), name=str(name))
        one.categories.set(category.filter(slug__in=chosen))


def test_a_site_that_is_not_migrated_yet_says_so(old: Any) -> None:
    client = Client()
    seen = {path: client.get(path).status_code for path in ("/", "/sources/", "/nothing/", "/healthz")}
    assert seen == {"/": 503, "/sources/": 503, "/nothing/": 503, "/healthz": 200}
    ready = client.get("/readyz")
    assert (ready.status_code, "`manage.py migrate` makes what is missing" in ready.content.decode()) == (503, True)


def test_categories_that_are_called_alike_become_the_oldest(old: Any, caplog: pytest.LogCaptureFixture) -> None:
    shelves = old.get_model("aggregator", "Category").objects.order_by("pk")
    assert list(shelves.values_list("name", flat=True)) == ["ökologie", "Web"]
    fill(old)
    with caplog.at_level(logging.WARNING):
        migrated()
    kept = Category.objects.order_by("pk").values_list("name", "slug", "position", "caseless_name", "plain_name")
    assert list(kept) == [
        ("ökologie", "one", 0, "ökologie", "okologie"),
        ("Web", "two", 0, "web", "web"),
        ("Okologie", "four", 6, "okologie", "okologie"),
    ]
    stand_in = dict(Feed.objects.exclude(category=None).values_list("slug", "category__slug"))
    places = {"one": "one", "two": "two", "three": "one", "four": "four", "five": "one"}
    assert stand_in == {f"feed-{slug}": place for slug, place in places.items()}
    assert list(FilterRule.objects.order_by("pk").values_list("feed__slug", "position")) == [
        *(("feed-one", 0), ("feed-two", 0), ("feed-three", 7))
    ]
    chosen = [set(one.categories.values_list("slug", flat=True)) for one in PushSubscription.objects.order_by("pk")]
    assert chosen == [{"one"}, {"one"}, {"one", "two"}, {"four"}]
    told = [record.getMessage() for record in caplog.records if ".migrations." in record.name]
    assert [line.partition(" into=")[2] for line in told] == [
        f"'ökologie'; /category/{slug}/ and its feeds lead to /category/one/ now" for slug in ("three", "five")
    ]
    for name in ("", "atom.xml", "rss20.xml", "feed.json", "opml.xml"):
        answer = Client().get(f"/category/five/{name}")
        assert (answer.status_code, answer["Location"]) == (301, f"/category/one/{name}")
    plain_titles = list(Feed.objects.order_by("pk").values_list("plain_title", flat=True))
    assert plain_titles == ["echo", "echo", "echo three", "echo four", "echo five", *(f"е{n}" for n in range(600))]
