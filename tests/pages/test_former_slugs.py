"""A category that got another slug: its old addresses lead to those of today."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.curating.adding import category_named
from aggregator.curating.feeds import delete_categories
from aggregator.models import Category, FormerSlug
from aggregator.pages import blogroll
from tests.curators import log_in
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
BELOW = ["/category/{}/" + name for name in ("", "atom.xml", "rss20.xml", "feed.json", "opml.xml")]
ADDRESSES = [*BELOW, "/sources/category/{}/", "/sources/category/{}/2/"]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Category:
    monkeypatch.setattr(blogroll, "PAGE_SOURCES", 1)
    web = make_category("Web", slug="web")
    make_entry(make_feed(category=web)), make_feed(category=web)
    return web


Save = Callable[[Category | None, str, str], None]


@pytest.fixture
def save() -> Save:
    """As a curator does it on the desk."""
    curator = log_in()
    return lambda category, name, slug: _save(curator, category, name, slug)


def _save(curator: Client, category: Category | None, name: str, slug: str) -> None:
    way, args = ("change", [category.pk]) if category else ("add", [])
    form = {"name": name, "slug": slug, "position": 0}
    if category:
        form |= {f"initial-{field}": getattr(category, field) for field in form}
    answer = curator.post(reverse(f"admin:aggregator_category_{way}", args=args), form)
    assert answer.status_code == 302, answer.content.decode()
    if category:
        category.refresh_from_db()


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_before_leads_to_that_of_now(client: Client, web: Category, save: Save, address: str) -> None:
    assert client.get(address.format("web")).status_code == 200
    save(web, "Web", "internet")
    save(web, "Web", "net")
    for former in ("web", "internet"):
        answer = client.get(address.format(former) + "?before=1&x=//evil.example")
        assert (answer.status_code, answer["Location"]) == (301, address.format("net"))
        assert "max-age=0" in answer["Cache-Control"]  # it may become another's
    assert client.get(address.format("net")).status_code == 200


def test_scripts_of_other_sites_may_follow_to_feeds(client: Client, web: Category, save: Save) -> None:
    save(web, "Web", "net")
    assert client.get("/category/web/atom.xml")["Access-Control-Allow-Origin"] == "*"


def test_a_new_category_gets_no_former_slug(web: Category, save: Save) -> None:
    save(web, "The net", "net")
    made = category_named("Web")
    assert made is not None
    assert made.slug == "web-2"


def test_a_slug_that_a_curator_gives_to_another_is_that_ones(client: Client, web: Category, save: Save) -> None:
    save(web, "The net", "net")
    save(None, "Spiders", "web")
    assert client.get("/category/web/").status_code == 200
    save(Category.objects.get(slug="web"), "Spiders", "spiders")
    assert client.get("/category/web/")["Location"] == "/category/spiders/"


def test_a_slug_comes_back(client: Client, web: Category, save: Save) -> None:
    save(web, "Web", "net")
    save(web, "Web", "web")
    assert client.get("/category/web/").status_code == 200
    assert client.get("/category/net/")["Location"] == "/category/web/"
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["net"]


def test_a_category_that_is_gone_takes_its_former_slugs_with_it(client: Client, web: Category, save: Save) -> None:
    save(web, "Web", "net")
    delete_categories(Category.objects.all(), NOW)
    assert [client.get(f"/category/{slug}/").status_code for slug in ("web", "net", "never")] == [404] * 3
