"""Two people at one feed's page, each in a browser of their own: by keyboard, and with or without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browsers import Chromium
from tests.curators import FEED, log_in
from tests.factories import make_category, make_entry, make_feed, make_rule
from tests.patience import PATIENCE_MILLISECONDS

Pages = tuple[Page, Page]
VALUE = "field => field.selectedOptions ? field.selectedOptions[0].text : field.value"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def pages(request: pytest.FixtureRequest, live_server: LiveServer, chromium: Chromium) -> Iterator[Pages]:
    """The same feed's page in both; each person has a session of their own."""
    feed = make_feed("Tide tables")
    make_category("Sea")
    make_rule(feed, "advert"), make_entry(feed, "High water")
    address = live_server.url + reverse(FEED, args=[feed.pk])
    sessions = [log_in(name=name).cookies[settings.SESSION_COOKIE_NAME].value for name in ("ada", "ben")]
    with chromium.borrowed() as browser:
        pages = []
        for session in sessions:
            context = browser.new_context(java_script_enabled=request.param)
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            page.goto(address)
            pages.append(page)
        yield pages[0], pages[1]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").press("Enter")


@pytest.mark.django_db(transaction=True)
def test_five_changes_in_two_browsers_all_stay(pages: Pages) -> None:
    ada, ben = pages
    ada.get_by_label("Title").fill("Tides")
    save(ada)
    ada.get_by_text("was changed successfully").wait_for()
    ben.get_by_label("Category", exact=False).first.select_option(label="Sea")
    ben.get_by_label("Words").nth(1).fill("offer")
    save(ben)
    ben.get_by_text("that stays. title: Tides.").wait_for()
    ada.get_by_label("Display").select_option(label="titles only")
    save(ada)
    ada.get_by_text("“drop posts with “offer” in the title” was added").wait_for()
    ben.get_by_role("button", name="Pause").press("Enter")
    ben.get_by_text("Paused. It isn't polled any more").wait_for()
    labels = ("Title", "Category", "Display")
    found = [ben.get_by_label(label, exact=False).first.evaluate(VALUE) for label in labels]
    assert found == ["Tides", "Sea", "titles only"]
    assert [ben.get_by_label("Words").nth(at).input_value() for at in range(3)] == ["advert", "offer", ""]


@pytest.mark.django_db(transaction=True)
def test_where_two_meet_the_keyboard_chooses(pages: Pages) -> None:
    ada, ben = pages
    ben.get_by_label("Title").fill("Ben's tides")
    save(ben)
    ben.get_by_text("was changed successfully").wait_for()
    ada.get_by_label("Title").fill("Ada's tides")
    save(ada)
    question = ada.get_by_role("group", name="What shall be saved?")
    theirs = question.get_by_role("radio", name="As others have it now: Ben's tides")
    mine = question.get_by_role("radio", name="As you have it: Ada's tides")
    theirs.focus()
    ada.keyboard.press("Space")
    assert theirs.is_checked()
    ada.keyboard.press("ArrowDown")
    assert mine.is_checked()
    described = ada.get_by_label("Title", exact=False).first.get_attribute("aria-describedby") or ""
    heard = " ".join(ada.locator(f"#{name}").inner_text() for name in described.split())
    assert "Others changed this, too, since you opened the page." in heard
    save(ada)
    ada.get_by_text("was changed successfully").wait_for()
    assert ada.get_by_label("Title").input_value() == "Ada's tides"


@pytest.mark.django_db(transaction=True)
def test_the_question_fits_a_phone(pages: Pages) -> None:
    ada, ben = pages
    ben.get_by_label("Words").first.fill("adverts" * 12)
    save(ben)
    ben.get_by_text("was changed successfully").wait_for()
    ada.set_viewport_size({"width": 320, "height": 640})
    ada.get_by_label("Words").first.fill("spam" * 20)
    save(ada)
    box = ada.get_by_role("group", name="What shall be saved?").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 320) == (True, True)
