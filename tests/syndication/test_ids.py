"""Ids in our feeds: they stay when the site's address changes, and no blog can claim one."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from aggregator import migrations
from aggregator.folding.fold import identify
from aggregator.models import Entry, Feed, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.models.site_state import BEFORE_ALL
from aggregator.syndication import feeds
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
BEGINNING = "tag:planet.example,2026-06-07:0123456789abcdef"
PATHS = ["/", "/category/python/", "/source/ada/"]
[MIGRATION] = (path.stem for path in Path(migrations.__path__[0]).glob("*_moving_in.py"))


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.WEBSITE_URL = "http://planet.example"
    begin_ids_with(BEGINNING)
    make_entry(make_feed("Ada", category=make_category("Python")), guid="17", url="")


def begin_ids_with(beginning: str) -> None:
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": beginning, "version": 1, "changed_at": NOW})


def ids(client: Client) -> list[str | None]:
    """All that our feeds say, of themselves and of the post."""
    found = []
    for path in PATHS:
        feed = ElementTree.fromstring(client.get(f"{path}atom.xml").content)
        channel = ElementTree.fromstring(client.get(f"{path}rss20.xml").content)
        items = json.loads(client.get(f"{path}feed.json").content)["items"]
        found += [feed.findtext(f"{ATOM}id"), feed.findtext(f"{ATOM}entry/{ATOM}id")]
        found += [channel.findtext("channel/item/guid"), items[0]["id"]]
    return found


@pytest.mark.parametrize("beginning", [BEGINNING, "http://planet.example"])
@pytest.mark.parametrize("address", ["https://planet.example", "https://elsewhere.example:8443"])
def test_ids_survive_a_change_of_the_sites_address(client: Client, settings: Any, beginning: str, address: str) -> None:
    begin_ids_with(beginning)
    before = ids(client)
    settings.WEBSITE_URL = address
    assert ids(client) == before
    assert {str(one).startswith(beginning) for one in before} == {True}


def guid(client: Client) -> tuple[str | None, str | None]:
    element = ElementTree.fromstring(client.get("/rss20.xml").content).find("channel/item/guid")
    assert element is not None
    return element.text, element.get("isPermaLink")


def test_an_id_that_is_no_address_any_more_is_no_permanent_link(client: Client, settings: Any) -> None:
    begin_ids_with("http://planet.example")
    text, is_link = guid(client)
    assert is_link == "true"
    settings.WEBSITE_URL = "https://planet.example"
    assert guid(client) == (text, "false")


def test_a_tag_is_no_permanent_link(client: Client) -> None:
    text, is_link = guid(client)
    assert str(text).startswith(BEGINNING)
    assert is_link == "false"


@pytest.mark.parametrize("beginning", [BEGINNING, "http://old.example"])
def test_no_blog_can_claim_an_id_of_ours(client: Client, beginning: str) -> None:
    begin_ids_with(beginning)
    mine = ids(client)[1]
    make_entry(make_feed("Mallory"), guid=mine, days_ago=0)
    found = [item["id"] for item in json.loads(client.get("/feed.json").content)["items"]]
    assert len(set(found)) == 2
    assert found[1] == mine


def ids_by_post(client: Client, path: str) -> dict[str, str]:
    """The id of each post of this feed's first page, by its title."""
    return {item["title"]: item["id"] for item in json.loads(client.get(path).content)["items"]}


@pytest.fixture
def two_of_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two feeds of one writer give two posts one id; each page of our feeds has one of them."""
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 1)
    Entry.objects.all().delete()
    for title, days_ago in (("First", 3), ("Second", 1)):
        entry = make_entry(make_feed(title), title, days_ago=days_ago, guid="https://ada.example/?p=7")
        identify(entry)
        entry.save()
    refresh_counts(Feed.objects.all())
    SiteState.objects.touch(NOW)


def test_of_two_with_one_id_the_one_known_first_has_it_on_whichever_page(client: Client, two_of_one_id: None) -> None:
    newer = client.get("/feed.json").json()
    older = client.get(newer["next_url"].partition("planet.example")[2]).json()
    assert [item["title"] for item in (*newer["items"], *older["items"])] == ["Second", "First"]
    assert older["items"][0]["id"] == "https://ada.example/?p=7"
    assert newer["items"][0]["id"].startswith(BEGINNING)
    assert newer["items"][0]["url"] != older["items"][0]["url"]


def test_a_post_has_one_id_in_all_of_our_feeds(client: Client, two_of_one_id: None) -> None:
    found = [ids_by_post(client, path)["Second"] for path in ("/feed.json", "/source/second/feed.json")]
    assert len(set(found)) == 1
    assert found[0].startswith(BEGINNING)


@pytest.mark.parametrize("fields", [{"is_hidden": True}, {"is_held": True}, {"is_filtered": True}])
def test_one_that_readers_do_not_see_has_no_say(client: Client, two_of_one_id: None, fields: dict[str, bool]) -> None:
    Entry.objects.filter(title="First").update(**fields)
    refresh_counts(Feed.objects.all())
    SiteState.objects.touch(NOW)
    assert ids_by_post(client, "/feed.json") == {"Second": "https://ada.example/?p=7"}


# -- where ids begin -------------------------------------------------------------------------------------------------


def upgraded(settings: Any) -> str:
    """Where ids begin after the upgrade of the site as it is."""
    import_module(f"aggregator.migrations.{MIGRATION}").keep_or_make_ids(apps, SimpleNamespace(connection=connection))
    settings.WEBSITE_URL = "https://later.example"
    return SiteState.objects.current().id_base


def test_a_site_of_before_keeps_its_ids_at_the_upgrade(settings: Any) -> None:
    begin_ids_with("")
    assert upgraded(settings) == "http://planet.example"


def test_so_does_one_that_has_posts_and_never_changed(settings: Any) -> None:
    SiteState.objects.all().delete()
    assert upgraded(settings) == "http://planet.example"
    assert SiteState.objects.current().changed_at == BEFORE_ALL


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://Planet.Example:8000", "planet.example"),
        ("http://[::1]", "localhost"),
        ("https://größe.de", "localhost"),
    ],
)
def test_a_new_site_gets_a_beginning_that_no_other_has(settings: Any, address: str, name: str) -> None:
    found = []
    for _ in range(2):
        SiteState.objects.all().delete()
        apps.get_model("aggregator", "Entry").objects.all().delete()
        settings.WEBSITE_URL = address
        found.append(upgraded(settings))
    assert re.fullmatch(rf"tag:{re.escape(name)},\d{{4}}-\d\d-\d\d:[0-9a-f]{{16}}", found[0])
    assert found[0] != found[1]
    assert SiteState.objects.current().version == 0
