"""An owner's whole way in a real browser without JavaScript: a link, a proof, and what can be done then."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Feed, Ownership, Submission
from aggregator.submissions import owner_pages, strangers
from aggregator.submissions.looking import look_at_waiting
from aggregator.submissions.moving import accept_move
from aggregator.submissions.proving import look_for_codes
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.factories import make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS
from tests.servers import Answer, FeedServer

from .feeds import blog
from .owners import address_of, make_owner

UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), button")]
  .filter(one => !(one.labels && one.labels.length) && !one.ariaLabel && !one.textContent.trim())
  .map(one => one.outerHTML)"""


def meanwhile(work: Callable[[], object]) -> None:
    """What the worker or a curator does. Beside a running browser, this thread can't ask for rows."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def says(page: Page, words: str) -> None:
    page.get_by_text(words).first.wait_for()


def press(page: Page, name: str) -> None:
    """By keyboard alone."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def look() -> None:
    look_for_codes(timezone.now(), seconds=60)


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_without_a_script_and_by_keyboard_an_owner_sees_to_a_blog(
    live_server: LiveServer,
    chromium: Chromium,
    feed_server: FeedServer,
    elsewhere: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strangers, "SHORTEST", timedelta())
    monkeypatch.setattr(owner_pages, "REFRESH_SECONDS", 1)
    site = blog(feed_server)
    feed = make_feed("Walks", url=feed_server.url("/feed"), site_url=site)
    new = blog(elsewhere)
    with chromium.borrowed() as browser:
        context = browser.new_context(java_script_enabled=False)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        page.goto(live_server.url + feed.get_absolute_url())
        page.get_by_role("link", name="Is this your blog?").click()
        press(page, "Give me a link of my own")
        says(page, "Show that this blog is yours")
        [meta] = re.findall(r'<meta name="orrery-verify" content="\w+">', page.locator("main").inner_text())
        feed_server.add("/", Answer(f"<head><title>Walks</title>{meta}".encode()))
        press(page, "Look now")
        says(page, "We look within a minute")
        meanwhile(look)
        says(page, "You have shown that it is yours")  # the page has loaded itself anew

        page.get_by_label("Full posts").focus()
        page.keyboard.press("ArrowRight")
        press(page, "Show them so")
        says(page, "that is how your posts are shown now")
        assert page.get_by_label("Excerpts").is_checked()
        press(page, "Pause")
        says(page, "You paused it")
        press(page, "Resume")
        says(page, "Resumed.")

        page.get_by_label("New address of the blog").fill(new)
        press(page, "Move it there")
        says(page, "a curator decides")
        meanwhile(lambda: look_at_waiting(seconds=60))
        page.goto(page.url.partition("?")[0])
        says(page, "It waits for a curator.")
        meanwhile(lambda: accept_move(Submission.objects.get(), timezone.now()))
        meanwhile(lambda: Submission.objects.update(state="accepted", decided_at=timezone.now()))
        page.reload()
        says(page, "it was accepted on")

        page.get_by_role("link", name="Take the blog off this site").click()
        says(page, "Only a curator can.")
        press(page, "Take it off")
        says(page, "This blog is taken off")
        cookies = context.cookies()
    assert cookies == []
    assert Feed.objects.get().state == "rejected"
    assert [did for _, did in Ownership.objects.get().deeds] == [
        "took it off",
        f"proposed another address, {new}",
        "resumed it",
        "paused it",
        "chose excerpts",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_can_be_read_and_pressed(live_server: LiveServer, chromium: Chromium, width: int, theme: str) -> None:
    feed = make_feed("A_long_title_without_any_break" * 4, url=f"https://a.example/{'feed' * 60}")
    make_entry(feed, "Held_" * 60, is_held=True)
    owner, new = make_owner(feed), make_owner(feed, proven_at=None, answer=f"Not found in {'x' * 280}.")
    addresses = [f"/source/{feed.slug}/owner/", address_of(owner), f"{address_of(owner)}take-off/", address_of(new)]
    found = {}
    with chromium.borrowed() as browser:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        for address in addresses:
            page.goto(live_server.url + address)
            page.evaluate("document.querySelector('.foot').remove()")  # all pages have it; `tests/pages` looks at it
            wide = page.evaluate("document.documentElement.scrollWidth")
            found[address] = (page.evaluate(FAINT_TEXT), page.evaluate(CLOSE_TARGETS), page.evaluate(UNLABELLED), wide)
    assert found == dict.fromkeys(addresses, ([], [], [], width))
