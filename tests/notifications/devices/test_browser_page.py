"""The page's script in a real browser, whose push service is played by a few lines of script in the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from notifications.models import PushSubscription
from notifications.vapid.keys import VapidKey
from tests.browsers import BROWSER, FAINT_TEXT, Chromium
from tests.notifications.visitors import Visitor, make_user
from tests.patience import PATIENCE_MILLISECONDS
from tests.push.user_agent import UserAgent

pytestmark = pytest.mark.slow
PUSH_MANAGER = """
const decode = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0)).buffer;
const subscriptionOf = ({ endpoint, key, end = null }) => ({
  endpoint, options: { applicationServerKey: decode(key) }, expirationTime: end,
  toJSON: () => ({ endpoint, expirationTime: end, keys: KEYS }),
  unsubscribe: async () => { localStorage.removeItem("kept"); return true; },
});
PushManager.prototype.getSubscription = async () => {
  const kept = localStorage.getItem("kept");
  return kept && subscriptionOf(JSON.parse(kept));
};
PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
  const end = (window.nextEnds ?? []).shift();
  const kept = { endpoint: `https://fcm.googleapis.com/fcm/send/${Math.random()}`, key, end };
  localStorage.setItem("kept", JSON.stringify(kept));
  return subscriptionOf(kept);
};
"""
PANEL = "[data-push=panel]"


@dataclass(slots=True)
class Desk:
    """A curator's page in the browser; `posts` are the addresses that it has posted to, `complaints` its errors."""

    page: Page
    origin: str
    posts: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, name: str = "admin:index") -> str:
        """The state that the page comes to."""
        self.page.goto(self.origin + reverse(name))
        return self.state()

    def state(self) -> str:
        self.page.wait_for_selector(f"{PANEL}[data-state]:not([data-state=busy])")
        return str(self.page.get_attribute(PANEL, "data-state"))

    def click(self, what: str) -> str:
        self.page.click(f"[data-push={what}]:visible")
        return self.state()

    def words(self) -> str:
        return self.page.inner_text(PANEL)

    def is_subscribed(self) -> bool:
        """Whether the browser has a subscription."""
        return self.page.evaluate("localStorage.getItem('kept') !== null") is True

    def answer(self, address: str, handler: Callable[[Route], None]) -> None:
        self.page.route(f"**{reverse(address)}", handler)


@dataclass(slots=True)
class Office:
    """Lends the browser, in which the curator is logged in. Rows are made before: see `Chromium`."""

    origin: str
    curator: User
    session: str
    chromium: Chromium

    @contextmanager
    def desk(self, *, is_allowed: bool = True, setup: str = "", **options: object) -> Iterator[Desk]:
        agent = UserAgent()
        keys = json.dumps({"p256dh": agent.p256dh, "auth": agent.auth})
        with self.chromium.borrowed(program=BROWSER) as browser:
            context = browser.new_context(**options)  # type: ignore[arg-type]
            context.add_cookies([{"name": "sessionid", "value": self.session, "url": self.origin}])
            context.add_init_script(f"{PUSH_MANAGER.replace('KEYS', keys)}\n{setup}")
            if is_allowed:
                context.grant_permissions(["notifications"], origin=self.origin)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            desk = Desk(page, self.origin)
            page.on("request", lambda request: desk.posts.append(request.url) if request.method == "POST" else None)
            page.on("pageerror", lambda error: desk.complaints.append(str(error)))
            page.on("console", lambda message: desk.complaints.append(message.text))
            yield desk


@pytest.fixture
def office(live_server: LiveServer, site_key: VapidKey, settings: LazySettings, chromium: Chromium) -> Office:
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    visitor = Visitor(make_user(is_superuser=True), site_key.id)
    assert visitor.user is not None
    return Office(live_server.url, visitor.user, visitor.client.cookies["sessionid"].value, chromium)


def on_elsewhere(office: Office) -> Visitor:
    """A second device of the same curator."""
    visitor = Visitor(office.curator)
    key = VapidKey.new()
    fields = {"p256dh": visitor.agent.p256dh, "auth": visitor.agent.auth, "key_id": key.id}
    PushSubscription.objects.create(
        user=office.curator, endpoint=visitor.endpoint, endpoint_hash=visitor.endpoint_hash, **fields
    )
    return visitor


# -- what the page says ------------------------------------------------------------------------------------------------


