from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.urls import clear_script_prefix, reverse, set_script_prefix
from django.utils import timezone

from notifications.devices import page as devices
from notifications.devices.forms import next_morning
from notifications.devices.wording import answer_in_words, push_service, state_in_words
from notifications.models import Delivery, Notice, PushSubscription
from notifications.vapid.keys import VapidKey
from tests.factories import NOW, make_category, make_feed
from tests.notifications.outbox import FakeSender, deliver
from tests.notifications.visitors import Visitor, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.queue]

VERBS = ("rename", "mute", "wishes", "remove", "test")


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    """A curator whose browser is subscribed."""
    curator = Visitor(make_user(), site_key.id)
    curator.subscribe()
    return curator


def page(visitor: Visitor) -> str:
    response = visitor.client.get(reverse("notifications:devices"))
    assert response.status_code == 200
    return response.content.decode()


def save(curator: Visitor, **wishes: object) -> str:
    """The page that the form of wishes leads to."""
    device = curator.device()
    values = {"wants_everything": "yes", "text": "detailed", "most_a_day": "", **wishes}
    data = {f"device-{device.pk}-{name}": value for name, value in values.items()}
    url = reverse("notifications:wishes", args=[device.pk])
    return curator.client.post(url, data, follow=True).content.decode()


def test_an_old_refusal_is_not_the_last_message_of_a_device_that_was_told_since(curator: Visitor) -> None:
    device, now = curator.device(), timezone.now()
    notice = Notice.objects.create(title="News", topic="posts", expires_at=now)
    values = {"device": device, "service": "fcm.googleapis.com", "state": "failed", "reason": "500: down"}
    Delivery.objects.create(notice=notice, finished_at=now - timedelta(days=3), **values)
    assert "500: down" in page(curator)
    PushSubscription.objects.update(accepted_at=now - timedelta(days=2))  # its row is gone from the log
    assert "500: down" not in page(curator)


# -- what the site decides ---------------------------------------------------------------------------------------------


def test_where_the_site_names_no_post_the_page_says_so_and_offers_no_choice(
    curator: Visitor, settings: LazySettings
) -> None:
    settings.PUSH_NAME_NO_POST = True
    text = page(curator)
    assert "whoever runs the site has decided that notifications name no post" in text
    assert "this site names no post in notifications" in text
    assert 'name="device-' in text
    assert "-text" not in text.split("<form", 1)[1]


def test_what_the_owner_wished_comes_back_when_the_site_no_longer_decides(
    curator: Visitor, settings: LazySettings
) -> None:
    settings.PUSH_NAME_NO_POST = True
    save(curator, text="generic", most_a_day="3")
    assert (curator.device().text, curator.device().most_a_day, curator.device().names_posts) == ("detailed", 3, False)
    settings.PUSH_NAME_NO_POST = False
    assert curator.device().names_posts
    save(curator, text="generic")
    assert not curator.device().names_posts


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_names_my_devices_and_their_push_services(curator: Visitor) -> None:
    text = page(curator)
    assert "Firefox on Linux" in text
    assert "Google (Chrome)" in text


def test_the_page_marks_the_device_that_one_sits_at(curator: Visitor) -> None:
    Visitor(curator.user, curator.key_id).subscribe()
    assert page(curator).count("this device</span>") == 1


def test_the_page_shows_no_devices_of_others(curator: Visitor) -> None:
    PushSubscription.objects.update(name="Secret lair")
    assert "Secret lair" not in page(Visitor(make_user()))


def test_no_page_shows_an_endpoint_or_its_keys(curator: Visitor) -> None:
    text = page(curator) + curator.client.get(reverse("admin:index")).content.decode()
    for secret in (curator.endpoint.rpartition("/")[0], curator.agent.p256dh, curator.agent.auth):
        assert secret not in text


def test_others_are_sent_to_the_login_page() -> None:
    response = Visitor(make_user(is_staff=False)).client.get(reverse("notifications:devices"))
    assert response["Location"].startswith(reverse("admin:login"))


def test_the_admin_links_to_my_devices(curator: Visitor) -> None:
    text = curator.client.get(reverse("admin:index")).content.decode()
    assert f'<a href="{reverse("notifications:devices")}">My devices</a>' in text


def test_the_script_knows_which_subscription_the_server_believes_in(curator: Visitor) -> None:
    assert f'data-believed="{curator.endpoint_hash}"' in page(curator)


