"""Keys, news of newer posts, and times in the reader's zone, as a browser has them; and pages that do without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from pytest_django.live_server_helper import LiveServer

from aggregator.models.counting import refresh_counts
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.factories import make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS

pytestmark = [pytest.mark.slow, pytest.mark.any_database, pytest.mark.no_cover]
TITLES = ["Post 0", "Post 1", "Post 2", "note", "Post 4", "Post 5"]
WORDS = "<p>Some words of a post.</p>" * 12
PHONE, WIDE = (390, 844), (1280, 900)
MINUTE = 60_000
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('refused'); } })"
FOCUSED = """() => {
  const here = document.activeElement;
  const day = here.closest(".day")?.querySelector(".day-head").getBoundingClientRect();
  const { top, bottom } = here.getBoundingClientRect();
  const isBelow = innerWidth > 768 || !day || top >= day.bottom;
  const isSeen = isBelow && top >= 0 && top < innerHeight && here.matches(":focus-visible");
  const ring = getComputedStyle(here).outlineStyle !== "none";
  return [here.matches("article") ? "note" : here.textContent, isSeen && ring];
}"""
MEASURE_SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 100));
})"""
HIDE_PAGE = """value => {
  Object.defineProperty(document, "hidden", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclass(frozen=True, slots=True)
class Site:
    """A served site with six posts of two blogs; the ids are those of its front page, the newest first."""

    origin: str
    browser: Browser
    ids: list[int]
    minute: int
    """Of its newest post."""

    def page(self, size: tuple[int, int] = WIDE, script: str = "", **options: Any) -> Page:
        """A page that opens no page of another site but an empty one."""
        page = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **options).new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.route("https://*.example/**", lambda route: route.fulfill(body="elsewhere", content_type="text/plain"))
        page.route("**/settled", lambda route: route.fulfill(body="", content_type="text/plain"))
        if script:
            page.add_init_script(script)
        return page

    def shown(self, path: str = "/", **options: Any) -> Page:
        page = self.page(**options)
        page.goto(self.origin + path)
        return page


@pytest.fixture
def site(live_server: LiveServer, chromium: Chromium) -> Iterator[Site]:
    feeds = [make_feed("North", slug="north"), make_feed("East", slug="east")]
    entries = []
    for number, title in enumerate(TITLES):
        note = {"title": "", "excerpt": "A note.", "content_html": "<p>A note.</p>"} if title == "note" else {}
        fields = {"title": title, "content_html": WORDS, "days_ago": 1.2 + 0.3 * number, **note}
        entry = make_entry(feeds[number // 3], url=f"https://blog.example/{number}", **fields)
        if note:
            entry.title = ""
            entry.save()
        entries.append(entry)
    refresh_counts(feeds)
    with chromium.borrowed() as browser:
        minute = int(entries[0].timeline_at.timestamp()) // 60
        yield Site(live_server.url, browser, [entry.pk for entry in entries], minute)


# -- keys --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_j_and_k_lead_from_post_to_post_and_each_is_seen(site: Site, size: tuple[int, int]) -> None:
    page = site.shown(size=size)
    seen = []
    for key in "jjjjjjj" + "kkkkkkk":
        page.keyboard.press(key)
        seen.append(page.evaluate(FOCUSED))
    down = [*TITLES, "All posts, month by month"]
    up = [*TITLES[::-1], TITLES[0]]
    assert seen == [[text, True] for text in down + up]
    page.evaluate(
        "document.activeElement.blur(); document.querySelectorAll('article')[2].scrollIntoView({behavior: 'instant'})"
    )
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED)[0] == "note", "it goes on from what is in sight"
    page.goto(f"{site.origin}/archive/2026/06/")
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == ["Post 0", True]


def test_o_and_enter_open_what_has_the_focus(site: Site) -> None:
    page = site.shown()
    page.keyboard.press("o")
    assert page.url == f"{site.origin}/", "nothing has"
    for presses, opener, number in (("jj", "o", 1), ("jjjj", "o", 3), ("jjjj", "Enter", 3), ("j", "Enter", 0)):
        page.goto(site.origin)
        for key in presses:
            page.keyboard.press(key)
        page.keyboard.press(opener)
        page.wait_for_url(f"https://blog.example/{number}")
        assert page.evaluate("opener") is None


def test_a_slash_searches_and_where_somebody_writes_keys_are_letters(site: Site) -> None:
    page = site.shown()
    page.keyboard.press("/")
    page.keyboard.type("j/?ok")
    assert page.locator(".search-input").input_value() == "j/?ok"
    page.goto(f"{site.origin}/search/?q=words")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('article') !== null")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "question"


def test_keys_of_others_stay_theirs(site: Site) -> None:
    page = site.shown()
    page.evaluate("""() => {
      const add = html => document.querySelector("main").insertAdjacentHTML("beforeend", html);
      add('<audio id="player" controls></audio><div id="text" contenteditable>x</div><select id="list"></select>');
    }""")
    for key in ("Control+j", "Alt+j", "Meta+j", "Control+/"):
        page.keyboard.press(key)
        page.evaluate("window.focus()")
    press = "(key, more) => new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more})"
    taken = page.evaluate(f"""() => {{
      const make = {press};
      const events = [[document.body, make("j", {{isComposing: true}})], [document, make("j", {{}})]];
      for (const id of ["player", "text", "list"]) events.push([document.getElementById(id), make("j", {{}})]);
      for (const key of ["o", "?"]) events.push([document.body, make(key, {{repeat: true}})]);
      events.push([document.body, make("J", {{shiftKey: true}})], [document.body, make("x", {{}})]);
      return events.map(([place, event]) => (place.dispatchEvent(event), event.defaultPrevented));
    }}""")
    assert taken == [False] * 9
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.locator("dialog").count() == 0


def test_the_list_of_keys_can_be_closed_and_switches_them_off_for_good(site: Site) -> None:
    page = site.shown()
    page.keyboard.press("j")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    assert dialog.locator("kbd").all_inner_texts() == ["j", "k", "o", "Enter", "/", "?"]
    assert (page.evaluate(FAINT_TEXT), page.evaluate(CLOSE_TARGETS)) == ([], [])
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "it keeps the focus"
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert page.evaluate(FOCUSED)[0] == "Post 0"
    assert page.evaluate("localStorage.length") == 0, "nobody chose anything"
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    for _ in range(2):
        for key in "j/?":
            page.keyboard.press(key)
        assert (dialog.count(), page.evaluate(FOCUSED)[0] == "Post 1") == (0, False)
        page.reload()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use these keys").check()
    page.get_by_role("button", name="Close").click()
    assert page.evaluate("document.activeElement.textContent") == "Keys", "the focus is where it was"
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("scrollTo({top: 0, behavior: 'instant'}); document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED)[0] == "Post 0"


def test_where_nothing_can_be_kept_a_choice_holds_for_the_page(site: Site) -> None:
    page = site.page(script=NO_STORAGE, timezone_id="Asia/Tokyo")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto(site.origin)
    page.get_by_role("button", name="Times in your own zone").click()
    assert page.get_by_role("button", name="Times in UTC").count() == 1
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('article')") is None
    assert faults == []


@pytest.mark.parametrize("path", ["/about/", "/sources/", "/search/", "/nothing", "/source/north/?before=1"])
def test_where_no_posts_are_keys_do_no_harm(site: Site, path: str) -> None:
    faults: list[str] = []
    page = site.page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(site.origin + path)
    for key in ("j", "k", "o", "Enter", "/", "Escape"):
        page.keyboard.press(key)
    assert (faults, page.url) == ([], site.origin + path)


def test_without_scripts_nothing_is_missing_and_nothing_is_offered_that_does_nothing(site: Site) -> None:
    with_scripts, without = site.shown(timezone_id="Asia/Tokyo"), site.shown(java_script_enabled=False)
    added = without.locator("button, dialog, .news").count()
    assert (added, with_scripts.locator("footer button").count()) == (0, 2)
    assert without.locator("article time").all_inner_texts() == with_scripts.locator("article time").all_inner_texts()


# -- news --------------------------------------------------------------------------------------------------------------


@dataclass
class News:
    """Stands for the address of the front page's news."""

    posts: list[list[int]]
    status: int = 200
    most: int = 60
    asked: int = 0

    def answer(self, route: Route) -> None:
        self.asked += 1
        route.fulfill(status=self.status, json={"most": self.most, "posts": self.posts})


