"""A planet of its own as a browser draws it: nothing is in the way, all can be read, and its logo can do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from aggregator.own.links import links_of
from aggregator.own.logo import logo_of
from aggregator.own.words import text_of
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.factories import make_category, make_entry, make_feed
from tests.own.pictures import svg
from tests.patience import PATIENCE_MILLISECONDS

pytestmark = pytest.mark.slow
LOGOS = {
    "wide": svg('viewBox="0 0 900 100"'),
    "high": svg('viewBox="0 0 10 300"', within="<script>document.title = 'caught'</script>"),
}
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll(".logo, .brand-name, .tagline, .sections, .search-input")]
    .map(element => [element.className, element.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${one} lies over ${other}`));
}"""


@pytest.fixture
def page(live_server: LiveServer, chromium: Chromium, settings: Settings) -> Iterator[Page]:
    make_entry(
        make_feed("Ada", category=make_category("Glaze")), content_html="<p><a href='https://a.example/'>x</a></p>"
    )
    settings.FOOTER_LINKS = links_of("Imprint=/imprint/, " + "Averyveryverylongnamewithoutanybreaks" + "=/x/")
    settings.ABOUT_FILE = text_of(("https://kiln.example/" + "x" * 300 + "\n\nכאן כותבים על חימר").encode())
    settings.SITE_ACCENT, settings.SITE_ACCENT_DARK = "#856a00", "#ff5050"
    with chromium.borrowed() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield page


@pytest.mark.parametrize("kind", LOGOS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_all_of_it_can_be_read_and_nothing_lies_over_another(
    page: Page, live_server: LiveServer, settings: Settings, kind: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    settings.SITE_LOGO = logo_of(LOGOS[kind])
    settings.SITE_TAGLINE = "Fire and clay" if kind == "wide" else "Fire and clay in many words, " * 5
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/", "/about/"):
        page.goto(live_server.url + address)
        assert page.evaluate("document.querySelector('.logo').naturalWidth") > 0
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(FAINT_TEXT) == []
        assert page.evaluate(CLOSE_TARGETS) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        accent = "rgb(133, 106, 0)" if scheme == "light" else "rgb(255, 80, 80)"
        assert page.evaluate("getComputedStyle(document.querySelector('.section[aria-current]')).color") == accent
    assert said == []


def test_a_logo_that_is_opened_by_itself_runs_no_script(
    page: Page, live_server: LiveServer, settings: Settings
) -> None:
    settings.SITE_LOGO = logo_of(LOGOS["high"])
    page.goto(f"{live_server.url}/own/{settings.SITE_LOGO.name}")
    assert page.evaluate("document.documentElement.localName") == "svg"
    assert page.title() != "caught"
