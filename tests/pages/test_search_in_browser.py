"""A search in a real browser: from the box on any page to a post, with the keyboard alone; and nothing that is found,
or looked for, does anything there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browsers import Chromium
from tests.factories import make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS

pytestmark = pytest.mark.slow

FORGED = (
    "<mark>forged</mark> <img src=x onerror=alert(1)>",
    "&lt;mark&gt;forged&lt;/mark&gt; &lt;script&gt;alert(2)&lt;/script&gt;",
    "forged\x02<b>\x03</b>\ue000\ue001 \u202eforged <svg onload=alert(3)>",
    "\"'><mark onmouseover=alert(4)>forged",
)
"""Titles, and questions."""


@dataclass(slots=True)
class Visit:
    """A page, and what it did that no page should."""

    origin: str
    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def focused(self) -> str:
        """What the keyboard is at, in words, and whether a ring shows it."""
        return str(
            self.page.evaluate("""() => {
              const one = document.activeElement, ring = getComputedStyle(one).outlineStyle;
              return `${one.name || one.textContent.trim()} ${ring === "none" ? "unseen" : "seen"}`;
            }""")
        )


@pytest.fixture
def visit(live_server: LiveServer, chromium: Chromium) -> Iterator[Visit]:
    """Rows are made first: beside a running browser the database can't be asked."""
    feed = make_feed("North")
    make_entry(feed, "Trains in winter", content_html="<p>The night train, and the train after it.</p>")
    for title in FORGED:
        make_entry(feed, title, content_html=f"<p>A forged text.</p><p>{title}</p>", author=title[:40])
    with chromium.borrowed() as browser:
        yield Visit(live_server.url, new_page(browser))


def new_page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1280, "height": 900})


def test_the_keyboard_leads_from_any_page_to_what_was_found(visit: Visit) -> None:
    visit.go("/about/")
    box = visit.page.get_by_role("searchbox", name="Search posts")
    assert box.evaluate("one => one !== document.activeElement"), "nobody is moved to the box"
    for _ in range(12):
        visit.page.keyboard.press("Tab")
        if visit.focused() == "q seen":
            break
    visit.page.keyboard.type("train")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/search/?q=train")
    assert visit.page.get_by_role("searchbox", name="What to search for").input_value() == "train"
    assert visit.page.locator(".found mark").all_inner_texts() == ["train", "train"]
    reached = []
    while "Trains in winter seen" not in reached and len(reached) < 30:
        visit.page.keyboard.press("Tab")
        reached.append(visit.focused())
    assert {"Trains in winter seen", "q seen", "Search seen", "Newest first seen", "Best first seen"} <= set(reached)
    assert [one for one in reached if one.endswith("unseen")] == []
    assert visit.wrong == []


def test_where_nothing_is_found_a_way_leads_on(visit: Visit) -> None:
    visit.go("/search/?q=trains+zeppelin")
    assert visit.page.get_by_text("Nothing was found.").is_visible()
    visit.page.get_by_role("link", name="trains", exact=True).click()
    visit.page.wait_for_url("**/search/?q=trains")
    assert visit.page.get_by_role("heading", level=2).all_inner_texts()[0] == "Trains in winter"
    assert visit.wrong == []


def test_forged_marks_and_markup_are_text_in_what_is_found_and_what_is_asked(visit: Visit) -> None:
    visit.go("/search/?q=forged")
    found = visit.page.locator(".found article")
    assert found.count() == len(FORGED)
    looked = visit.page.evaluate("""[...document.querySelectorAll(".found *")].filter(one =>
      !["LI", "ARTICLE", "DIV", "A", "svg", "circle", "path", "text", "P", "H2", "SPAN", "BDI", "MARK", "TIME"]
        .includes(one.tagName) || one.tagName === "MARK" && one.innerText !== "forged"
      || [...one.attributes].some(each => each.name.startsWith("on"))).map(one => one.outerHTML)""")
    assert looked == []
    for asked in FORGED:
        visit.go(f"/search/?q={quote(asked)}")
        assert visit.page.locator(".question input[name=q]").input_value() == asked
        theirs = "script:not([src^='/static/js/']), main img, [onerror], [onload]"
        assert visit.page.locator(theirs).count() == 0
    assert visit.wrong == []