def test_before_the_click_it_is_off_and_nothing_was_asked(office: Office) -> None:
    asked = "window.asked = 0; Notification.requestPermission = async () => (window.asked++, 'default');"
    with office.desk(is_allowed=False, setup=asked) as desk:
        assert (desk.open(), desk.page.evaluate("asked"), desk.posts) == ("off", 0, [])


def test_one_click_turns_it_on(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        assert (desk.click("ask"), desk.is_subscribed()) == ("on", True)
    assert PushSubscription.objects.get().user == office.curator


def test_the_question_is_asked_within_the_click(office: Office) -> None:
    asked = """
    Notification.requestPermission = async () => { window.askedWithin = window.event?.type; return "granted"; };
    """
    with office.desk(setup=asked) as desk:
        desk.open()
        desk.click("ask")
        assert desk.page.evaluate("askedWithin") == "click"


@pytest.mark.parametrize(("answer", "state"), [("denied", "denied"), ("default", "dismissed")])
def test_a_no_is_taken_for_an_answer(office: Office, answer: str, state: str) -> None:
    with office.desk(setup=f"Notification.requestPermission = async () => '{answer}';") as desk:
        desk.open()
        assert (desk.click("ask"), desk.is_subscribed(), desk.posts) == (state, False, [])
        assert not desk.page.is_visible("[data-push=ask]")


OBSTACLES = {
    "denied": "Object.defineProperty(Notification, 'permission', {get: () => 'denied'});",
    "unsupported": "delete window.PushManager;",
    "insecure": "Object.defineProperty(window, 'isSecureContext', {get: () => false});",
    "ios": "delete window.PushManager; Object.defineProperty(navigator, 'userAgent', {get: () => 'iPhone'});",
}


@pytest.mark.parametrize("state", OBSTACLES)
def test_where_it_can_not_work_the_page_says_why_and_offers_no_button(office: Office, state: str) -> None:
    with office.desk(setup=OBSTACLES[state]) as desk:
        assert (desk.open(), desk.page.locator(f"{PANEL} button:visible").count()) == (state, 0)
        assert desk.complaints == []


def test_a_site_without_a_key_says_so(office: Office, settings: LazySettings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    with office.desk() as desk:
        assert desk.open() == "no-key"


def test_the_page_knows_of_other_devices(office: Office) -> None:
    on_elsewhere(office)
    with office.desk() as desk:
        assert desk.open() == "elsewhere"
        assert "another device" in desk.words()


def test_without_scripts_the_page_says_what_to_do(office: Office) -> None:
    with office.desk(java_script_enabled=False) as desk:
        desk.page.goto(desk.origin + reverse("notifications:devices"))
        assert "allow this site to run scripts" in desk.words()


# -- how it keeps right ------------------------------------------------------------------------------------------------


def test_a_subscription_that_has_ended_is_replaced_by_a_visit(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        desk.click("ask")
        desk.page.evaluate(
            "localStorage.kept = JSON.stringify({...JSON.parse(localStorage.kept), end: Date.now() - 1000})"
        )
        ended = desk.page.evaluate("JSON.parse(localStorage.kept).endpoint")
        assert desk.open() == "on"
    assert PushSubscription.objects.get().endpoint != ended


@pytest.mark.parametrize(("ends", "state"), [("[1]", "on"), ("[1, 1]", "failed")])
def test_a_browser_that_is_given_what_has_ended_asks_once_more_and_then_says_why(
    office: Office, ends: str, state: str
) -> None:
    with office.desk(setup=f"window.nextEnds = {ends};") as desk:
        desk.open()
        assert desk.click("ask") == state
        assert ("subscription has ended" in desk.words()) is (state == "failed")
        assert len([address for address in desk.posts if "subscribe" in address]) == 2
    assert PushSubscription.objects.exists() is (state == "on")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, "<h1>Server Error</h1>", "answered with 500"),
        (429, '{"error": "Try again in an hour."}', "Try again in an hour."),
        (200, "<h1>Log in</h1>", "can't be read"),
    ],
)
def test_no_success_is_claimed_that_the_server_did_not_confirm(
    office: Office, status: int, body: str, words: str
) -> None:
    with office.desk() as desk:
        desk.answer("notifications:subscribe", lambda route: route.fulfill(status=status, body=body))
        desk.open()
        assert desk.click("ask") == "failed"
        assert words in desk.words()


def test_what_failed_once_is_repaired_by_the_next_visit(office: Office) -> None:
    with office.desk() as desk:
        desk.answer("notifications:subscribe", lambda route: route.abort())
        desk.open()
        desk.click("ask")
        desk.page.unroute(f"**{reverse('notifications:subscribe')}")
        assert desk.open() == "on"
    assert PushSubscription.objects.count() == 1


