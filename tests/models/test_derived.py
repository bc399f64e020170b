"""Columns that follow names: right in whichever way a row is written."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core import serializers
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from aggregator.models import Category, Feed
from aggregator.models.spelling import caseless, plain
from aggregator.models.sql import save_each
from tests.factories import make_category, make_feed

pytestmark = pytest.mark.django_db
NEW = "ÖKOLOGIE für Straße"


def by_save(feed: Feed) -> None:
    feed.title = NEW
    feed.save()


def by_its_title_alone(feed: Feed) -> None:
    feed.title = NEW
    feed.save(update_fields=["title"])


def by_its_title_in_a_bulk(feed: Feed) -> None:
    feed.title = NEW
    save_each([feed], ["title"])


def that_was_read_in_part(feed: Feed) -> None:
    part = Feed.objects.only("title").get(pk=feed.pk)
    part.title = NEW
    part.save()


def by_an_update(feed: Feed) -> None:
    Feed.objects.filter(pk=feed.pk).update(title=NEW)


def by_its_categorys_update(feed: Feed) -> None:
    assert feed.category
    feed.category.feeds.update(title=NEW)


def that_is_updated_or_created(feed: Feed) -> None:
    Feed.objects.update_or_create(pk=feed.pk, defaults={"title": NEW})


def that_is_added_in_a_bulk(feed: Feed) -> None:
    feed.delete()
    Feed.objects.bulk_create([Feed(title=NEW, url="https://new.example/feed", slug="new")])


def by_a_fixture(feed: Feed) -> None:
    """Of before the column was there. Django saves what it loads raw: no field is asked for its value."""
    [row] = json.loads(serializers.serialize("json", [feed]))
    row["fields"]["title"] = NEW
    del row["fields"]["plain_title"]
    for one in serializers.deserialize("json", json.dumps([row])):
        one.save()


def that_is_there_at_a_bulk(feed: Feed) -> None:
    new = Feed(title=NEW, url=feed.url, slug=feed.slug)
    Feed.objects.bulk_create([new], update_conflicts=True, unique_fields=["url"], update_fields=["title"])


WAYS = [
    by_save,
    by_its_title_alone,
    by_its_title_in_a_bulk,
    that_was_read_in_part,
    by_an_update,
    by_its_categorys_update,
    that_is_updated_or_created,
    that_is_added_in_a_bulk,
    by_a_fixture,
    that_is_there_at_a_bulk,
]


@pytest.mark.parametrize("write", WAYS)
def test_a_title_is_sortedby_what_it_is_now(write: Callable[[Feed], None]) -> None:
    write(make_feed("Before", category=make_category()))
    assert Feed.objects.values_list("title", "plain_title").get() == (NEW, plain(NEW))


@pytest.mark.parametrize("way", ["update", "bulk_update"])
def test_what_no_form_could_be_made_for_is_refused(way: str) -> None:
    """Django writes a `bulk_update` as an expression, too."""
    feed = make_feed("Before")
    feed.title = NEW
    refused = pytest.raises(TypeError, match="title must be set to a text, as plain_title is derived from it")
    with refused, transaction.atomic():
        if way == "update":
            Feed.objects.update(title=Concat(F("title"), Value("!")))
        else:
            Feed.objects.bulk_update([feed], ["title"])
    assert Feed.objects.get().title == "Before"


def test_a_categorys_name_has_both_forms() -> None:
    shelf = make_category("Before")
    shelf.name = NEW
    shelf.save(update_fields=["name"])
    assert Category.objects.values_list("caseless_name", "plain_name").get() == (caseless(NEW), plain(NEW))


def test_the_longest_name_and_title_fit_in_every_form() -> None:
    make_category("\ufb03" * 80, slug="long")
    make_feed("\ufdfa" * 300, slug="long")
    assert Category.objects.named("FFI" * 80).exists()
    assert len(Feed.objects.get().plain_title) == 300


def test_what_follows_is_saved_though_nobody_names_it_and_nothing_else_is() -> None:
    feed, same = make_feed("Before"), Feed.objects.get()
    Feed.objects.update(description="Of another.")
    same.title = NEW
    same.save(update_fields=["title"])
    feed.refresh_from_db()
    assert (feed.plain_title, feed.description) == (plain(NEW), "Of another.")
