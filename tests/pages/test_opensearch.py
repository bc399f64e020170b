"""How browsers and other programs learn to search here: OpenSearch 1.1, and what Firefox and Chromium want of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus, urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings as site_settings
from django.test import Client
from pytest_django import Settings

from tests.factories import make_entry
from tests.outline import page_at

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SPEC = "{http://a9.com/-/spec/opensearch/1.1/}"
NAMES = {
    "Orrery": "Orrery",
    "Planet Example": "Planet Example",
    "The Planet of all Examples": "The Planet of",
    "Donaudampfschifffahrtsgesellschaft": "Donaudampfschiff",
    'R&D <b>"x"': 'R&D <b>"x"',
    "惑星" * 20: "惑星" * 8,
    "a\x00b\x1f": "ab",
}


def description(client: Client) -> ElementTree.Element:
    answer = client.get("/opensearch.xml")
    assert (answer.status_code, answer["Content-Type"]) == (
        200,
        "application/opensearchdescription+xml; charset=utf-8",
    )
    return ElementTree.fromstring(answer.content)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_as_short_as_the_form_allows_and_pages_name_it_so(
    client: Client, settings: Settings, name: str
) -> None:
    settings.SITE_NAME = name
    root = description(client)
    short, long = (root.findtext(f"{SPEC}{kind}") or "" for kind in ("ShortName", "LongName"))
    assert (short, len(short) <= 16, 0 < len(long) <= 48) == (NAMES[name], True, True)
    for path in ("/", "/about/", "/search/?q=x", "/submit/", "/nothing/"):
        html = client.get(path).content.decode()
        (line,) = [line for line in html.splitlines() if '<link rel="search"' in line]
        assert 'type="application/opensearchdescription+xml"' in line
        assert 'href="/opensearch.xml"' in line
    (link,) = [link for link in page_at(client, "/").named("link") if link["rel"] == "search"]
    assert link["title"] == short


@pytest.mark.parametrize("words", ["trains", "naïve 機能", 'a&b "c+d" -e', "100%"])
def test_what_it_leads_to_finds_what_was_typed(client: Client, words: str) -> None:
    make_entry(title=f"{words} and more".replace("-e", ""))
    for url in description(client).findall(f"{SPEC}Url"):
        assert url.get("template", "").startswith(f"{site_settings.WEBSITE_URL}/")
        path = url.get("template", "").removeprefix(site_settings.WEBSITE_URL)
        answer = client.get(path.replace("{searchTerms}", quote_plus(words)))
        assert answer.status_code == 200
        assert answer["Content-Type"].partition(";")[0] == url.get("type")
        assert url.get("rel") == "self" or b"and more" in answer.content


def test_its_icons_are_there_and_small(client: Client) -> None:
    images = description(client).findall(f"{SPEC}Image")
    assert {(image.get("width"), image.get("type")) for image in images} >= {("16", "image/svg+xml")}
    for image in images:
        path = urlsplit(image.text or "").path.removeprefix("/static/")
        [folder] = site_settings.STATICFILES_DIRS
        assert 0 < (Path(folder) / path).stat().st_size < 10_000


def test_it_is_read_in_utf_8(client: Client) -> None:
    root = description(client)
    assert [root.findtext(f"{SPEC}{name}Encoding") for name in ("Input", "Output")] == ["UTF-8", "UTF-8"]
