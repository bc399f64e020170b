"""The curators' first page, and what holds for all of their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client

from aggregator.models import SiteState, Tick
from tests.curators import CATEGORIES, ENTRIES, ENTRY, FEED, FEEDS, log_in, page
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db
MARKUP = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def client() -> Client:
    return log_in()


def test_the_first_page_says_how_the_feeds_are(client: Client) -> None:
    make_feed(failure_count=1), make_feed()
    html = page(client, "admin:index")
    assert "<strong>2</strong> feeds" in html
    assert "1 failing" in html
    assert "The worker has not run yet." in html


def test_the_first_page_says_when_the_worker_last_lived(client: Client) -> None:
    Tick.objects.note(NOW - timedelta(days=3))
    assert "The worker last looked for due feeds" in page(client, "admin:index")


def test_an_empty_site_says_how_to_begin(client: Client) -> None:
    assert "There are no feeds yet." in page(client, "admin:index")


def test_the_sites_version_is_nobodys_to_edit() -> None:
    assert not admin.site.is_registered(SiteState)


def test_pages_carry_no_inline_script_or_style(client: Client) -> None:
    feed = make_feed(failure_count=1, last_error="No.")
    entry = make_entry(feed)
    addresses = [(FEEDS,), (FEED, feed.pk), (ENTRIES,), (ENTRY, entry.pk), ("admin:aggregator_feed_import",)]
    for name, *args in [*addresses, ("admin:aggregator_feed_add",), ("admin:index",), (CATEGORIES,)]:
        html = page(client, name, *args)
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick=" not in html
        assert "<script>" not in html


def test_a_login_that_names_a_foreign_page_leads_to_the_desk(client: Client) -> None:
    get_user_model().objects.create_superuser("visitor", password="secret")
    form = {"username": "visitor", "password": "secret", "next": "//evil.example/"}
    assert client.post("/admin/login/", form)["Location"] == "/admin/"


def test_texts_of_a_feed_are_escaped_everywhere(client: Client) -> None:
    feed = make_feed(MARKUP, failure_count=1, last_error=MARKUP, last_error_kind="http", reported_title=MARKUP)
    make_entry(feed, MARKUP)
    for html in (page(client, FEEDS), page(client, FEED, feed.pk), page(client, ENTRIES)):
        assert ESCAPED in html
        assert MARKUP not in html


def test_an_address_that_is_no_web_address_is_never_a_link(client: Client) -> None:
    feed = make_feed(reported_site_url="javascript:alert(1)", site_url="javascript:alert(2)")
    entry = make_entry(feed, url="javascript:alert(3)")
    for html in (page(client, FEEDS), page(client, FEED, feed.pk), page(client, ENTRY, entry.pk)):
        assert 'href="javascript:' not in html


def test_the_first_page_says_when_readers_have_nobody_to_write_to(client: Client, settings: Any) -> None:
    settings.CONTACT = ""
    assert "<code>CONTACT</code>" in page(client, "admin:index")
    settings.CONTACT = "ann@kiln.example"
    assert "<code>CONTACT</code>" not in page(client, "admin:index")
