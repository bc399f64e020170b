"""Addresses of planets that moved here."""

from __future__ import annotations

import pytest
from django.test import Client

from aggregator.pages.old_addresses import PLACES

# No database: a test that asked one would fail.


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/rss10.xml", "/rss20.xml"),
        ("/foafroll.xml", "/opml.xml"),
        ("/index.html", "/"),
        ("/titles_only.html", "/"),
        ("/atom/", "/atom.xml"),
    ],
)
def test_a_planets_address_leads_to_what_stands_in_its_place(client: Client, old: str, new: str) -> None:
    for query in ("", "?utm_source=planet&x=//evil.example"):
        response = client.get(old + query)
        assert (response.status_code, response["Location"]) == (301, new)


@pytest.mark.parametrize("old", PLACES)
def test_every_old_address_may_be_remembered_for_a_day(client: Client, old: str) -> None:
    response = client.head(f"/{old}")
    assert response.status_code == 301
    assert response["Cache-Control"] == "public, max-age=86400"
    assert not response.cookies


def test_scripts_of_other_sites_may_follow_to_feeds_only(client: Client) -> None:
    assert client.get("/rss10.xml")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/index.html")


def test_an_old_address_takes_no_post(client: Client) -> None:
    assert client.post("/index.html").status_code == 405
