"""The public pages as a browser draws them: on a narrow phone, in both themes, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Submission
from aggregator.models.counting import refresh_counts
from aggregator.submissions.preview import without_links
from aggregator.submissions.tokens import token_of
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS

pytestmark = pytest.mark.slow
WIDE = f"""
<h2>A heading of a post</h2><p>{"Verylongwordwithoutanybreaks" * 20}</p>
<pre><code>{"a_line_of_code_that_does_not_end = " * 20}</code></pre>
<table><tr>{"<td>" + "cell_without_breaks" * 3 + "</td>"}{"<td>another one of many cells</td>" * 12}</tr></table>
<p><img src="/static/icons/orrery.svg" alt="" width="3000" height="20"></p>
<blockquote><p>Quoted, with a <a href="https://a.example/">link</a> and <code>{"code" * 60}</code>.</p></blockquote>
"""


REFUSED = ("/search/?q=before:x", "/nothing")
"""With what they say."""


@dataclass(frozen=True, slots=True)
class Site:
    """A served site; `addresses` are one of each kind of page."""

    origin: str
    browser: Browser
    addresses: tuple[str, ...]

    def page(self, width: int = 1280, height: int = 900, **options: str) -> Page:
        page = self.browser.new_page(viewport={"width": width, "height": height}, **options)
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        return page


def page_of_a_proposal() -> str:
    """Of one that can be sent, with a post that is hard to show."""
    found = {"address": "https://a.example/" + "long" * 90, "host": "a.example", "feed_url": "https://a.example/feed"}
    post = {
        "title": "Titles_can_be_long_" * 12,
        "url": "",
        "published_at": NOW.isoformat(),
        "html": without_links(WIDE),
    }
    evidence = {"met": [{"kind": "", "text": "It is here.", "slug": "north"}], "refusal": "", "posts": [post]}
    proposal = Submission.objects.create(**found, note="note" * 90, state="ready", evidence=evidence, looked_at=NOW)
    return reverse("submission", args=[token_of("submission", proposal.key)])


@pytest.fixture
def site(live_server: LiveServer, chromium: Chromium) -> Iterator[Site]:
    """A site with hard posts. Rows are made first: beside a running browser the database can't be asked."""
    category = make_category("Frameworks")
    feed = make_feed(
        "Northern_Notes_without_any_break_in_its_title" * 3, category=category, slug="north", description="x" * 200
    )
    for days in range(3):
        make_entry(feed, "Titles_can_be_long_" * 12, days_ago=days, content_html=WIDE, author="name" * 40)
    late = make_entry(
        feed, "Late", days_ago=4, published_at=NOW, source_title="Elsewhere", source_url="https://e.example/"
    )
    make_entry(
        make_feed("مدونة", state="paused"), "مرحبا", days_ago=5, content_html="<p>مرحبا بالعالم</p>", language="ar"
    )
    refresh_counts([feed])
    addresses = ("/", "/category/frameworks/", "/source/north/", "/sources/", f"/post/{late.pk}/")
    addresses += ("/archive/2026/06/", "/archive/2026/06/19/", "/about/", "/submit/", page_of_a_proposal())
    long_words = "long" * 12 + "+-x+title:" + "y" * 40
    addresses += ("/search/", "/search/?q=code", "/search/?q=مرحبا", f"/search/?q={long_words}")
    addresses += REFUSED
    with chromium.borrowed() as browser:
        yield Site(live_server.url, browser, addresses)


def test_no_page_scrolls_sideways_on_a_narrow_phone(site: Site) -> None:
    page = site.page(width=320, height=640)
    widths = {}
    for address in site.addresses:
        page.goto(site.origin + address)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(site.addresses, 320)


def test_a_film_stands_apart_from_the_next_paragraph_and_a_list_keeps_its_items_together(
    live_server: LiveServer, chromium: Chromium
) -> None:
    film = '<a href="https://v.example/">Video: A film</a>'
    texts = [f"{film}<p>Next</p>", f"<div>{film}</div><p>Next</p>", f"<div>{film}<p>Next</p></div>"]
    texts += [f"<ul><li>{film}<ul><li>Next</li></ul></li></ul>", f"<p>{film}</p><p>Next</p>"]
    feed = make_feed()
    for number, text in enumerate(texts):
        make_entry(feed, days_ago=1 + number, content_html=text)
    with chromium.borrowed() as browser:
        page = browser.new_page()
        page.goto(f"{live_server.url}{feed.get_absolute_url()}")
        gaps = page.evaluate("""[...document.querySelectorAll(".prose")].map(prose => {
          const [film, next] = [prose.querySelector("a"), [...prose.querySelectorAll("p, li")].at(-1)];
          return next.getBoundingClientRect().top - film.getBoundingClientRect().bottom;
        })""")
    assert [gap > 12 for gap in gaps] == [True, True, True, False, True]


