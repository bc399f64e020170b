"""Seven hundred posts that attack, in a real browser, with our Content-Security-Policy and without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request
from pytest_django import DjangoDbBlocker

from tests.browsers import Chromium
from tests.hostile_site import HostileSite, make_site
from tests.patience import PATIENCE_MILLISECONDS
from tests.payloads import payloads
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.no_cover]
SETTLING_MILLISECONDS = 500
"""For what begins by itself on a page that holds all posts: focus, animations, errors of pictures."""

LOOK = """() => {
  const wrong = [];
  const all = [...document.querySelectorAll("*")];
  const addresses = new Set("href src srcset action formaction data poster background cite ping".split(" "));
  for (const element of all)
    for (const { name, value } of element.attributes)
      if (/^on|^style$/i.test(name) || addresses.has(name) && /^\\s*(javascript|data|vbscript|blob):/i.test(value))
        wrong.push(`${element.localName} has ${name}=${value}`.slice(0, 200));
  const ours = "a abbr b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure"
    + " h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rb rp rt ruby s samp small span strong sub summary sup"
    + " table tbody td tfoot th thead tr u ul var wbr";
  const allowed = new Set(ours.split(" "));
  for (const element of document.querySelectorAll(".prose *")) {
    if (!allowed.has(element.localName) || element.namespaceURI !== "http://www.w3.org/1999/xhtml")
      wrong.push(`a post holds ${element.localName}`);
    if (element.id && !/^p[0-9a-f]{12}-/.test(element.id) || element.hasAttribute("name")
        || element.className && !/^language-\\S+$/.test(element.className))
      wrong.push(`a post names itself: ${element.outerHTML}`.slice(0, 200));
  }
  for (const link of document.links)
    if (!/^(https?|mailto):$/.test(link.protocol)) wrong.push(`a link leads to ${link.href}`.slice(0, 200));
  for (const image of document.images)
    if (image.closest(".prose") && image.referrerPolicy !== "no-referrer") wrong.push(`a picture tells: ${image.src}`);
  const frames = document.querySelectorAll("iframe, frame, object, embed, base, meta[http-equiv]").length;
  if (frames) wrong.push(`${frames} frames, objects, bases or refreshes`);
  if (document.body.localName !== "body" || document.location !== window.location || typeof document.cookie !== "string"
      || typeof document.getElementById !== "function" || !(document.forms instanceof HTMLCollection))
    wrong.push("a name of the page is taken");
  return wrong;
}"""

STANDING = """() => {
  const wrong = [];
  const path = element => element.parentElement ? `${path(element.parentElement)}>${element.localName}` : "html";
  const places = { "header.masthead": "html>body>header", "footer.foot": "html>body>footer",
                   "main.main": "html>body>div>main" };
  for (const [place, expected] of Object.entries(places)) {
    const found = [...document.querySelectorAll(place)].map(path);
    if (found.length !== 1 || found[0] !== expected) wrong.push(`${place} is at ${found}`);
  }
  const article = "html>body>div>main>div>section>section>article";
  for (const entry of document.querySelectorAll("article"))
    if (path(entry) !== article) wrong.push(`an entry is at ${path(entry)}`);
  window.scrollTo(0, 0);
  const box = document.querySelector(".brand").getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!top || !top.closest(".masthead")) wrong.push("something covers the header");
  const foot = document.querySelector("footer.foot").getBoundingClientRect();
  if (foot.height < 10 || foot.top < 100) wrong.push("the footer is not at the foot");
  return wrong;
}"""


@dataclass(slots=True)
class Visit:
    """What a browser met on all pages."""

    ran: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    """What the policy had to stop."""
    wrong: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    """Kinds of things that were asked of other sites."""
    told: list[str] = field(default_factory=list)
    """Which of our pages the other sites learned of."""
    posts: dict[str, int] = field(default_factory=dict)


class Visitor:
    """A browser that notes all that happens."""

    def __init__(self, browser: Browser, origin: str, *, is_bypassing: bool) -> None:
        self.visit = Visit()
        self._origin = origin
        self._context = browser.new_context(bypass_csp=is_bypassing)
        self._context.set_default_timeout(PATIENCE_MILLISECONDS)
        self._context.expose_binding("canary", lambda source, *_: self.visit.ran.append(source["frame"].url))
        self._context.on("page", self._watch)
        self._context.on("request", self._note)
        self._page = self._context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("dialog", self._dismiss)
        page.on("console", self._hear)
        if len(self._context.pages) > 1:
            self.visit.ran.append(f"a window was opened: {page.url}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.visit.ran.append(f"a dialog was opened: {dialog.message}")
        dialog.dismiss()

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.visit.blocked.append(message.text)

    def _note(self, request: Request) -> None:
        if request.url.startswith(f"{self._origin}/"):
            return
        is_of_the_web = request.url.startswith(("http://", "https://"))
        self.visit.asked[request.resource_type if is_of_the_web else request.url[:40]] += 1

    def look_at(self, path: str, *, is_public: bool, settle: bool = False) -> None:
        self._page.goto(self._origin + path, wait_until="domcontentloaded")
        if settle:
            self._page.wait_for_timeout(SETTLING_MILLISECONDS)
        self.visit.posts[path] = self._ask("document.querySelectorAll('article.entry').length")
        if self._page.url != self._origin + path:
            self.visit.wrong.append(f"{path} led to {self._page.url}")
        self.visit.wrong += [f"{path}: {fault}" for fault in self._ask(LOOK)]
        if is_public:
            self.visit.torn += [f"{path}: {fault}" for fault in self._ask(STANDING)]

    def _ask(self, script: str) -> Any:
        return self._page.evaluate(script)


@dataclass(frozen=True, slots=True)
class World:
    """A browser for which one server on this machine stands for all sites but ours."""

    chromium: Chromium
    others: FeedServer


@contextmanager
def visitor_of(world: World, pages: Mapping[str, Answer], *, is_bypassing: bool) -> Iterator[Visitor]:
    """Somebody who looks at these pages of ours."""
    leads_elsewhere = f"--host-resolver-rules=MAP * 127.0.0.1:{world.others.port} , EXCLUDE 127.0.0.1"
    asked_before = len(world.others.requests)
    with FeedServer() as server:
        for path, answer in pages.items():
            server.add(path, answer)
        with world.chromium.borrowed(leads_elsewhere) as browser:
            visitor = Visitor(browser, server.url("").rstrip("/"), is_bypassing=is_bypassing)
            yield visitor
    asked = world.others.requests[asked_before:]
    visitor.visit.told = [seen.headers["referer"] for seen in asked if "referer" in seen.headers]


@pytest.fixture(scope="module")
def world(chromium: Chromium) -> Iterator[World]:
    with FeedServer() as others:
        yield World(chromium, others)


@pytest.fixture(scope="module")
def site(world: World, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> HostileSite:
    """Its pages; its rows are gone again."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_site(payloads())
        transaction.set_rollback(True)
    return made