def test_a_device_is_off_when_the_server_knows_and_stays_off(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        desk.click("ask")
        desk.answer("notifications:unsubscribe", lambda route: route.abort())
        assert (desk.click("stop"), desk.is_subscribed()) == ("stuck", True)
        desk.page.unroute(f"**{reverse('notifications:unsubscribe')}")
        assert desk.click("stop") == "off"
        assert (desk.open(), desk.is_subscribed()) == ("off", False)
    assert not PushSubscription.objects.exists()


def test_a_question_that_was_not_answered_is_asked_again(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        desk.click("ask")
        desk.answer("notifications:sync", lambda route: route.abort())
        assert desk.open() == "repair"
        desk.page.unroute(f"**{reverse('notifications:sync')}")
        assert desk.open() == "on"


def test_the_server_is_asked_once_a_day_as_long_as_nothing_changes(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        desk.click("ask")
        assert desk.open() == "on"
        desk.posts.clear()
        assert (desk.open(), desk.open(), desk.posts) == ("on", "on", [])
        desk.page.clock.install()
        desk.page.clock.fast_forward("25:00:00")
        assert desk.open() == "on"
        assert desk.posts == [desk.origin + reverse("notifications:sync")]


def test_after_the_logout_the_browser_holds_nothing(office: Office) -> None:
    with office.desk() as desk:
        desk.open()
        desk.click("ask")
        desk.open()
        desk.page.wait_for_load_state("networkidle")
        desk.page.click("#logout-form button")
        desk.page.wait_for_url("**/logout/")
        assert not desk.is_subscribed()
    assert not PushSubscription.objects.exists()


def test_a_subscription_of_somebody_else_is_let_go(office: Office) -> None:
    first = on_elsewhere(office)
    PushSubscription.objects.update(user=make_user())
    kept = json.dumps({"endpoint": first.endpoint, "key": VapidKey.new().public})
    setup = f"if (!localStorage.planted) {{ localStorage.planted = 1; localStorage.kept = {json.dumps(kept)}; }}"
    with office.desk(setup=setup) as desk:
        desk.page.goto(desk.origin + reverse("admin:index"))
        desk.page.evaluate(
            "navigator.serviceWorker.register('/admin/sw.js').then(() => navigator.serviceWorker.ready).then(() => 1)"
        )
        assert (desk.open(), desk.is_subscribed()) == ("off", False)


# -- the page of devices -----------------------------------------------------------------------------------------------


def test_removing_this_device_also_frees_the_browser(office: Office) -> None:
    with office.desk() as desk:
        desk.open("notifications:devices")
        desk.click("ask")
        desk.page.click(".device-here >> text=Remove")
        desk.page.wait_for_selector(".messagelist")
        assert (desk.state(), desk.is_subscribed()) == ("off", False)


def test_a_local_test_is_shown_without_a_push_service(office: Office) -> None:
    with office.desk() as desk:
        desk.open("notifications:devices")
        desk.click("ask")
        desk.page.click("[data-push=local-test]:visible")
        desk.page.wait_for_function(
            "navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all => all.length === 1)"
        )


def test_the_script_tells_the_forms_the_time_zone(office: Office) -> None:
    with office.desk(timezone_id="Asia/Tokyo") as desk:
        desk.open("notifications:devices")
        desk.click("ask")
        assert desk.page.input_value("input[name=time_zone]") == "Asia/Tokyo"


def test_the_pages_load_without_complaint(office: Office) -> None:
    with office.desk() as desk:
        for name in ("admin:index", "notifications:devices"):
            desk.open(name)
        desk.click("ask")
        assert desk.complaints == []


def test_the_page_of_devices_does_not_scroll_sideways_on_a_phone(office: Office) -> None:
    on_elsewhere(office)
    PushSubscription.objects.update(name="Verylongname" * 6)
    with office.desk(viewport={"width": 320, "height": 640}) as desk:
        desk.open("notifications:devices")
        desk.page.click("summary >> nth=0")
        assert desk.page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_of_the_page_of_devices_has_contrast(office: Office, scheme: str) -> None:
    on_elsewhere(office)
    with office.desk(color_scheme=scheme) as desk:
        desk.open("notifications:devices")
        desk.page.evaluate("document.body.replaceChildren(document.querySelector('#content'))")
        assert desk.page.evaluate(FAINT_TEXT) == []