def test_paper_loses_no_word_and_names_the_site(site: Site) -> None:
    page = site.page(width=700)
    page.goto(site.origin + "/source/north/")
    assert not page.locator(".sheet").is_visible()
    page.emulate_media(media="print")
    lost = page.evaluate("""[...document.querySelectorAll(".prose, .prose *")].filter(
      one => one.clientWidth && one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > 701
    ).map(one => one.tagName)""")
    assert lost == []
    assert page.evaluate("getComputedStyle(document.querySelector('.day-head')).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.locator(".sheet").inner_text() == f"Orrery · {settings.WEBSITE_URL}/source/north/"


@pytest.mark.parametrize("count", [6, 30])
def test_a_phone_shows_the_section_that_it_is_in_and_all_of_them_if_there_are_not_very_many(
    live_server: LiveServer, chromium: Chromium, count: int
) -> None:
    for number in range(count):
        make_feed(category=make_category(f"Category {number}" + " of a long name" * (number == 3), position=number))
    with chromium.borrowed() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"{live_server.url}/about/")
        hidden, heights, height = page.evaluate("""() => {
          const nav = document.querySelector(".sections").getBoundingClientRect();
          const links = [...document.querySelectorAll(".section")].map(e => [e, e.getBoundingClientRect()]);
          const out = links.filter(([, box]) => box.left < 0 || box.right > 390 || box.bottom > nav.bottom + 1);
          return [out.map(([e]) => e.textContent), links.map(([, box]) => box.height), nav.height];
        }""")
    assert "About" not in hidden
    assert hidden == [] or count == 30
    assert height < 200
    assert max(heights[0], heights[-1]) < 40  # none is stretched by a neighbor of two lines


@pytest.mark.parametrize("width", [390, 1280])
def test_a_finger_can_tell_all_targets_apart(site: Site, width: int) -> None:
    page = site.page(width=width)
    close = {}
    for address in site.addresses:
        page.goto(site.origin + address)
        close[address] = page.evaluate(CLOSE_TARGETS)
    assert close == {address: [] for address in site.addresses}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(site: Site, scheme: str) -> None:
    page = site.page(color_scheme=scheme)
    faint = {}
    for address in site.addresses:
        page.goto(site.origin + address)
        faint[address] = page.evaluate(FAINT_TEXT)
    assert faint == {address: [] for address in site.addresses}


def test_pages_load_without_complaint_and_from_this_site_alone(site: Site) -> None:
    page = site.page()
    complaints: list[str] = []
    hosts: set[str | None] = set()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    for address in site.addresses[: -len(REFUSED)]:
        page.goto(site.origin + address, wait_until="networkidle")
    assert (complaints, hosts) == ([], {urlsplit(site.origin).hostname})


def test_the_first_tab_leads_past_the_header(site: Site) -> None:
    page = site.page()
    page.goto(site.origin)
    page.keyboard.press("Tab")
    visible = page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert (visible, page.evaluate("document.activeElement.tagName")) == (True, "MAIN")


def test_the_focus_can_be_seen(site: Site) -> None:
    page = site.page()
    page.goto(site.origin)
    unseen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        unseen += page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle === 'none' ? [document.activeElement.outerHTML] : []"
        )
    assert unseen == []


def test_arabic_runs_from_right_to_left(site: Site) -> None:
    page = site.page()
    page.goto(site.origin + "/archive/2026/06/19/")
    found = page.evaluate(
        "[...document.querySelectorAll('.entry-title a, .prose')].map(e => getComputedStyle(e).direction)"
    )
    assert found == ["rtl", "rtl"]


def test_the_date_stays_in_view_while_its_posts_pass(site: Site) -> None:
    page = site.page()
    page.goto(site.origin)
    page.evaluate("window.scrollTo(0, document.querySelector('.run').offsetTop + 600)")
    assert page.evaluate("document.querySelector('.day-name').getBoundingClientRect().top") >= 0