def test_the_script_learns_of_a_device_that_needs_repair(curator: Visitor) -> None:
    PushSubscription.objects.update(state="stale")
    assert 'data-believed=""' in page(curator)


def test_the_login_page_runs_no_script_of_ours() -> None:
    text = Visitor(None).client.get(reverse("admin:login")).content.decode()
    assert "notifications/" not in text
    assert "data-push" not in text


def test_somebody_without_the_admin_is_given_no_script() -> None:
    text = Visitor(make_user(is_staff=False)).client.get(reverse("admin:login")).content.decode()
    assert "data-push-settings" not in text


def test_no_script_and_no_style_stands_in_the_page_itself(curator: Visitor) -> None:
    text = page(curator)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon[a-z]+=|\bstyle=", text)


def test_the_head_holds_nothing_that_browsers_move_to_the_body(curator: Visitor) -> None:
    """An <input> there, such as that of `csrf_token`, ends the head, and what follows it stands in the body."""
    head = page(curator).partition("</head>")[0]
    assert set(re.findall(r"<([a-z]+)", head)) <= {"html", "head", "title", "meta", "link", "script"}


def test_the_page_keeps_what_the_admin_has_in_its_head(curator: Visitor) -> None:
    head = page(curator).partition("</head>")[0]
    assert "admin/css/base.css" in head
    assert "admin/js/theme.js" in head


def test_addresses_follow_the_site_to_where_it_is_mounted(curator: Visitor) -> None:
    set_script_prefix("/planet/")
    try:
        text = curator.client.get("/admin/devices/").content.decode()
    finally:
        clear_script_prefix()
    named = re.findall(r'data-(?:worker|scope|subscribe|unsubscribe|sync)="([^"]+)"', text)
    assert len(named) == 5
    assert all(address.startswith("/planet/") for address in named)


