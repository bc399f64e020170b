"""Long posts, wide things and late pictures as a browser shows them on a phone: one visit, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from aggregator.models import Feed
from aggregator.models.counting import refresh_counts
from tests.browsers import Chromium
from tests.factories import make_entry, make_feed
from tests.hostile_site import HostileSite
from tests.patience import PATIENCE_MILLISECONDS
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.no_cover]
WIDTH, HEIGHT = 390, 844
LATE_SECONDS = 0.3
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800"/></svg>'
SIZES = ('height="300"', 'width="1200" height="800"', 'width="120" height="80"')
"""As posts give them."""
NOTE = "p0123456789ab-note"
WORDS = f"<p>{'Some words of a long story. ' * 20}</p>"
WIDE_LINE = "a_line_of_code_that_is_far_wider_than_a_telephone = is_in_hands_that_hold_it\n"
ROW = f"<tr>{'<td>cell_of_many</td>' * 12}</tr>"
STORY = (
    f'<p>It begins with a note <a href="#{NOTE}">1</a>.</p>{WORDS * 166}'
    f'<p><a href="https://a.example/">A link at the end</a></p><ol><li id="{NOTE}">The note.</li></ol>'
)
LONG = {
    "story": STORY,
    "paragraph": f"<p>{'Some words without an end ' * 1000}</p>",
    "chinese": f"<p>{'行星慢慢地转动' * 1000}</p>",
    "word": f"<p>{'w' * 10_000}</p>",
    "code": f"<pre><code>{WIDE_LINE * 200}</code></pre>",
    "table": f"<table><tbody>{ROW * 100}</tbody></table>",
    "list": f"<ol>{'<li>item</li>' * 500}</ol>",
}

MEASURE_SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 100));
})"""
HEIGHTS = """() => Object.fromEntries([...document.querySelectorAll("article.entry")]
  .map(entry => [entry.querySelector("h4").innerText, entry.offsetHeight]))"""
IS_SEEN = """element => {
  const box = element.getBoundingClientRect();
  const there = document.elementFromPoint(box.x + Math.min(box.width, 20) / 2, box.y + Math.min(box.height, 20) / 2);
  return Boolean(there) && (element.contains(there) || there.contains(element) && !there.querySelector("article"));
}"""
IS_ABOVE_THE_FADE = """element => {
  element.scrollIntoView({ block: "nearest" });
  const summary = element.closest("details").querySelector("summary");
  return element.getBoundingClientRect().bottom + 96 <= summary.getBoundingClientRect().top;
}"""
ROLL_UP = "document.activeElement.blur(); for (const one of document.querySelectorAll('details')) one.open = false"
TOP = "one => one.getBoundingClientRect().top"
NAMES_OF_STOPS = """() => [...document.querySelectorAll("main a, main [tabindex]")].filter(one => one.tabIndex >= 0)
  .map(one => one.className || one.getAttribute("aria-label") || one.innerText)"""


@dataclass(slots=True)
class Seen:
    shifts: float
    """As Chromium sums them up, once all pictures have come."""
    shifts_when_something_moves: float
    pictures_came: int
    width: int
    heights: dict[str, int]
    printed: dict[str, int]
    own_height: int
    own_printed: int
    opened: dict[str, int]
    """The story's height after its summary, its footnote and its last link by keyboard were followed."""
    seen: dict[str, bool]
    """Whether what was gone to is in sight."""
    scrolled: dict[str, int]
    """How far the right arrow moved code and tables."""
    source_head: list[float]
    source_stops: list[str]


