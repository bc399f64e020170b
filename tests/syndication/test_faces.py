"""What browsers are shown of our feeds and lists, and what programs get of the same addresses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import SiteState
from aggregator.pages.stored import StoredPages
from aggregator.syndication.documents import AS_PAGE, shown_in_browsers
from tests.browsers import Chromium
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.needs import need_program
from tests.pages.conftest import Ask, asking
from tests.patience import PATIENCE_MILLISECONDS
from tests.push.background import Background
from tests.push.firefox import Firefox

pytestmark = pytest.mark.django_db

TYPES = {
    "/atom.xml": "application/atom+xml; charset=utf-8",
    "/rss20.xml": "application/rss+xml; charset=utf-8",
    "/opml.xml": "text/x-opml; charset=utf-8",
    "/source/ada/atom.xml": "application/atom+xml; charset=utf-8",
    "/category/web/opml.xml": "text/x-opml; charset=utf-8",
    "/.well-known/recommendations.opml": "text/x-opml; charset=utf-8",
}
A_PAGE = {"HTTP_SEC_FETCH_DEST": "document"}
BYTES_OF_A_DECLARATION = 100

SEEN = r"""(() => {
  const shown = [...document.documentElement.querySelectorAll("*")].filter(one => {
    const style = getComputedStyle(one);
    return style.display !== "none" && one.checkVisibility();
  });
  const words = (one, side) => getComputedStyle(one, side).content.replace(/^"|"$|^none$/g, "")
    .replace(/^attr\((\w+)\)$/, (_, name) => one.getAttribute(name));
  const text = one => one.children.length ? "" : one.textContent.trim();
  const said = one => [words(one, "::before"), text(one), words(one, "::after")];
  const root = document.documentElement;
  return {
    type: document.contentType,
    words: [root, ...shown].flatMap(said).filter(Boolean),
    wide: root.scrollWidth > root.clientWidth,
    violations: globalThis.violations ?? 0,
  };
})()"""
WATCH = "() => { addEventListener('securitypolicyviolation', () => { globalThis.violations = 1; }, true); }"


@pytest.fixture
def faced(lasting_connection: None) -> Ask:
    """Asks the site as a web server does, pages from memory included."""
    return asking(shown_in_browsers(StoredPages(WSGIHandler())))


@pytest.fixture
def posts() -> None:
    feed = make_feed("Ada's notes", slug="ada", category=make_category("Web"), url="https://ada.example/f?a=1&b=2")
    make_entry(feed, "Trains in winter", author="Ann", excerpt="Seen from nowhere")
    make_entry(feed, "שלום עולם", days_ago=2, content_html="<p>Not to be seen</p>")
    SiteState.objects.touch(NOW)


@pytest.mark.any_database
@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize("path", TYPES)
def test_who_opens_it_as_a_page_gets_the_same_bytes_as_xml(faced: Ask, path: str) -> None:
    for _ in ("made", "from memory"):
        program, page = faced(path), faced(path, **A_PAGE)
        assert (program.headers["Content-Type"], page.headers["Content-Type"]) == (TYPES[path], AS_PAGE)
        assert (program.body, program.headers["ETag"]) == (page.body, page.headers["ETag"])
        assert {answer.headers["Vary"] for answer in (program, page)} == {"Accept-Encoding, Sec-Fetch-Dest"}
    assert page.questions == 1


@pytest.mark.any_database
@pytest.mark.parametrize("wish", ["", "empty", "image", "iframe", "style", "document, document", "Document"])
def test_programs_are_told_what_it_is(faced: Ask, wish: str) -> None:
    answer = faced("/atom.xml", HTTP_SEC_FETCH_DEST=wish, HTTP_ACCEPT="text/html,application/xml;q=0.9,*/*;q=0.8")
    assert answer.headers["Content-Type"] == TYPES["/atom.xml"]


@pytest.mark.any_database
def test_what_has_no_face_is_left_alone(faced: Ask) -> None:
    for path in ("/", "/feed.json", "/opensearch.xml", "/about/"):
        plain, page = faced(path), faced(path, **A_PAGE)
        assert plain.headers == page.headers
        assert "Sec-Fetch-Dest" not in page.headers.get("Vary", "")
    assert faced("/source/none/atom.xml", **A_PAGE).headers["Content-Type"].startswith("text/html")
    assert faced("/search/atom.xml", "q=(", **A_PAGE).headers["Content-Type"].startswith("text/plain")


@pytest.mark.any_database
@pytest.mark.usefixtures("posts")
def test_a_page_that_is_known_is_a_304_and_differs_by_the_same(faced: Ask) -> None:
    etag = faced("/atom.xml", **A_PAGE).headers["ETag"]
    known = faced("/atom.xml", HTTP_IF_NONE_MATCH=etag, **A_PAGE)
    assert (known.status, known.headers["Vary"]) == (304, "Accept-Encoding, Sec-Fetch-Dest")


@pytest.mark.any_database
@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize("path", [*TYPES, "/search/rss20.xml?q=trains"])
def test_a_document_names_its_stylesheet_before_all_else(client: Client, path: str) -> None:
    lines = client.get(path).content[: BYTES_OF_A_DECLARATION * 2].decode().splitlines()
    assert lines[0].startswith("<?xml version=")
    named = re.fullmatch(r'<\?xml-stylesheet type="text/css" href="/static/(css/feed\.css)"\?>', lines[1])
    assert named
    assert (Path(site_settings.STATICFILES_DIRS[0]) / named[1]).exists()


@pytest.mark.any_database
def test_json_has_no_stylesheet(client: Client) -> None:
    assert b"stylesheet" not in client.get("/feed.json").content


# -- in browsers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def origin(live_server: LiveServer, settings: Any) -> Iterator[str]:
    """Of a site that shows its feeds."""
    settings.WEBSITE_URL = live_server.url
    server = live_server.thread.httpd
    before = server.get_app()
    server.set_app(shown_in_browsers(before))
    yield str(live_server.url)
    server.set_app(before)  # one server is all tests', and they look into it


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program, background = need_program("firefox-esr", "firefox"), Background()
    folder = tmp_path_factory.mktemp("firefox")
    browser = Firefox(background, program, folder / "profile", "ws://127.0.0.1:9")
    browser.line.ask("script.addPreloadScript", {"functionDeclaration": WATCH})
    yield browser
    browser.quit()
    background.close()
    shutil.rmtree(folder)


def seen_by_chromium(page: Page, url: str) -> dict[str, Any]:
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.add_init_script(f"({WATCH})()")
    page.goto(url)
    return dict(page.evaluate(SEEN))


@pytest.fixture(params=["chromium", "firefox"])
def seen(request: pytest.FixtureRequest, origin: str, posts: None) -> Iterator[Any]:
    """What a browser shows of an address of the site."""
    if request.param == "firefox":
        browser = request.getfixturevalue("firefox")
        yield lambda path: browser.open_tab(f"{origin}{path}").evaluate(SEEN)
        browser.close_tabs()
        return
    chromium: Chromium = request.getfixturevalue("chromium")
    with chromium.borrowed() as browser:
        yield lambda path: seen_by_chromium(browser.new_context().new_page(), f"{origin}{path}")


@pytest.mark.slow
@pytest.mark.browser
def test_a_browser_shows_what_it_is_and_what_is_in_it(seen: Any, origin: str) -> None:
    for path, title in {"/atom.xml": "Orrery", "/rss20.xml": "Orrery", "/source/ada/atom.xml": "Ada's notes"}.items():
        found = seen(path)
        words = found["words"]
        assert (found["type"], found["wide"], found["violations"]) == ("application/xml", False, 0)
        assert words[0].startswith("This is a feed")
        assert {title, f"{origin}{path}", "Trains in winter", "Ann", "שלום עולם"} <= set(words)
        assert any("2026" in one for one in words)
        assert not any("<p>" in one or one in {"Seen from nowhere", "Not to be seen"} for one in words)
    for path in ("/opml.xml", "/.well-known/recommendations.opml"):
        found = seen(path)
        words = found["words"]
        assert (found["type"], found["wide"], found["violations"]) == ("application/xml", False, 0)
        assert words[0].startswith("This is a list of blogs")
        assert {"Web", "Ada's notes", "https://ada.example/f?a=1&b=2"} <= set(words)