@pytest.fixture(scope="module", params=["with the policy", "without the policy"])
def visit(request: pytest.FixtureRequest, world: World, site: HostileSite) -> Visit:
    """All pages with the policy, which tells of whatever tries to run; without it those that hold all posts."""
    is_bypassing = request.param == "without the policy"
    with visitor_of(world, site.pages, is_bypassing=is_bypassing) as visitor:
        for path in site.whole:
            visitor.look_at(path, is_public=True, settle=True)
        for path in site.single[: 1 if is_bypassing else None]:
            visitor.look_at(path, is_public=True)
        for path in site.admin[-2 if is_bypassing else 0 :]:
            visitor.look_at(path, is_public=False)
    return visitor.visit


@pytest.mark.parametrize("is_bypassing", [False, True])
def test_the_visitor_sees_what_runs_and_what_the_policy_stops(world: World, is_bypassing: bool) -> None:
    page = b"<!doctype html><body><img src=x onerror=canary(1)>"
    policy = {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'self'"}
    with visitor_of(world, {"/": Answer(page, headers=policy)}, is_bypassing=is_bypassing) as visitor:
        visitor.look_at("/", is_public=False, settle=True)
    found = visitor.visit
    assert (bool(found.ran), bool(found.blocked)) == (is_bypassing, not is_bypassing)
    assert any("onerror" in fault for fault in found.wrong)


def test_the_visitor_sees_what_is_asked_of_others_and_what_they_are_told(world: World) -> None:
    page = b"<!doctype html><body><script src=http://evil.example/x.js></script>"
    headers = {"Content-Type": "text/html", "Referrer-Policy": "unsafe-url"}
    with visitor_of(world, {"/": Answer(page, headers=headers)}, is_bypassing=False) as visitor:
        visitor.look_at("/", is_public=False, settle=True)
    found = visitor.visit
    assert (found.asked, len(found.told)) == ({"script": 1}, 1)


def test_the_visitor_sees_what_is_torn_and_covered(world: World) -> None:
    page = b"<!doctype html><body><header class=masthead><a class=brand>x</a><article></article></header>"
    cover = b"<p style='position:fixed;inset:0'><footer class=foot></footer></p>"
    with visitor_of(
        world, {"/": Answer(page + cover, headers={"Content-Type": "text/html"})}, is_bypassing=True
    ) as visitor:
        visitor.look_at("/", is_public=True)
    assert len(visitor.visit.torn) == 4


def test_there_are_more_than_three_hundred_payloads() -> None:
    assert len(payloads()) > 300


def test_no_payload_runs(visit: Visit) -> None:
    assert visit.ran == []


def test_the_policy_has_nothing_to_stop(visit: Visit) -> None:
    assert visit.blocked == []


def test_nothing_but_pictures_is_asked_of_other_sites(visit: Visit) -> None:
    assert set(visit.asked) <= {"image"}


def test_other_sites_are_not_told_what_is_read(visit: Visit) -> None:
    assert visit.told == []


def test_posts_hold_what_is_allowed_and_nothing_else(visit: Visit) -> None:
    assert visit.wrong == []


def test_no_post_tears_the_page_or_covers_it(visit: Visit) -> None:
    assert visit.torn == []


def test_every_post_stands_on_the_pages_that_hold_them_all(visit: Visit, site: HostileSite) -> None:
    assert {path: visit.posts[path] for path in site.whole} == dict.fromkeys(site.whole, site.stored)


@pytest.mark.parametrize("visit", ["with the policy"], indirect=True)
def test_the_sound_post_stands_beside_the_one_that_attacks(visit: Visit, site: HostileSite) -> None:
    sources = [path for path in site.single if path.startswith("/source/")]
    assert {visit.posts[path] for path in sources} == {2}
