"""axe-core finds nothing on any kind of page: wide and on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize

from tests.browsers import Chromium
from tests.patience import PATIENCE_MILLISECONDS
from tests.servers import Answer, FeedServer

from .checkers import axe_script, complaints_of_axe
from .kinds import Pages, add_static_files

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow, pytest.mark.no_cover]

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
OF_COLORS = ("color-contrast", "link-in-text-block")
LOOKS = ((WIDE, "light", ()), (PHONE, "dark", ()), (WIDE, "dark", OF_COLORS), (PHONE, "light", OF_COLORS))
"""Every page is tried by all rules in the first two. The others have nothing new but pairs of colors, so they are tried
where the style sheets have a class that no page before had."""
CLASSES = "[...new Set([...document.querySelectorAll('[class]')].flatMap(element => [...element.classList]))]"

OFF: Mapping[str, str] = {
    "p-as-heading": "what stands large on an empty page is a sentence; the heading is the h1 before it",
    "focus-order-semantics": "code and tables that scroll are groups, which the keyboard reaches (pages/wide.py)",
}
"""Rules that are tried nowhere, and why."""

IN_POSTS: Mapping[str, str] = {
    "list": "a list whose author put other things into it; to mend it would add points that nobody wrote",
    "definition-list": "the same",
    "nested-interactive": "a link in the title of a box; both can be reached, as browsers have it",
    "valid-lang": "a language that nobody knows; what its author wrote stays",
    "table-fake-caption": "a row that spans a table may be its title, or not",
}
"""Rules that the texts of posts may break, and why."""

ON_SOME: Mapping[tuple[str, str], str] = {
    (page, "meta-refresh"): "who sent a form waits for its answer there, and no script of ours would tell it"
    for page in ("proposal, looking", "proof, waiting", "owner, awaited")
}
"""Pages that may break a rule, and why."""


@contextmanager
def served(chromium: Chromium, answers: Mapping[str, Answer]) -> Iterator[tuple[Page, Mapping[str, str]]]:
    """A page of a browser that knows no other site, and where each of ours is."""
    with (
        FeedServer() as server,
        chromium.borrowed("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1") as browser,
    ):
        add_static_files(server)
        addresses = {}
        for name, answer in answers.items():
            addresses[name] = server.add(f"/{quote(name, safe='')}", Answer(answer.body, headers=answer.headers))
        # In an instant: axe would see colors that are on their way from one theme to the other.
        page = browser.new_page(reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield page, addresses


@dataclass(slots=True)
class Visit:
    """What a browser met on all pages."""

    wrong: list[str] = field(default_factory=list)
    """By the rules of axe."""
    excused: set[object] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    """In its console: errors, what the policy stopped."""
    asked: set[tuple[str, str]] = field(default_factory=set)
    """Of which other hosts, and for what."""
    cookies: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def visit(pages: Pages, chromium: Chromium) -> Visit:
    found, script, seen = Visit(), axe_script(), set[str]()
    with served(chromium, pages.shown) as (page, addresses):
        listen(page, found)
        for name, address in addresses.items():
            page.goto(address, wait_until="load")
            page.evaluate(script)
            classes = set(page.evaluate(CLASSES))
            for size, theme, rules in LOOKS if classes - seen else LOOKS[:2]:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=theme)
                for complaint in complaints_of_axe(page, rules=rules, off=() if rules else list(OFF)):
                    note(found, name, f"{name} ({size['width']}, {theme})", complaint)
            seen |= classes
        found.cookies = [cookie["name"] for cookie in page.context.cookies()]
    return found


def listen(page: Page, found: Visit) -> None:
    def is_ours(url: str) -> bool:
        return urlsplit(url).hostname in (None, "127.0.0.1")

    def hear(message: ConsoleMessage) -> None:
        # That a picture of another site can't be had is no fault of the page's.
        if is_ours(message.location["url"]) or not message.text.startswith("Failed to load resource"):
            found.said.append(f"{page.url}: {message.text}")

    def note_request(request: Request) -> None:
        if not is_ours(request.url):
            found.asked.add((str(urlsplit(request.url).hostname), request.resource_type))

    page.on("console", hear)
    page.on("pageerror", lambda error: found.said.append(f"{page.url}: {error}"))
    page.on("request", note_request)


def note(found: Visit, name: str, look: str, complaint: Mapping[str, Any]) -> None:
    rule = complaint["rule"]
    if complaint["is_in_post"] and rule in IN_POSTS:
        found.excused.add(rule)
    elif (name, rule) in ON_SOME:
        found.excused.add((name, rule))
    else:
        found.wrong.append(f"{look}: {rule}: {complaint['html']}")


def test_axe_sees_what_is_wrong(chromium: Chromium) -> None:
    html = (
        b"<!doctype html><html lang=en><title>x</title><main><h1>x</h1><a href=/y></a><p style='color:#ccc'>faint</p>"
    )
    with served(chromium, {"x": Answer(html, headers={"Content-Type": "text/html"})}) as (page, addresses):
        page.goto(addresses["x"])
        page.evaluate(axe_script())
        found = {complaint["rule"] for complaint in complaints_of_axe(page)}
        off = {complaint["rule"] for complaint in complaints_of_axe(page, off=["link-name"])}
    assert found == {"color-contrast", "link-name"}
    assert off == {"color-contrast"}


def test_what_a_page_says_and_asks_for_is_noted(chromium: Chromium) -> None:
    html = b"<!doctype html><script>1</script><img src='https://a.example/x.png'><script src='/y'></script>"
    headers = {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'self'"}
    found = Visit()
    with served(chromium, {"x": Answer(html, headers=headers)}) as (page, addresses):
        listen(page, found)
        page.goto(addresses["x"], wait_until="networkidle")
    assert any("Content Security Policy" in text for text in found.said)
    assert any("404" in text for text in found.said)
    assert not any("a.example" in text for text in found.said)
    assert found.asked == {("a.example", "image")}


def test_axe_finds_nothing_on_any_page_wide_and_narrow_light_and_dark(visit: Visit) -> None:
    assert visit.wrong == []
    assert visit.excused == {*IN_POSTS, *ON_SOME}, "an exception that nothing needs"


def test_the_console_says_nothing_and_the_policy_stops_nothing(visit: Visit) -> None:
    assert visit.said == []


def test_other_hosts_are_asked_for_pictures_of_posts_alone(visit: Visit) -> None:
    hosts = {"pictures.example", "media.example"}
    assert visit.asked == {(host, "image") for host in hosts}


def test_chromium_keeps_no_cookie(visit: Visit) -> None:
    assert visit.cookies == []