def test_without_a_key_the_page_still_opens(curator: Visitor, settings: LazySettings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert 'data-public-key=""' in page(curator)


# -- the buttons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_touches_a_device_of_somebody_else(curator: Visitor, verb: str) -> None:
    device = curator.device()
    stranger = Visitor(make_user())
    assert stranger.press(verb, device)["Location"] == reverse("notifications:devices")
    assert "This device is not here any more" in page(stranger)
    curator.device()  # as it was, and where it was


@pytest.mark.parametrize("verb", VERBS)
def test_a_link_does_nothing(curator: Visitor, verb: str) -> None:
    url = reverse(f"notifications:{verb}", args=[curator.device().pk])
    assert curator.client.get(url).status_code == 405


def test_a_device_is_renamed(curator: Visitor) -> None:
    curator.press("rename", curator.device(), name="Kitchen")
    assert curator.device().name == "Kitchen"


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_a_name_that_is_none_changes_nothing(curator: Visitor, name: str) -> None:
    curator.press("rename", curator.device(), name=name)
    assert curator.device().name == "Firefox on Linux"


def test_a_device_is_silent_for_an_hour(curator: Visitor) -> None:
    before = datetime.now(UTC)
    curator.press("mute", curator.device(), until="hour")
    until = curator.device().muted_until
    assert until is not None
    assert timedelta(minutes=59) < until - before < timedelta(minutes=61)


def test_a_silent_device_speaks_again(curator: Visitor) -> None:
    curator.press("mute", curator.device(), until="hour")
    curator.press("mute", curator.device(), until="now")
    assert curator.device().muted_until is None


def test_a_device_is_silent_until_the_next_morning_of_its_owner() -> None:
    evening = datetime(2026, 6, 24, 23, 30, tzinfo=UTC)  # 1:30 of the 25th in Berlin
    assert next_morning(evening, "Europe/Berlin") == datetime(2026, 6, 26, 6, tzinfo=UTC)


def test_morning_is_at_8_also_after_the_clocks_change() -> None:
    evening = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert next_morning(evening, "Europe/Berlin") == datetime(2026, 10, 25, 7, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Nowhere/Else", "../../etc/passwd", "\x00"])
def test_where_the_time_zone_is_unknown_it_is_utc(zone: str) -> None:
    assert next_morning(NOW, zone) == datetime(2026, 6, 25, 8, tzinfo=UTC)


def test_a_device_is_removed(curator: Visitor) -> None:
    curator.press("remove", curator.device())
    assert not PushSubscription.objects.exists()


def test_after_its_removal_this_browser_is_no_device(curator: Visitor) -> None:
    curator.press("remove", curator.device())
    assert 'data-believed=""' in page(curator)


# -- wishes ------------------------------------------------------------------------------------------------------------


def test_wishes_are_saved(curator: Visitor) -> None:
    category, feed = make_category("Python"), make_feed("Northern Notes")
    save(curator, wants_everything="no", categories=[category.pk], feeds=[feed.pk], text="generic", most_a_day="3")
    device = curator.device()
    assert (device.wants_everything, device.text, device.most_a_day) == (False, "generic", 3)
    assert (list(device.categories.all()), list(device.feeds.all())) == ([category], [feed])


def test_whoever_wants_only_some_posts_must_choose_which(curator: Visitor) -> None:
    text = save(curator, wants_everything="no")
    assert "Choose at least one category or source" in text
    assert curator.device().wants_everything


@pytest.mark.parametrize("most", ["0", "-1", "often", "1001"])
def test_a_limit_that_is_none_is_refused(curator: Visitor, most: str) -> None:
    save(curator, most_a_day=most)
    assert curator.device().most_a_day is None


def test_an_empty_limit_is_no_limit(curator: Visitor) -> None:
    save(curator, most_a_day="3")
    save(curator, most_a_day="")
    assert curator.device().most_a_day is None


def test_a_feed_that_was_rejected_can_not_be_chosen(curator: Visitor) -> None:
    feed = make_feed(state="rejected")
    save(curator, wants_everything="no", feeds=[feed.pk])
    assert not curator.device().feeds.exists()


def test_the_form_shows_what_was_saved(curator: Visitor) -> None:
    feed = make_feed("Northern Notes")
    save(curator, wants_everything="no", feeds=[feed.pk])
    assert re.search(rf'value="{feed.pk}"[^>]*checked', page(curator))


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("https://fcm.googleapis.com/fcm/send/a", "Google (Chrome)"),
        ("https://updates.push.services.mozilla.com/wpush/v2/a", "Mozilla (Firefox)"),
        ("https://web.push.apple.com/a", "Apple (Safari)"),
        ("https://db5p.notify.windows.com/w/?token=a", "Microsoft (Edge)"),
        ("https://push.example:8443/a", "push.example:8443"),
    ],
)
def test_a_push_service_has_a_name(endpoint: str, words: str) -> None:
    assert push_service(endpoint) == words


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "on"),
        ({"muted_until": NOW + timedelta(hours=1)}, "silent"),
        ({"muted_until": NOW - timedelta(hours=1)}, "on"),
        ({"error_count": 2}, "on, with trouble"),
        ({"gone_at": NOW}, "its push service doesn't know it any more: open this page on it"),
        ({"state": "stale"}, "needs repair: open this page on it"),
        ({"state": "disabled"}, "given up: open this page on it"),
    ],
)
def test_a_device_says_in_words_how_it_is(fields: dict[str, object], word: str) -> None:
    assert state_in_words(PushSubscription(**fields), NOW)[1] == word


def test_a_device_whose_only_category_was_deleted_says_so(curator: Visitor) -> None:
    category = make_category("Python")
    save(curator, wants_everything="no", categories=[category.pk])
    assert "of posts nothing is chosen" not in page(curator)
    category.delete()
    assert "of posts nothing is chosen" in page(curator)


@pytest.mark.parametrize("state", Delivery.State.values)
def test_every_end_of_a_message_has_words_and_none_claims_that_it_arrived(state: str) -> None:
    _, sentence = answer_in_words(Delivery(state=state, service="push.example", status=201))
    assert sentence
    assert "delivered" not in sentence


# -- the test message --------------------------------------------------------------------------------------------------


class Worker:
    """Takes what the button hands to the queue; `sends` says whether it does anything about it."""

    def __init__(self, sender: FakeSender, *, sends: bool) -> None:
        self.sender, self.sends = sender, sends

    def __call__(self, delivery_id: int) -> bool:
        if self.sends:
            deliver(self.sender, datetime.now(UTC))
        return True


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker(FakeSender(), sends=True)
    monkeypatch.setattr(devices, "send_now", made)
    return made


