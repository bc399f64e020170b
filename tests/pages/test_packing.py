"""What is packed in which way, and for whom."""

from __future__ import annotations

import brotli
import pytest
from django.test import Client
from django.urls import reverse

from aggregator.pages.packing import packing_for
from tests.factories import make_entry, make_feed


@pytest.mark.parametrize(
    ("said", "packing"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.5, gzip", "br"),
        ("gzip, br;q=0.001", "br"),
        ("gzip, br;q=0", "gzip"),
        ("br; q=0.000, gzip", "gzip"),
        ("br;q=0", ""),
        ("brotli, abr, x-br2", ""),
        ("gzip, deflate", "gzip"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_brotli_goes_first_where_it_is_taken(said: str, packing: str) -> None:
    assert packing_for(said) == packing


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/atom.xml", "/feed.json", "/opml.xml"])
def test_a_page_in_brotli_says_so_and_is_the_plain_one(client: Client, path: str) -> None:
    make_entry(make_feed("North"), title="A post", content_html="<p>Words, and words again.</p>" * 50)
    plain, packed = client.get(path), client.get(path, HTTP_ACCEPT_ENCODING="gzip, br")
    assert brotli.decompress(packed.content) == plain.content
    assert len(packed.content) == int(packed.headers["Content-Length"]) < len(plain.content)
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["admin:login", "about"])
def test_only_what_is_for_everybody_is_packed_in_brotli(client: Client, path: str) -> None:
    """The length of a page with a secret in it would tell of the secret; gzip's is hidden by Django."""
    answer = client.get(reverse(path), HTTP_ACCEPT_ENCODING="gzip, br")
    assert answer.headers.get("Content-Encoding") == "gzip"
    assert client.get("/nowhere/", HTTP_ACCEPT_ENCODING="br").headers.get("Content-Encoding") is None
