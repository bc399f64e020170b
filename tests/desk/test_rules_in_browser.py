"""The rules of a feed in a real browser, by keyboard and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browsers import Chromium
from tests.curators import FEED, log_in
from tests.factories import make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def feed_page(request: pytest.FixtureRequest, live_server: LiveServer, chromium: Chromium) -> Iterator[Page]:
    """A curator's browser on the page of a feed with an advert. Rows are made before it starts, asked for after."""
    feed = make_feed()
    for title in ("An advert", "A post"):
        make_entry(feed, title)
    session = log_in().cookies[settings.SESSION_COOKIE_NAME].value
    with chromium.borrowed() as browser:
        context = browser.new_context(java_script_enabled=request.param)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.goto(live_server.url + reverse(FEED, args=[feed.pk]))
        yield page


@pytest.mark.django_db(transaction=True)
def test_a_rule_is_typed_and_tried_out(feed_page: Page) -> None:
    feed_page.get_by_label("Words").first.fill("advert")
    feed_page.get_by_role("button", name="Preview the rules").press("Enter")
    feed_page.get_by_text("Of the last 2 posts, 1 would be dropped and 1 shown.").wait_for()
    assert feed_page.url.endswith("#preview")
    assert feed_page.get_by_label("Words").first.input_value() == "advert"


@pytest.mark.django_db(transaction=True)
def test_enter_in_a_rule_saves_it(feed_page: Page) -> None:
    field = feed_page.get_by_label("Words").first
    field.fill("advert")
    field.press("Enter")
    feed_page.get_by_text("Its rules were applied: 1 post dropped by rules.").wait_for()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["What to do", "Words", "Where"])
def test_the_rows_fit_a_phone(feed_page: Page, label: str) -> None:
    feed_page.set_viewport_size({"width": 320, "height": 640})
    box = feed_page.get_by_label(label).first.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 320, box["width"] > 200) == (True, True, True)


@pytest.mark.django_db(transaction=True)
def test_a_phone_shows_what_a_rule_does_and_where_it_looks(feed_page: Page) -> None:
    feed_page.set_viewport_size({"width": 320, "height": 640})
    for label in ("What to do", "Where"):
        assert feed_page.get_by_label(label, exact=True).first.is_visible()
