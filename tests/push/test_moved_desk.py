"""ADMIN_URL changes under a browser that is subscribed: it goes on being told, and stays one device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from pytest_django.live_server_helper import LiveServer

from notifications.models import PushSubscription
from notifications.vapid.keys import keyring
from tests.patience import wait_until

from .driver import Tab, wait_for
from .moved_desk import the_desk_at
from .site import Site, wait_for_notices, wait_for_state
from .user_agent import new_vapid_key

pytestmark = [pytest.mark.queue, pytest.mark.slow]
SCOPES = (
    "navigator.serviceWorker.getRegistrations().then(all => all.map(one => new URL(one.scope).pathname).sort().join())"
)
SUBSCRIBE_AT = """(async () => {
  const site = await (await fetch("/notifications/push/key/")).json();
  const registration = await navigator.serviceWorker.register("ADDRESSsw.js", { scope: "ADDRESS" });
  while (!registration.active) await new Promise((resolve) => setTimeout(resolve, 20));
  const wish = { userVisibleOnly: true, applicationServerKey: site.public_key };
  const subscription = await registration.pushManager.subscribe(wish);
  const body = JSON.stringify({ ...subscription.toJSON(), key_id: KEY_ID });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": site.csrf_token };
  return (await fetch("/notifications/push/subscribe/", { method: "POST", headers, body })).status;
})()"""
"""What the desk's script does, for a desk at ADDRESS."""
SUBSCRIBE_ANEW = """(async () => {
  const { pushManager } = await navigator.serviceWorker.getRegistration("/admin/");
  await (await pushManager.getSubscription()).unsubscribe();
  await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: "KEY" });
})()"""


@pytest.fixture(params=["desk/", "admin/inner/"])
def address(request: pytest.FixtureRequest) -> str:
    """Beside the first one, and below it: there the former worker's scope has the present pages, too."""
    return str(request.param)


@pytest.fixture
def moved(site: Site, live_server: LiveServer, settings: LazySettings, address: str) -> Iterator[Site]:
    """A browser is subscribed at the first address; then the desk moves."""
    site.subscribe(site.rig.start())
    PushSubscription.objects.update(name="Kitchen", most_a_day=9)
    site.rig.browser.close_tabs()
    with the_desk_at(address, settings, live_server):
        yield site


def scopes(tab: Tab) -> str:
    return str(tab.evaluate(SCOPES))


def wait_until_it_has_moved(tab: Tab, address: str) -> None:
    wait_for(tab, f"{SCOPES}.then(text => text === '/{address}')")
    wait_for_state(tab, "on")


@pytest.mark.parametrize("session", ["still logged in", "logged in anew"])
def test_a_visit_moves_the_device_and_leaves_one(moved: Site, address: str, session: str) -> None:
    before = PushSubscription.objects.get()
    browser = moved.rig.browser
    if session == "still logged in":
        tab = browser.open_tab(moved.url("admin:index"))
    else:
        Session.objects.all().delete()  # nothing but the browser knows which device it is
        tab = moved.log_in(browser)
    wait_until_it_has_moved(tab, address)
    after = PushSubscription.objects.get()
    assert (after.pk, after.name, after.most_a_day) == (before.pk, "Kitchen", 9)
    assert after.endpoint != before.endpoint
    wait_until(lambda: len(moved.rig.wire.tokens()) == 1, what="the end of the former subscription")
    assert moved.announce("Reading without hurry") == {"accepted": 1}
    assert wait_for_notices(browser) == [("Reading without hurry", "Northern Notes")]
    tab.go(moved.url("admin:index"))
    wait_for_state(tab, "on")
    assert PushSubscription.objects.get().endpoint == after.endpoint


@pytest.mark.parametrize("address", ["desk/"], indirect=True)
def test_before_the_first_visit_the_former_worker_tells_on(moved: Site) -> None:
    assert moved.announce("Reading without hurry") == {"accepted": 1}
    browser = moved.rig.browser
    assert wait_for_notices(browser) == [("Reading without hurry", "Northern Notes")]


@pytest.mark.parametrize("address", ["desk/"], indirect=True)
def test_a_browser_that_became_two_devices_is_one_again(moved: Site, address: str) -> None:
    """As sites are left by a change of the address before this was mended."""
    for session in Session.objects.all():
        store = SessionStore(session.session_key)
        del store["push_device"]
        store.save()
    tab = moved.rig.browser.open_tab(f"{moved.origin}/")  # a page without the desk's script
    current = keyring().current
    assert current is not None
    subscribe = SUBSCRIBE_AT.replace("ADDRESS", f"/{address}").replace("KEY_ID", f"'{current.id}'")
    assert tab.evaluate(subscribe) == 200
    assert PushSubscription.objects.count() == 2
    tab.go(moved.url("admin:index"))
    wait_until_it_has_moved(tab, address)
    assert PushSubscription.objects.count() == 1
    wait_until(lambda: len(moved.rig.wire.tokens()) == 1, what="the end of the former subscription")
    assert moved.announce("Reading without hurry") == {"accepted": 1}
    assert wait_for_notices(moved.rig.browser) == [("Reading without hurry", "Northern Notes")]


@pytest.mark.parametrize("address", ["desk/"], indirect=True)
def test_what_was_made_with_another_key_is_not_ours_and_is_left_alone(moved: Site, address: str) -> None:
    """Something else may be served at the same origin."""
    tab = moved.rig.browser.open_tab(f"{moved.origin}/")
    tab.evaluate(SUBSCRIBE_ANEW.replace("KEY", new_vapid_key()[0]))
    tab.go(moved.url("admin:index"))
    wait_for(tab, f"{SCOPES}.then(text => text === '/admin/,/{address}')")
    wait_for_state(tab, "on")
    held = "navigator.serviceWorker.getRegistration('/admin/').then(one => one.pushManager.getSubscription())"
    assert tab.evaluate(f"{held}.then(subscription => subscription !== null)") is True
