"""Feeds of authors keep the rules that ours are held to, and name each who wrote a post."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from aggregator.curating.authors import join
from aggregator.ingest.types import Person
from aggregator.models import Author, SiteState
from tests.factories import NOW, make_feed
from tests.feed_rules import broken_rules
from tests.stores import store_items
from tests.writers import by, group

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SITE = "https://planet.example"
ODD = ("שָׁלוֹם כהן", "山田 太郎", "🎈", "<script>alert(1)</script>", "x" * 200, "Ann & \x0bBob")


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    settings.WEBSITE_URL = SITE
    id_base = "tag:planet.example,2026-06-07:0123456789abcdef"
    SiteState.objects.update_or_create(pk=1, defaults={"id_base": id_base, "version": 1, "changed_at": NOW})


def get(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    assert broken_rules(response.content, response["Content-Type"], SITE + path) == {}
    return response.content


@pytest.mark.parametrize("name", ["atom.xml", "rss20.xml"])
@pytest.mark.parametrize("person", ODD)
def test_the_feed_of_any_author_keeps_the_rules(client: Client, person: str, name: str) -> None:
    store_items(make_feed(), by("a", person, "Bob"), by("b", person), by("c", "Bob"))
    get(client, Author.objects.exclude(name="Bob").get().get_absolute_url() + name)


def test_each_who_wrote_a_post_is_named_in_each_format(client: Client) -> None:
    group()
    atom = ElementTree.fromstring(get(client, "/author/bob/atom.xml"))
    names = [one.text for one in atom.iterfind(".//{*}entry/{*}author/{*}name")]
    rss = ElementTree.fromstring(get(client, "/author/bob/rss20.xml"))
    creators = [one.text for one in rss.iterfind(".//{http://purl.org/dc/elements/1.1/}creator")]
    [item] = json.loads(client.get("/author/bob/feed.json").content)["items"]
    assert names == creators == ["Ann", "Bob"]
    assert item["authors"] == [{"name": "Ann"}, {"name": "Bob"}]


def test_an_author_s_own_address_is_given_out_and_one_that_anybody_could_claim_is_not(client: Client) -> None:
    feed = make_feed("Group", url="https://group.example/ann/feed")
    own, claimed = Person("Ann", url="https://group.example/ann/"), Person("Bob", url="https://bob.example/")
    store_items(feed, by("a", own, claimed), by("b", claimed, own, days_ago=2), title="Group")
    first, second = client.get("/feed.json").json()["items"]
    ann, bob = {"name": "Ann", "url": "https://group.example/ann/"}, {"name": "Bob"}
    assert (first["authors"], second["authors"]) == ([ann, bob], [bob, ann])
    atom = ElementTree.fromstring(get(client, "/atom.xml"))
    for entry in atom.iterfind("{*}entry"):
        authors = {one.findtext("{*}name"): one.findtext("{*}uri") for one in entry.iterfind("{*}author")}
        assert authors == {"Ann": "https://group.example/ann/", "Bob": None}
    get(client, "/rss20.xml")


def test_a_person_s_feed_has_the_posts_of_all_sources_and_its_own_address(client: Client) -> None:
    one, other = group("One"), group("Other")
    join(Author.objects.filter(feed__in=[one, other], name="Ann"), NOW)
    document = json.loads(client.get("/author/ann/feed.json").content)
    assert (document["title"], document["home_page_url"]) == ("Ann", f"{SITE}/author/ann/")
    assert len(document["items"]) == 4