def press(curator: Visitor) -> HttpResponse:
    """The page after the button was pressed."""
    url = reverse("notifications:test", args=[curator.device().pk])
    return curator.client.post(url, follow=True)  # type: ignore[return-value]


def words_of(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (201, "Google (Chrome) accepted the message. It does not say whether the device showed it."),
        (400, "Google (Chrome) refused the message (400"),
        (410, "Google (Chrome) no longer knows this device (410: the subscription has ended). Turn"),
        (500, "Google (Chrome) could not take the message now (500"),
    ],
)
def test_a_test_message_says_what_the_push_service_answered(
    curator: Visitor, worker: Worker, status: int, words: str
) -> None:
    worker.sender = FakeSender(default=status)
    response = press(curator)
    assert words in words_of(response)
    assert "Refresh" not in response.headers
    assert [message.endpoint for message in worker.sender.sent] == [curator.endpoint]


def test_the_button_waits_for_nobody_and_the_page_looks_again(curator: Visitor, worker: Worker) -> None:
    worker.sends = False
    response = press(curator)
    assert f"A test is on its way to {curator.device()}" in words_of(response)
    assert response.headers["Refresh"] == "2"
    deliver(worker.sender, datetime.now(UTC))
    again = curator.client.get(reverse("notifications:devices"), {"test": Delivery.objects.get().pk})
    assert "accepted the message" in words_of(again)
    assert "Refresh" not in again.headers


def test_without_a_worker_the_page_asks_for_one_and_looks_no_more(curator: Visitor, worker: Worker) -> None:
    worker.sends = False
    press(curator)
    Delivery.objects.update(created_at=datetime.now(UTC) - timedelta(seconds=31))
    response = curator.client.get(reverse("notifications:devices") + f"?test={Delivery.objects.get().pk}")
    assert "Is the worker running?" in words_of(response)
    assert "Refresh" not in response.headers


def test_without_a_queue_the_page_says_so_and_the_test_goes_out_later(
    curator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(delivery_id: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(devices, "send_now", refuse)
    assert "can't be reached just now" in (words := words_of(press(curator)))
    assert "The test goes out once it is back." in words
    assert Delivery.objects.get().state == "pending"


def test_one_test_to_a_device_is_under_way_at_a_time(curator: Visitor, worker: Worker) -> None:
    worker.sends = False
    press(curator)
    assert f"A test to {curator.device()} is still on its way." in words_of(press(curator))
    assert Delivery.objects.count() == 1


def test_a_person_may_send_so_many_tests_and_no_more(curator: Visitor, worker: Worker) -> None:
    for _ in range(20):
        assert "accepted the message" in words_of(press(curator))
    assert "20 tests in an hour are enough" in words_of(press(curator))
    assert len(worker.sender.sent) == 20
    Delivery.objects.update(created_at=datetime.now(UTC) - timedelta(hours=1))
    assert "accepted the message" in words_of(press(curator))


def test_the_limit_of_tests_is_one_s_own(curator: Visitor, worker: Worker, site_key: VapidKey) -> None:
    other = Visitor(make_user(), key_id=site_key.id)
    other.subscribe(name="Tablet")
    for _ in range(20):
        press(other)
    assert "accepted the message" in words_of(press(curator))


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30, "٣", "0", ""])
def test_an_address_that_asks_for_no_test_is_the_plain_page(curator: Visitor, number: str) -> None:
    response = curator.client.get(reverse("notifications:devices"), {"test": number})
    assert response.status_code == 200
    assert "Refresh" not in response.headers


def test_nobody_sees_what_became_of_tests_of_others(curator: Visitor, worker: Worker, site_key: VapidKey) -> None:
    press(curator)
    other = Visitor(make_user(), key_id=site_key.id)
    response = other.client.get(reverse("notifications:devices"), {"test": Delivery.objects.get().pk})
    assert "accepted the message" not in words_of(response)


def test_a_device_remembers_what_became_of_its_last_message(curator: Visitor, worker: Worker) -> None:
    press(curator)
    assert "Last message: Google (Chrome) accepted" in page(curator)


def test_a_test_that_waits_is_said_on_the_card_of_a_page_that_is_opened_anew(curator: Visitor, worker: Worker) -> None:
    press(curator)
    worker.sends = False
    press(curator)
    assert "Last message: not sent yet" in page(curator)
    worker.sends = True
    worker(0)
    assert "Last message: Google (Chrome) accepted" in page(curator)