@pytest.fixture(scope="module")
def seen(chromium: Chromium, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Seen:
    with FeedServer() as server:
        late = Answer(PICTURE, headers={"Content-Type": "image/svg+xml"}, delay_seconds=LATE_SECONDS)
        for number in range(len(SIZES)):
            server.add(f"/{number}.svg", late)
        with django_db_blocker.unblock(), transaction.atomic():
            site, own, source = made(server.url("/"))
            transaction.set_rollback(True)
        for path, answer in site.pages.items():
            server.add(path, answer)
        origin = server.url("").rstrip("/")
        with chromium.borrowed() as browser:
            context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            return looked_at(page, origin, own, source)


def made(pictures: str) -> tuple[HostileSite, str, str]:
    """The front page with all kinds of long posts below late pictures, the story's page and that of its source."""
    image = '<p><img src="{}{}.svg" alt="" {} loading="lazy" decoding="async"></p>'
    shown = [image.format(pictures, number, sizes) + WORDS for number, sizes in enumerate(SIZES)]
    make_entry(make_feed(), "pictures", content_html="".join(shown))
    feeds = {title: make_feed(title) for title in LONG}
    entries = {
        title: make_entry(feeds[title], title, content_html=html, days_ago=1.1 + number / 1000)
        for number, (title, html) in enumerate(LONG.items())
    }
    refresh_counts(Feed.objects.all())
    site, own, source = HostileSite(), entries["story"].get_absolute_url(), feeds["story"].get_absolute_url()
    for path in ("/", own, source):
        site.keep(Client(), path, site.whole)
    return site, own, source


def looked_at(page: Page, origin: str, own: str, source: str) -> Seen:
    page.goto(origin, wait_until="networkidle")
    came = page.evaluate("[...document.images].filter(one => one.naturalWidth === 1200).length")
    shifts = page.evaluate(MEASURE_SHIFTS)
    width = page.evaluate("document.documentElement.scrollWidth")
    heights = page.evaluate(HEIGHTS)
    scrolled = {name: scrolled_by_keyboard(page, name) for name in ("Code", "Table")}
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<br>'.repeat(20))")
    moved = page.evaluate(MEASURE_SHIFTS)
    page.emulate_media(media="print")
    printed = page.evaluate(HEIGHTS)
    page.emulate_media(media="screen")
    opened, in_sight = gone_to(page)
    page.goto(origin + own)
    own_height = page.evaluate(HEIGHTS)["story"]
    page.emulate_media(media="print")
    own_printed = page.evaluate(HEIGHTS)["story"]
    page.emulate_media(media="screen")
    page.goto(origin + source)
    return Seen(
        shifts=shifts,
        shifts_when_something_moves=moved,
        pictures_came=came,
        width=width,
        heights=heights,
        printed=printed,
        own_height=own_height,
        own_printed=own_printed,
        opened=opened,
        seen=in_sight,
        scrolled=scrolled,
        source_head=page.locator("h3").evaluate("h3 => [h3.parentElement.offsetHeight, h3.children.length]"),
        source_stops=page.evaluate(NAMES_OF_STOPS),
    )


def scrolled_by_keyboard(page: Page, name: str) -> int:
    region = page.locator(f"[role=group][aria-label={name}]").first
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("one => one.scrollLeft > 0", arg=region.element_handle())
    moved: int = region.evaluate("one => one.scrollLeft")
    return moved


def gone_to(page: Page) -> tuple[dict[str, int], dict[str, bool]]:
    """The ways into the story while it is rolled up; and into the list, as find-in-page goes."""
    heights: dict[str, int] = {}
    in_sight: dict[str, bool] = {}
    story = page.locator("article", has=page.locator("h4", has_text="story"))

    def note(way: str, place: Any) -> None:
        heights[way] = story.evaluate("one => one.offsetHeight")
        in_sight[way] = place.evaluate(IS_SEEN)

    page.evaluate(ROLL_UP)
    text, summary = story.locator(".prose p").nth(1), story.locator("summary")
    summary.evaluate("one => one.scrollIntoView({ block: 'end' })")
    top = text.evaluate(TOP)
    summary.click()
    note("summary", text)
    in_sight["text where it was"] = text.evaluate(TOP) == top
    page.evaluate(ROLL_UP)
    story.get_by_role("link", name="1", exact=True).click()
    note("footnote", story.locator(f"#{NOTE}"))
    page.evaluate(ROLL_UP)
    page.keyboard.press("Tab")  # so that the browser shows where the focus is
    last = story.get_by_role("link", name="A link at the end")
    last.focus()
    note("keyboard", last)
    page.evaluate(ROLL_UP)
    items = page.locator("article", has=page.locator("h4", has_text="list")).locator("li")
    found = items.nth(400)
    found.evaluate("one => one.scrollIntoView({ block: 'center' })")
    in_sight["find"] = found.evaluate(IS_SEEN)
    in_sight["last line above the fade"] = items.last.evaluate(IS_ABOVE_THE_FADE)
    return heights, in_sight


@pytest.mark.parametrize("title", LONG)
def test_a_long_post_takes_less_than_a_screen_of_a_list(seen: Seen, title: str) -> None:
    assert HEIGHT / 3 < seen.heights[title] < HEIGHT


def test_its_own_page_has_it_whole_on_screen_and_on_paper(seen: Seen) -> None:
    assert seen.own_height > 50 * HEIGHT
    assert seen.own_printed > 10 * HEIGHT


@pytest.mark.parametrize("title", LONG)
def test_a_list_is_printed_as_it_is_shown(seen: Seen, title: str) -> None:
    assert seen.printed[title] < HEIGHT


def test_its_summary_a_footnote_and_the_keyboard_open_it(seen: Seen) -> None:
    assert {way for way, height in seen.opened.items() if height < 50 * HEIGHT} == set()


def test_what_is_gone_to_is_in_sight(seen: Seen) -> None:
    ways = ["summary", "text where it was", "footnote", "keyboard", "find", "last line above the fade"]
    assert seen.seen == dict.fromkeys(ways, True)


def test_code_and_tables_scroll_by_keyboard_and_the_page_does_not(seen: Seen) -> None:
    assert (seen.scrolled["Code"] > 0, seen.scrolled["Table"] > 0, seen.width) == (True, True, WIDTH)


def test_nothing_moves_when_pictures_come_late(seen: Seen) -> None:
    assert seen.pictures_came > 0
    assert seen.shifts < 0.05 < seen.shifts_when_something_moves


def test_the_page_of_a_source_shows_its_head_once(seen: Seen) -> None:
    assert seen.source_head == [1, 2]
    assert [name for name in seen.source_stops if name.startswith("run-")] == []
