"""Whom readers can write to: pages name the contact, and without one none says that there is somebody to write to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from aggregator.pages.build import build
from tests.factories import make_entry, make_feed

pytestmark = pytest.mark.django_db
PAGES = ["/", "/about/", "/source/ada/", "/sources/", "/no/such/page"]


@pytest.fixture(autouse=True)
def _ada() -> None:
    make_entry(make_feed("Ada"))


def html(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_the_footer_of_every_page_leads_to_the_contact(client: Client, settings: Any, address: str) -> None:
    settings.CONTACT = "ann+planet@kiln.example"
    assert '<a href="mailto:ann%2Bplanet@kiln.example">Contact</a>' in html(client, address)


@pytest.mark.parametrize("address", ["/about/", "/source/ada/", "/no/such/page"])
def test_about_sources_and_missing_pages_name_it(client: Client, settings: Any, address: str) -> None:
    settings.CONTACT = "https://kiln.example/contact/"
    assert '<a href="https://kiln.example/contact/">kiln.example/contact</a>' in html(client, address)


@pytest.mark.parametrize("address", PAGES)
def test_without_a_contact_no_page_says_whom_to_write_to(client: Client, settings: Any, address: str) -> None:
    settings.CONTACT = ""
    page = html(client, address).lower()
    said = ("write to", "tell the curators", "tell us", "need the new", "contact")
    assert [words for words in said if words in page] == []


def test_a_new_contact_brings_a_new_page(client: Client, settings: Any) -> None:
    build.cache_clear()
    before = client.get("/")["ETag"]
    settings.CONTACT = "ann@kiln.example"
    build.cache_clear()
    assert client.get("/")["ETag"] != before
    build.cache_clear()