def opened(site: Site, news: News, path: str = "/", **options: Any) -> Page:
    """A page that hears these news; its clock stands."""
    page = site.page(**options)
    page.clock.install()
    page.route("**/new.json", news.answer)
    page.goto(site.origin + path)
    return page


def let_pass(page: Page, milliseconds: int) -> None:
    """All that falls due happens, and what was asked is answered."""
    page.clock.run_for(milliseconds)
    for _ in range(2):  # two answers after the one that the page waits for
        page.evaluate("() => fetch('/settled').then(answer => answer.text())")


def line(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def test_a_line_says_how_many_posts_have_come(site: Site) -> None:
    old = [[pk, site.minute - 100 * place] for place, pk in enumerate(site.ids)]
    top = max(site.ids)
    news = News(old)
    page = opened(site, news)
    said = []
    for posts in (
        old,
        [[top + 1, site.minute + 1], *old],
        [[top + 1, site.minute + 1], old[0], [top + 2, site.minute - 50], [top + 3, 5], *old[1:]],
        [*old[1:], [1, 5]],  # one was hidden, and an older one has its place
        [[old[0][0], site.minute + 10], *old[1:]],  # the author gave it another date
        [[0, site.minute + 10], *old],  # a curator let it through
        [[top + number, site.minute + 1] for number in range(1, 61)],
    ):
        news.posts = posts
        let_pass(page, 65_000)
        said.append(line(page))
    assert said == ["", "1 new post", "3 new posts", "", "", "1 new post", "60 or more new posts"]
    assert news.asked == 7
    link = page.get_by_role("link", name="60 or more new posts")
    assert link.get_attribute("href") == "/"
    with page.expect_navigation():
        link.click()
    assert line(page) == ""


def test_a_real_page_of_before_hears_of_the_post_that_came(site: Site) -> None:
    def of_before(route: Route) -> None:
        """Without its newest post."""
        html = route.fetch().text().replace(f"/post/{site.ids[0]}/", "/post/0/")
        html = html.replace(f'data-minute="{site.minute}"', f'data-minute="{site.minute - 1}"')
        route.fulfill(body=html, content_type="text/html")

    page = site.page()
    page.clock.install()
    page.route(f"{site.origin}/", of_before)
    page.goto(site.origin)
    with page.expect_response("**/new.json") as answer:
        page.clock.run_for(65_000)
    answer.value.finished()
    page.get_by_role("link", name="1 new post").wait_for()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_line_moves_nothing_and_is_seen_wherever_one_reads(site: Site, size: tuple[int, int]) -> None:
    news = News([[max(site.ids) + number, site.minute + 1] for number in (1, 2, 3)])
    page = opened(site, news, size=size)
    page.evaluate("document.querySelectorAll('article')[1].scrollIntoView({behavior: 'instant'})")
    boxes = (
        "[...document.querySelectorAll('main article, .day-head, footer')].map(one => one.getBoundingClientRect().top)"
    )
    before = page.evaluate(boxes)
    let_pass(page, 65_000)
    link = page.get_by_role("link", name="3 new posts")
    assert page.evaluate(boxes) == before
    page.clock.resume()
    assert page.evaluate(MEASURE_SHIFTS) == 0
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 24
    assert size[1] - 80 < box["y"] + box["height"] < size[1]
    assert page.evaluate(FAINT_TEXT) == []
    page.evaluate("scrollTo({top: 1e6, behavior: 'instant'})")
    boxes = page.evaluate("['.news-link', 'footer'].map(one => document.querySelector(one).getBoundingClientRect())")
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"], "it stays off the foot of the page"
    page.emulate_media(media="print")
    assert not link.is_visible()


def test_nothing_is_asked_out_of_sight_nor_too_often(site: Site) -> None:
    news = News([])
    page = opened(site, news)
    let_pass(page, MINUTE - 1)
    assert news.asked == 0
    for _ in range(4):
        let_pass(page, MINUTE)
    asked = news.asked
    assert 3 <= asked <= 4, "a minute and some seconds apart"
    page.evaluate(HIDE_PAGE, True)
    let_pass(page, 60 * MINUTE)
    assert news.asked == asked
    page.evaluate(HIDE_PAGE, False)
    let_pass(page, 5_001)
    assert news.asked == asked + 1, "at once, after a long time"
    page.evaluate(HIDE_PAGE, True)
    page.evaluate(HIDE_PAGE, False)
    let_pass(page, MINUTE - 6_000)
    assert news.asked == asked + 1
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    let_pass(page, 12_000)
    assert news.asked == asked + 2


def test_a_clock_that_is_set_back_keeps_no_news_away(site: Site) -> None:
    news = News([])
    page = opened(site, news)
    let_pass(page, 2 * MINUTE)
    page.clock.set_system_time((page.evaluate("Date.now()") - 24 * 60 * MINUTE) / 1000)
    page.evaluate(HIDE_PAGE, True)
    page.evaluate(HIDE_PAGE, False)
    asked = news.asked
    let_pass(page, MINUTE + 5_001)
    assert news.asked == asked + 1


def test_trouble_is_asked_less_and_less_and_said_to_nobody(site: Site) -> None:
    news = News([], status=503)
    page = opened(site, news)
    let_pass(page, 65_001)
    let_pass(page, 100_000)
    assert news.asked == 1
    let_pass(page, 25_001)
    assert news.asked == 2
    let_pass(page, 225_000)
    assert news.asked == 2
    news.status, news.posts = 200, [[max(site.ids) + 1, 0]]
    let_pass(page, 20_001)
    assert (news.asked, line(page)) == (3, "1 new post")
    let_pass(page, 65_001)
    assert news.asked == 4


def test_who_left_a_page_open_or_saves_data_is_left_alone(site: Site) -> None:
    news = News([])
    page = opened(site, news)
    page.clock.fast_forward(6 * 60 * MINUTE)
    let_pass(page, 70_000)
    asked = news.asked
    let_pass(page, 20 * MINUTE)
    assert news.asked == asked <= 2
    page.evaluate(HIDE_PAGE, False)
    let_pass(page, 5_001)
    assert news.asked == asked + 1, "somebody came back"
    saving = opened(site, news, script="Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    let_pass(saving, 5 * MINUTE)
    assert news.asked == asked + 1


def test_other_answers_than_ours_say_nothing(site: Site) -> None:
    faults: list[str] = []
    for body in ("<html>", "[]", json.dumps({"posts": [1, None]})):
        page = site.page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.clock.install()
        page.route("**/new.json", partial(Route.fulfill, body=body))
        page.goto(site.origin)
        let_pass(page, 65_001)
        assert line(page) == ""
    assert faults == []


# -- times -------------------------------------------------------------------------------------------------------------


def test_times_are_utc_until_a_reader_wants_them_otherwise(site: Site) -> None:
    options = {"timezone_id": "America/New_York", "locale": "de-DE"}
    page = site.shown(**options)
    time = page.locator("article time").first
    utc, local = "23 Jun 2026 7:12am GMT", "23. Juni 2026, 3:12"
    assert (time.inner_text(), time.get_attribute("title")) == (utc, None)
    time.hover()
    assert time.get_attribute("title") == "Dienstag, 23. Juni 2026 um 3:12, your time"
    page.get_by_role("button", name="Times in your own zone").click()
    for _ in range(2):
        assert (time.inner_text(), time.get_attribute("lang")) == (local, "de-DE")
        assert time.get_attribute("datetime") == "2026-06-23T07:12:00+00:00"
        assert page.locator(".day-name").first.inner_text() == "23 Jun 2026"
        assert page.locator(".day-weekday").first.inner_text() == "Tuesday, UTC"
        time.hover()
        assert time.get_attribute("title") == utc
        page.reload()
    other = page.context.new_page()
    other.goto(site.origin)
    other.get_by_role("button", name="Times in UTC").click()
    page.get_by_role("button", name="Times in your own zone").wait_for()
    assert (time.inner_text(), time.get_attribute("lang"), page.locator(".day-zone").count()) == (utc, None, 0)
    assert page.evaluate("localStorage.length") == 0


def test_who_lives_in_utc_is_offered_no_other_times(site: Site) -> None:
    page = site.shown(timezone_id="UTC")
    sources = site.shown("/sources/", timezone_id="Asia/Tokyo")
    for each in (page, sources):
        assert each.get_by_role("contentinfo").get_by_role("button").all_inner_texts() == ["Keys"]


# -- foreign text ------------------------------------------------------------------------------------------------------


def test_foreign_text_stands_in_its_own_direction_beside_ours(live_server: LiveServer, chromium: Chromium) -> None:
    arabic, hebrew = "مدونة البرمجة", "ברוכים הבאים"
    feed = make_feed(arabic, slug="arabic", language="ar")
    make_entry(feed, f"Django 6 {arabic}!", content_html=f"<p>Python {arabic}.</p>", excerpt=arabic, author="Ann (B.)")
    make_entry(make_feed("North"), f"PostgreSQL {hebrew}?", language="he", excerpt=hebrew, source_title=arabic)
    make_entry(make_feed("日本"), "日本語 with Latin names.", language="ja")
    refresh_counts([feed])
    # Where a text's last sign stands, which turns with the direction: left of all else, or right.
    is_last_left = """text => {
      const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.data.trim() !== text || !node.parentElement.checkVisibility()) continue;
        const range = document.createRange();
        const at = (from, to) => {
          range.setStart(node, from);
          range.setEnd(node, to);
          return range.getBoundingClientRect().left;
        };
        const start = node.data.indexOf(text);
        return at(start + text.length - 1, start + text.length) < at(start, start + 1);
      }
    }"""
    with chromium.borrowed() as browser:
        page = browser.new_page()
        page.goto(live_server.url)
        texts = [
            f"Django 6 {arabic}!",
            f"Python {arabic}.",
            f"PostgreSQL {hebrew}?",
            "日本語 with Latin names.",
            "Ann (B.)",
        ]
        assert [page.evaluate(is_last_left, text) for text in texts] == [True, True, True, False, False]
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate("getComputedStyle(document.querySelector('.e-content[lang=ar]')).direction") == "rtl"
