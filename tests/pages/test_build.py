"""The ETag of public pages has a word for all that changes them beside the rows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from pytest_django import Settings

from aggregator.models.counting import refresh_counts
from aggregator.pages import caching
from tests.factories import make_category, make_entry, make_feed

ADDRESSES = (
    *("/", "/category/web/", "/source/north/", "/sources/", "/archive/2026/06/", "/post/{pk}/"),
    *("/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml", "/source/north/atom.xml", "/category/web/opml.xml"),
)
NOT_SHOWN = {"FOLD_DUPLICATES"}
"""Read where rows are stored: what comes of them raises the version."""


@pytest.fixture
def build() -> Callable[[], str]:
    """The word as a process that starts now makes it."""
    return caching.build.__wrapped__


@pytest.mark.django_db
def test_no_public_page_reads_a_setting_that_the_word_has_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = make_feed("North", category=make_category("Web"))
    entry = make_entry(feed)
    refresh_counts([feed])
    found: set[str] = set()
    read = LazySettings.__getattribute__

    def note(settings: LazySettings, name: str) -> Any:
        reader = sys._getframe(1).f_globals.get("__name__", "")
        if name.isupper() and reader.startswith(("aggregator.", "notifications.")) and reader != caching.__name__:
            found.add(name)
        return read(settings, name)

    monkeypatch.setattr(LazySettings, "__getattribute__", note)
    statuses = {client.get(address.format(pk=entry.pk)).status_code for address in ADDRESSES}
    monkeypatch.undo()
    assert statuses == {200}
    assert {"SITE_NAME", "WEBSITE_URL", "FRONT_PAGE_ENTRIES"} <= found
    assert found - NOT_SHOWN <= {*caching.SHOWN_SETTINGS}, "add what pages show to SHOWN_SETTINGS"


@pytest.mark.parametrize("name", caching.SHOWN_SETTINGS)
def test_a_setting_that_pages_show_changes_the_word(build: Callable[[], str], settings: Settings, name: str) -> None:
    before = build()
    setattr(settings, name, "another")
    assert build() != before


def test_a_template_of_the_sites_own_changes_the_word(
    build: Callable[[], str], settings: Settings, tmp_path: Path
) -> None:
    own = tmp_path / "front.html"
    own.write_text("One")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    before = build()
    assert build() == before
    own.write_text("Two")
    assert build() != before


@pytest.mark.parametrize("part", ["aggregator/pages", "notifications", "config", "templates/pages", "static/css"])
def test_the_word_is_made_of_all_that_pages_are(part: str) -> None:
    folder = settings.BASE_DIR / part
    assert any(folder in path.parents for path in caching._files_of_pages())
