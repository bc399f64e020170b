"""Whole ways through the site: by keyboard alone, and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Feed
from tests.browsers import Chromium
from tests.factories import make_category, make_feed
from tests.patience import PATIENCE_MILLISECONDS
from tests.stores import store_items
from tests.tagged import tag_all

from .posts import CODE, PICTURES, TABLES, post

pytestmark = [pytest.mark.any_database, pytest.mark.slow]

MOST_STOPS = 200
"""On a page of the small site; whoever needs more is caught somewhere."""
REACHED = """() => {
  const [one, shown] = [document.activeElement, getComputedStyle(document.activeElement)];
  if (one === document.body) return null;
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const every = [...document.querySelectorAll("*")];
  return {
    place: every.indexOf(one),
    name: one.outerHTML.slice(0, 120),
    isSeen: shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) >= 2 && box.width > 0
      && box.bottom > 0 && box.top < innerHeight && Boolean(top) && (one.contains(top) || top.contains(one)),
    isSkip: one.className === "skip",
  };
}"""
"""What has the focus, as somebody sees it who looks at the page; null if the page itself has it."""


@dataclass(frozen=True, slots=True)
class Walker:
    page: Page
    origin: str

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def tab_to(self, selector: str) -> None:
        """Press Tab until the element has the focus."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"Tab doesn't lead to {selector} on {self.page.url}")

    def enter(self, selector: str, path: str) -> None:
        """Press Tab until the link or button has the focus, then Enter; that leads to this path."""
        self.tab_to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        assert self.page.url.removeprefix(self.origin).startswith(path)

    def type(self, selector: str, text: str, path: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        assert self.page.url.removeprefix(self.origin).startswith(path)


@pytest.fixture
def rows(transactional_db: None) -> Feed:
    feed = make_feed("North", url="https://north.example/feed", slug="north", category=make_category("Web"))
    items = [
        post(name, html, days_ago=1 + day / 10)
        for day, (name, html) in enumerate(
            {"Pictures": PICTURES, "Tables": TABLES, "Code": CODE, "Bridges": "<p>Words about bridges.</p>"}.items()
        )
    ]
    store_items(feed, *items, title="North", language="en")
    store_items(make_feed("South", url="https://south.example/feed"), post("Talk", "<p>Words.</p>"), title="South")
    tag_all("Code", "Talks")
    return feed


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def context(
    request: pytest.FixtureRequest, live_server: LiveServer, rows: Feed, chromium: Chromium
) -> Iterator[BrowserContext]:
    with chromium.borrowed("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost") as browser:
        context = browser.new_context(java_script_enabled=request.param, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        yield context


@pytest.fixture
def walker(context: BrowserContext, live_server: LiveServer) -> Walker:
    return Walker(context.new_page(), live_server.url)


@pytest.mark.parametrize("path", ["/", "/search/?q=words", "/why/", "/source/north/", "/sources/"])
@pytest.mark.parametrize("context", [True], indirect=True, ids=[""])
def test_tab_goes_through_the_page_in_its_order_and_every_stop_is_seen(walker: Walker, path: str) -> None:
    walker.go(path)
    walker.page.evaluate("document.activeElement.blur()")
    stops = []
    for _ in range(MOST_STOPS):
        walker.page.keyboard.press("Tab")
        stop = walker.page.evaluate(REACHED)
        if stop is None:
            break
        stops.append(stop)
    else:
        pytest.fail("Tab never leaves the page")
    assert stops[0]["isSkip"]
    assert [stop["name"] for stop in stops if not stop["isSeen"]] == []
    assert [two["name"] for one, two in pairwise(stops) if one["place"] >= two["place"]] == []
    links = walker.page.evaluate("""[...document.querySelectorAll("a[href], button, input, summary")].filter(
      one => one.checkVisibility() && one.tabIndex >= 0 && one.type !== "hidden").length""")
    assert len(stops) >= links


def test_by_keyboard_alone_a_reader_finds_a_post_follows_and_gets_an_answer(walker: Walker) -> None:
    walker.go("/")
    walker.page.keyboard.press("Tab")
    walker.page.keyboard.press("Enter")
    walker.enter("main .entry-permalink", "/post/")
    walker.type(".search-input", "bridges", "/search/?q=bridges")
    walker.enter(".found .entry-permalink", "/post/")
    assert walker.page.locator("main h4").inner_text() == "Bridges"
    walker.enter(".foot a[href='/follow/']", "/follow/")
    walker.enter(".foot a[href='/why/']", "/why/")
    walker.type("main input[name='url']", "https://blog.example/Bridges/", "/why/?url=")
    assert "Bridges" in walker.page.locator("main").inner_text()
    walker.enter(".foot a[href='/sources/']", "/sources/")
    walker.enter("main .source-title", "/source/")
    assert walker.page.context.cookies() == []


@pytest.mark.parametrize("context", [False], indirect=True, ids=[""])
def test_without_a_script_every_link_of_the_site_leads_somewhere(walker: Walker) -> None:
    """And every page has the same links as with scripts: none is made by one."""
    seen: set[str] = set()
    waiting = ["/"]
    while waiting and len(seen) < MOST_STOPS:
        path = waiting.pop()
        seen.add(path)
        if path.endswith((".xml", ".json")):
            assert walker.page.request.get(walker.origin + path).ok, path
            continue
        answer = walker.page.goto(walker.origin + path)
        assert answer is not None
        assert answer.ok, path
        links = walker.page.locator("a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += {
            link for link in links if link not in seen and link not in waiting and not link.startswith("/admin")
        }
    assert len(seen) > 40
