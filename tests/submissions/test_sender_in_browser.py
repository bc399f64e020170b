"""A sender's whole way in a real browser without JavaScript: the form, the look, sent, asked back, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Submission
from aggregator.submissions import strangers, views
from aggregator.submissions.looking import look_at_waiting
from tests.browsers import CLOSE_TARGETS, FAINT_TEXT, Chromium
from tests.patience import PATIENCE_MILLISECONDS
from tests.servers import FeedServer

from .feeds import blog

pytestmark = pytest.mark.queue


@pytest.fixture(autouse=True)
def mail(settings: Settings) -> None:
    """The form asks for a mail address only where mail is sent."""
    settings.HAS_MAIL = True


@pytest.fixture(autouse=True)
def queue() -> Iterator[None]:
    """Left as it was found: pages ask the worker, and none is there."""
    yield
    HUEY.flush()


def elsewhere(work: Callable[[], object]) -> object:
    """What a curator or the worker does meanwhile. Beside a running browser, this thread can't ask for rows."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def says(page: Page, words: str) -> None:
    page.get_by_text(words).first.wait_for()


def propose(page: Page, origin: str, address: str) -> None:
    page.goto(f"{origin}/about/")
    page.get_by_role("link", name="Propose it").click()
    page.get_by_label("Address of the blog").fill(address)
    page.get_by_label("A note for the curators").fill("It is mine. https://casino.example/")
    page.get_by_label("Your mail address").fill("me@a.example")
    page.get_by_role("button", name="Have a look at it").click()


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_without_a_script_a_blog_is_proposed_looked_at_sent_answered_and_taken_back(
    live_server: LiveServer, chromium: Chromium, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "SHORTEST", timedelta())
    monkeypatch.setattr(views, "REFRESH_SECONDS", 1)
    address = blog(feed_server)
    with chromium.borrowed() as browser:
        context = browser.new_context(java_script_enabled=False)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        propose(page, live_server.url, address)
        says(page, "We are looking at it.")
        elsewhere(lambda: look_at_waiting(seconds=60))
        says(page, "It is ready.")  # the page has loaded itself anew
        says(page, "How its last posts would look here")
        assert page.get_by_role("link", name="casino").count() == 0
        page.get_by_role("button", name="Send it off").click()
        says(page, "It waits for the curators.")
        elsewhere(lambda: Submission.objects.update(state="asked", words="Since when?", decided_at=timezone.now()))
        page.reload()
        says(page, "Since when?")
        page.get_by_label("Your answer").fill("Since May.")
        page.get_by_role("button", name="Send the answer").click()
        says(page, "It waits for the curators.")
        page.get_by_role("button", name="Take it back").click()
        says(page, "You took it back.")
        cookies = context.cookies()
    proposal = Submission.objects.get()
    assert (proposal.state, proposal.answer, proposal.email, proposal.previews) == ("withdrawn", "Since May.", "", [])
    assert cookies == []


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_refused_keeps_what_was_typed_and_goes_through_when_mended(
    live_server: LiveServer, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    with chromium.borrowed() as browser:
        context = browser.new_context(java_script_enabled=False)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        propose(page, live_server.url, "http://169.254.169.254/")
        says(page, "That was fast.")
        monkeypatch.setattr(strangers, "SHORTEST", timedelta())
        page.get_by_role("button", name="Have a look at it").click()
        says(page, "This address can’t be asked.")
        assert page.get_by_label("A note for the curators").input_value() == "It is mine. https://casino.example/"
        page.get_by_label("Address of the blog").fill("https://blog.example/")
        page.get_by_role("button", name="Have a look at it").click()
        says(page, "We are looking at it.")
    assert Submission.objects.get().note == "It is mine. https://casino.example/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_with_complaints_can_be_read_and_pressed_on_a_phone(
    live_server: LiveServer, chromium: Chromium, scheme: str
) -> None:
    with chromium.borrowed() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.goto(f"{live_server.url}/submit/")
        page.get_by_label("Address of the blog").fill("long" * 100)
        page.get_by_role("button", name="Have a look at it").click()
        says(page, "That was fast.")
        found = page.evaluate("document.documentElement.scrollWidth"), page.evaluate(FAINT_TEXT)
        close = page.evaluate(CLOSE_TARGETS)
    assert (found, close) == ((320, []), [])
