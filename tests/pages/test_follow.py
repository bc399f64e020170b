"""/follow/ tells who never heard of feeds how to follow; each page names its own, and leads there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import site_change
from aggregator.models.counting import refresh_counts
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.factories import make_category, make_entry, make_feed
from tests.outline import page_at
from tests.patience import PATIENCE_MILLISECONDS
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db

SITE = "https://planet.example"


class Words(HTMLParser):
    """All text of <main>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = ""
        self.feed(html[html.index("<main") : html.index("</main>")])

    def handle_data(self, data: str) -> None:
        self.found += data


def words(client: Client, path: str = "/follow/") -> str:
    return " ".join(Words(client.get(path).content.decode()).found.split())


@pytest.fixture(autouse=True)
def website(settings: Any) -> None:
    settings.WEBSITE_URL = SITE
    settings.SITE_NAME = "Planet Example"


@pytest.fixture
def filled() -> None:
    python, web = make_category("Python"), make_category("Web <b>& more</b>", slug="web")
    feeds = [make_feed("Ada", slug="ada", category=python), make_feed("Bob", category=web, has_enclosures=True)]
    for feed in feeds:
        make_entry(feed, f"By {feed.title}", author="Ann")
    tag_all("trains")
    with site_change():
        refresh_counts(feeds)


@pytest.mark.any_database
def test_the_address_of_all_posts_stands_first_to_be_copied(client: Client) -> None:
    [field] = [one for one in page_at(client, "/follow/").named("input") if one.get("id") == "address"]
    assert (field["value"], "readonly" in field) == (f"{SITE}/atom.xml", True)
    html = client.get("/follow/").content.decode()
    assert '<label class="field-label" for="address">' in html
    button = '<button class="button address-copy" type="button" hidden>'
    assert button in html, "without its script there is none"


@pytest.mark.any_database
@pytest.mark.usefixtures("filled")
def test_it_leads_to_each_kind_of_address(client: Client) -> None:
    links = {one["href"] for one in page_at(client, "/follow/").named("a")}
    feeds = {
        "/atom.xml",
        "/rss20.xml",
        "/feed.json",
        "/opml.xml",
        "/category/python/atom.xml",
        "/category/web/atom.xml",
    }
    assert feeds | {"/sources/", "/tags/", "/search/"} <= links
    for path in links:
        assert path.startswith(("#", "/")), "nobody is sent to another site"
        assert path.startswith("#") or client.get(path).status_code == 200
    said = words(client)
    assert f"Web <b>& more</b> {SITE}/category/web/atom.xml" in said
    assert "podcast app" in said


@pytest.mark.any_database
def test_of_what_there_is_not_it_says_nothing(client: Client) -> None:
    said = words(client)
    assert "no posts so far" in said
    assert not {"A category", "A tag", "podcast", "Only some"} & {
        part for part in ("A category", "A tag", "podcast", "Only some") if part in said
    }
    make_entry(make_feed("Ada"))
    said = words(client)
    assert "no posts so far" not in said
    assert ("A category" in said, "A tag" in said, "podcast" in said, "One source" in said) == (
        False,
        False,
        False,
        True,
    )


@pytest.mark.any_database
def test_sources_that_nobody_may_know_of_count_for_nothing(client: Client) -> None:
    empty = words(client)
    make_entry(make_feed("Secret", state="pending", has_enclosures=True, category=make_category("Hidden shelf")))
    assert words(client) == empty


@pytest.mark.any_database
def test_it_promises_no_news_by_push_or_mail(client: Client) -> None:
    assert not re.search(r"\b(push|notification|newsletter)", words(client), re.IGNORECASE)


@pytest.mark.any_database
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("path", "atom"),
    [
        ("/", "/atom.xml"),
        ("/category/python/", "/category/python/atom.xml"),
        ("/source/ada/", "/source/ada/atom.xml"),
        ("/tag/trains/", "/tag/trains/atom.xml"),
        ("/search/?q=ada", "/search/atom.xml?q=ada"),
    ],
)
def test_each_page_names_its_own_addresses_and_leads_here(client: Client, path: str, atom: str) -> None:
    html = client.get(path).content.decode()
    aside = html[html.index("<aside") :]
    assert f'href="{atom}"' in aside
    assert re.search(r'<a href="/follow/">What is this\?</a>', aside)
    alternates = [one["href"] for one in page_at(client, path).named("link") if one["rel"] == "alternate"]
    assert alternates[0] == atom


@pytest.mark.any_database
@pytest.mark.parametrize("path", ["/", "/about/", "/follow/", "/search/?q=x"])
def test_every_page_names_the_blogroll(client: Client, path: str) -> None:
    rolls = [one for one in page_at(client, path).named("link") if one["rel"] == "blogroll"]
    assert [(one["type"], one["href"]) for one in rolls] == [("text/xml", "/opml.xml")]


@pytest.mark.any_database
def test_its_script_and_styles_are_there(client: Client) -> None:
    html = client.get("/follow/").content.decode()
    for path in ("css/follow.css", "js/copy.js"):
        assert f'"/static/{path}"' in html
        assert (Path(site_settings.STATICFILES_DIRS[0]) / path).exists()


# -- in a browser ------------------------------------------------------------------------------------------------------


def opened(browser: Browser, url: str, **options: Any) -> tuple[Page, list[str]]:
    page, wrong = browser.new_context(**options).new_page(), list[str]()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(url)
    return page, wrong


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_the_address_is_copied_by_keyboard_and_that_is_said(live_server: LiveServer, chromium: Chromium) -> None:
    with chromium.borrowed() as browser:
        for allowed in (["clipboard-read", "clipboard-write"], []):
            page, wrong = opened(browser, f"{live_server.url}/follow/", permissions=allowed)
            page.locator("#address").focus()
            assert page.evaluate("getSelection().toString()") == f"{SITE}/atom.xml"
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            told = page.get_by_role("status")
            told.filter(has_text="Copied").wait_for()
            if allowed:
                assert page.evaluate("navigator.clipboard.readText()") == f"{SITE}/atom.xml"
            assert wrong == []


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("width", [320, 1280])
def test_it_reads_well_without_scripts_on_any_screen(live_server: LiveServer, chromium: Chromium, width: int) -> None:
    with chromium.borrowed() as browser:
        for scheme in ("light", "dark"):
            options: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
            page, wrong = opened(browser, f"{live_server.url}/follow/", **options)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(FAINT_TEXT) == []
            assert page.evaluate(CLOSE_TARGETS) == []
            assert wrong == []
        page, _ = opened(browser, f"{live_server.url}/follow/", java_script_enabled=False)
        assert page.locator("#address").is_visible()
        assert page.locator(".address-copy").is_hidden()
