"""The desk by keyboard: Tab leads to all that can be pressed, from the top down, and shows where it is."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Feed, RemovedSource
from aggregator.models.counting import refresh_counts
from tests.browsers import Chromium
from tests.curators import ENTRIES, FEED, FEEDS, log_in
from tests.factories import make_category, make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS
from tests.submissions.waiting import proposed

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 800}
MAX_STEPS = 150
STOPS = """() => [...document.querySelectorAll("#content a[href], #content button, #content input, #content select,"
  + "#content summary")].filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
  .map((one, place) => { one.dataset.place = place; return one.outerHTML.slice(0, 120) })"""
HERE = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  return {
    place: one.dataset.place ?? "", isSomewhere: one !== document.body,
    isInSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
  };
}"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def walk(page: Page) -> tuple[list[str], list[str]]:
    """The places of what Tab leads to, once each; and those that were not seen to be there."""
    walked, unseen = dict[str, bool](), set[str]()
    for _ in range(MAX_STEPS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if not here["isSomewhere"]:
            break
        if here["place"]:
            walked[here["place"]] = walked.get(here["place"], False) or here["isMarked"]
            unseen |= set() if here["isInSight"] else {here["place"]}
    return list(walked), [place for place, is_marked in walked.items() if place in unseen or not is_marked]


@pytest.mark.django_db(transaction=True)
def test_tab_leads_through_the_desk_and_nothing_is_wider_than_a_phone(
    live_server: LiveServer, chromium: Chromium
) -> None:
    feed = make_feed("Tide tables " * 8, category=make_category(), failure_count=2, last_error="No " * 40)
    make_entry(feed, "High water", is_held=True), make_entry(feed, "W" + "o" * 150)
    refresh_counts(Feed.objects.all())
    session = log_in().cookies[settings.SESSION_COOKIE_NAME].value
    RemovedSource.objects.create(host="spam.example", reason="Casino " * 20, feed=feed)
    proposal = proposed(note="Walks" * 40, title="Notes " * 20)
    addresses = [
        *(reverse("admin:index"), reverse(FEEDS), reverse(ENTRIES), reverse(FEED, args=[feed.pk])),
        *(reverse("admin:aggregator_submission_changelist"), reverse("admin:aggregator_removedsource_changelist")),
        *(reverse("admin:aggregator_submission_change", args=[proposal.pk]), reverse("admin:aggregator_entry_guest")),
    ]
    with chromium.borrowed() as browser:
        context = browser.new_context(viewport=WIDE)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        for address in addresses:
            page.goto(live_server.url + address)
            stops = page.evaluate(STOPS)
            walked, unseen = walk(page)
            assert [stops[int(place)] for place in unseen] == [], address
            assert walked == [str(place) for place in range(len(stops))], address
            for size in (WIDE, PHONE):
                page.set_viewport_size(size)
                assert page.evaluate(OVERFLOW) <= 0, (address, size)
            page.set_viewport_size(WIDE)
