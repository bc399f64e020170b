"""A new post on a blog reaches a curator's device: real pages, real browsers, real encryption, one click to allow."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from notifications.models import Delivery, PushSubscription
from notifications.vapid.keys import keyring
from tests.patience import wait_until

from .autopush import DECRYPTED, PERMISSION_TAKEN_BACK, Autopush
from .driver import wait_for
from .service import Scripted
from .site import Site, texts, wait_for_notices, wait_for_state

pytestmark = [pytest.mark.queue, pytest.mark.slow]
ONE_BROWSER = pytest.mark.parametrize("browser_name", ["firefox"], indirect=True)
"""Where browsers can't differ, or only one can be asked."""

ONE_IN_EACH_STEP = pytest.mark.parametrize(
    "browser_name", ["firefox", pytest.param("chromium", marks=pytest.mark.smoke)], indirect=True
)
"""Firefox takes four times as long to start."""


@ONE_IN_EACH_STEP
def test_a_new_post_is_shown_with_its_title_and_its_source_and_a_click_takes_the_open_page_there(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    pages = len(browser.urls())
    assert site.announce("Reading without hurry") == {"accepted": 1}
    assert wait_for_notices(browser) == [("Reading without hurry", "Northern Notes")]
    if isinstance(site.rig.wire, Autopush):
        assert site.rig.wire.codes == [DECRYPTED]
    browser.shown()[0].click()
    wait_until(lambda: site.entry_url("Reading without hurry") in browser.urls(), what="the post's page")
    assert len(browser.urls()) == pages


def test_with_all_pages_closed_a_click_opens_the_post_in_the_admin(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    browser.close_tabs()
    site.announce("Reading without hurry")
    wait_for_notices(browser)
    browser.shown()[0].click()
    wait_until(lambda: site.entry_url("Reading without hurry") in browser.urls(), what="the post's page")


@ONE_BROWSER
def test_several_posts_of_a_poll_are_one_notice(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    site.announce("One", "Two", "Three")
    assert wait_for_notices(browser) == [("3 new posts", "in Python")]


def test_a_browser_that_was_off_during_three_polls_shows_one_notice(site: Site) -> None:
    site.subscribe(site.rig.start())
    site.rig.stop()
    for title in ("One", "Two", "Three"):
        assert site.announce(title) == {"accepted": 1}
    browser = site.rig.start()
    wait_for_notices(browser)
    time.sleep(0.5)  # for a second one, that must not come
    assert texts(browser) == [("Three", "Northern Notes")]


def test_what_comes_while_the_push_service_is_down_is_one_notice_when_it_is_back(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    token = site.rig.wire.tokens()[0]
    site.rig.service.script(token, [Scripted(503)])
    assert site.announce("One") == {"retry": 1}
    assert site.announce("Two") == {}
    assert site.deliver(later=timedelta(minutes=1)) == {"accepted": 1}
    assert wait_for_notices(browser) == [("2 new posts", "in Python")]
    time.sleep(0.5)  # for another one, that must not come
    assert len(texts(browser)) == 1


@pytest.mark.parametrize("browser_name", ["chromium"], indirect=True)
def test_a_device_that_unsubscribed_in_the_browser_is_forgotten_an_hour_later(site: Site) -> None:
    browser = site.rig.start()
    tab = site.subscribe(browser)
    tab.evaluate("navigator.serviceWorker.ready.then(r => r.pushManager.getSubscription()).then(s => s.unsubscribe())")
    wait_until(lambda: not site.rig.wire.tokens(), what="the end of the subscription")
    assert site.announce("Reading without hurry") == {"retry": 1}
    assert PushSubscription.objects.exists()
    assert site.deliver(later=timedelta(hours=1)) == {"gone": 1}
    assert not PushSubscription.objects.exists()


def test_after_a_new_vapid_key_a_device_is_told_on_and_a_visit_repairs_it(site: Site) -> None:
    browser = site.rig.start()
    tab = site.subscribe(browser)
    (before,) = PushSubscription.objects.all()
    call_command("vapid_keys", rotate=True, stdout=StringIO())
    assert site.announce("Signed as before") == {"accepted": 1}
    tab.go(site.url("admin:index"))
    wait_until(lambda: PushSubscription.objects.get().key_id != before.key_id, what="a new subscription")
    wait_for_state(tab, "on")
    current = keyring().current
    after = PushSubscription.objects.get()
    assert current is not None
    assert (after.pk, after.key_id) == (before.pk, current.id)
    assert site.announce("Signed anew") == {"accepted": 1}
    assert wait_for_notices(browser, 2) == [("Signed as before", "Northern Notes"), ("Signed anew", "Northern Notes")]


@ONE_BROWSER
def test_stopped_on_the_page_nothing_more_is_sent(site: Site) -> None:
    browser = site.rig.start()
    tab = site.subscribe(browser)
    tab.click("[data-push=stop]:not([hidden] *)")
    wait_for_state(tab, "off")
    assert (site.announce("Reading without hurry"), PushSubscription.objects.count()) == ({}, 0)
    assert site.rig.wire.tokens() == []


@ONE_BROWSER
def test_after_the_logout_nothing_more_is_sent(site: Site) -> None:
    browser = site.rig.start()
    tab = site.subscribe(browser)
    tab.click("#logout-form button")
    wait_for(tab, "document.body.innerText.includes('Logged out')")
    assert site.announce("Reading without hurry") == {}
    assert not Delivery.objects.exists()


@ONE_BROWSER
def test_a_device_whose_permission_was_taken_back_is_forgotten_an_hour_later(site: Site) -> None:
    browser = site.rig.start()
    site.subscribe(browser)
    browser.take_back_permission(site.origin)
    wire = site.rig.wire
    assert isinstance(wire, Autopush)
    wait_until(lambda: wire.unregistered == [PERMISSION_TAKEN_BACK], what="the end of the subscription")
    assert site.announce("Reading without hurry") == {"retry": 1}
    assert PushSubscription.objects.exists()
    assert site.deliver(later=timedelta(hours=1)) == {"gone": 1}
    assert not PushSubscription.objects.exists()


@ONE_BROWSER
def test_a_device_that_the_push_service_forgot_is_told_again(site: Site) -> None:
    site.subscribe(site.rig.start())
    before = PushSubscription.objects.get()
    wire = site.rig.wire
    assert isinstance(wire, Autopush)
    site.rig.stop()
    wire.forget_browsers()
    browser = site.rig.start()
    browser.open_tab(site.url("admin:index"))
    wait_until(lambda: PushSubscription.objects.get().endpoint != before.endpoint, what="a new subscription")
    assert PushSubscription.objects.get().pk == before.pk
    assert site.announce("Told again") == {"accepted": 1}
    assert wait_for_notices(browser) == [("Told again", "Northern Notes")]


@ONE_BROWSER
def test_a_device_that_the_server_forgot_is_told_again_after_a_visit(site: Site) -> None:
    browser = site.rig.start()
    tab = site.subscribe(browser)
    PushSubscription.objects.all().delete()  # as after a backup of the day before was restored
    tab.go(site.url("admin:index"))
    wait_until(PushSubscription.objects.exists, what="a new subscription")
    assert site.announce("Told again") == {"accepted": 1}
    assert wait_for_notices(browser) == [("Told again", "Northern Notes")]
