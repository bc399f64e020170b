"""A blog comes in: somebody proposes it, a curator's screen shows that, one click opens it, and its posts are here.

Then those that don't come in: declined, and dropped because nobody sent it off. (Asked back and taken back, without a
script: `tests/submissions/test_sender_in_browser.py`.)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.models import Feed, Submission
from aggregator.polling.conductor import poll
from aggregator.submissions import strangers
from aggregator.submissions.expiring import WAITS_FOR, expire
from aggregator.submissions.looking import look_at_waiting
from notifications.notices.desk_places import place_of
from notifications.notices.desk_planner import plan_desk
from tests.patience import wait_until
from tests.servers import FeedServer
from tests.submissions.feeds import blog, item

from .driver import Browser, Tab, wait_for
from .site import Site, wait_for_notices

SEND_IT = "form[action*=send] [type=submit]"
pytestmark = [pytest.mark.queue, pytest.mark.slow]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that is driven fills a form faster than people."""
    monkeypatch.setattr(strangers, "SHORTEST", timedelta())


def says(tab: Tab, words: str) -> None:
    wait_for(tab, f"document.readyState === 'complete' && document.body.innerText.includes({words!r})")


def press(tab: Tab, selector: str) -> None:
    """A click on what may lie below the window's edge."""
    tab.evaluate(f"void document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
    tab.click(selector)


def propose(site: Site, browser: Browser, address: str) -> tuple[Tab, str]:
    """The page of a proposal that was looked at, and its address."""
    tab = browser.open_tab(site.url("submit"))
    tab.evaluate(f"void (document.querySelector('[name=address]').value = {address!r})")
    press(tab, "form.form [type=submit]")
    says(tab, "We are looking at it.")
    place = tab.evaluate("location.href")
    look_at_waiting(seconds=60)
    tab.go(place)
    says(tab, "It is ready.")
    return tab, place


def test_a_blog_comes_in(site: Site, feed_server: FeedServer) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    sender, place = propose(site, browser, blog(feed_server, item("Digging the first bed"), item("Frost")))
    says(sender, "Digging the first bed")
    press(sender, SEND_IT)
    says(sender, "It waits for the curators.")
    plan_desk(datetime.now(UTC))
    assert site.deliver() == {"accepted": 1}
    assert wait_for_notices(browser) == [("A blog is proposed: A garden blog", feed_server.host)]
    desk = site.origin + place_of("proposals", Submission.objects.get().pk)
    browser.shown()[0].click()
    wait_until(lambda: desk in browser.urls(), what="the proposal's page")
    curator = browser.open_tab(desk)
    press(curator, "#accept [type=submit]")
    says(curator, "accepted")
    poll(Feed.objects.filter(state="pending"))  # what the worker was asked to do at once
    sender.go(place)
    says(sender, "It was accepted.")
    says(sender, "A garden blog")
    says(browser.open_tab(site.origin), "Digging the first bed")


def test_who_is_declined_reads_why_and_what_is_not_sent_off_is_dropped(site: Site, feed_server: FeedServer) -> None:
    browser = site.rig.start()
    site.log_in(browser)
    sender, place = propose(site, browser, blog(feed_server))
    press(sender, SEND_IT)
    says(sender, "It waits for the curators.")
    curator = browser.open_tab(site.origin + place_of("proposals", Submission.objects.get().pk))
    curator.evaluate("void (document.querySelector('#decline select').value = 'too_new')")
    curator.evaluate("void (document.querySelector('#decline textarea').value = 'See you in spring.')")
    press(curator, "#decline [type=submit]")
    says(curator, "declined")
    sender.go(place)
    says(sender, "It has too few posts yet; come back when there are more.")
    says(sender, "See you in spring.")
    unsent, place = propose(site, browser, feed_server.url("/"))
    expire(datetime.now(UTC) + WAITS_FOR + timedelta(minutes=1))
    unsent.go(place)
    says(unsent, "It was dropped.")
