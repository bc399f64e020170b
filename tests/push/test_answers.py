"""What comes of a push service's answers, from the wire to the rows; they are worded as real services word them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from notifications.models import Circuit, Delivery, PushSubscription
from notifications.notices.planner import plan
from notifications.vapid.keys import VapidKey
from tests.factories import NOW, make_entry, make_feed
from tests.notifications.outbox import Office, open_office

from .service import Scripted, Subscription

pytestmark = pytest.mark.django_db(transaction=True)
A_MINUTE_AGO = 1 / 24 / 60
BAD_TOKEN = Scripted(403, body='{"reason": "BadJwtToken"}')


@dataclass(slots=True)
class Planet:
    """A site with one device, and its push service."""

    office: Office
    device: PushSubscription
    browser: Subscription

    def tell(self, *answers: Scripted, title: str = "A post") -> Counter[str]:
        """Send word of a new post; the push service gives these answers before its own."""
        self.office.script(self.browser, *answers)
        make_entry(make_feed("Northern Notes"), title, days_ago=A_MINUTE_AGO)
        plan(NOW)
        return self.deliver()

    def deliver(self, now: datetime = NOW, **options: Any) -> Counter[str]:
        return self.office.deliver(now, **options)

    @property
    def told(self) -> dict[str, Any]:
        """What the notification says that was accepted last."""
        return dict(self.office.service.received[-1].json["notification"])


@pytest.fixture
def planet() -> Iterator[Planet]:
    with open_office() as office:
        yield Planet(office, *office.make_device())


def wait() -> timedelta:
    """How long the one delivery waits."""
    return Delivery.objects.get().next_at - NOW


def state() -> str:
    """Of the one device; empty if it was forgotten."""
    return str(PushSubscription.objects.values_list("state", flat=True).first() or "")


def test_a_message_says_all_that_a_notification_needs(planet: Planet) -> None:
    assert planet.tell(title="Reading without hurry") == {"accepted": 1}
    assert planet.office.service.received[0].json["web_push"] == 8030
    assert (planet.told["title"], planet.told["body"]) == ("Reading without hurry", "Northern Notes")
    assert planet.told["navigate"].startswith("http://testserver/notifications/n/")


def test_a_message_may_wait_for_a_day(planet: Planet) -> None:
    planet.tell()
    (received,) = planet.office.service.received
    assert (received.ttl_seconds, received.urgency, len(received.topic)) == (86_400, "normal", 32)


def test_a_post_is_sent_once_however_often_the_worker_looks(planet: Planet) -> None:
    planet.tell()
    assert (plan(NOW), planet.deliver()) == (0, {})
    assert len(planet.office.service.attempts) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_has_ended_takes_the_device_with_it(planet: Planet, status: int) -> None:
    assert planet.tell(Scripted(status), Scripted(status)) == {"retry": 1}
    assert (wait(), state()) == (timedelta(hours=1), "active")
    assert planet.deliver(NOW + timedelta(hours=1)) == {"gone": 1}
    assert state() == ""


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(401, body='{"code": 401, "errno": 109, "message": "VAPID public key mismatch"}'),
        Scripted(403, body="the VAPID credentials in the authorization header do not correspond to the credentials"),
        Scripted(400, body='{"reason": "VapidPkHashMismatch"}'),
    ],
    ids=["Firefox", "Chrome", "Safari"],
)
def test_a_device_of_another_key_waits_for_repair(planet: Planet, answer: Scripted) -> None:
    assert planet.tell(answer) == {"failed": 1}
    assert state() == "stale"


def test_a_browser_that_subscribed_with_another_key_waits_for_repair(planet: Planet) -> None:
    other = planet.office.service.new_subscription(VapidKey.new().public)
    PushSubscription.objects.update(endpoint=other.endpoint, p256dh=other.p256dh, auth=other.auth)
    assert planet.tell() == {"failed": 1}
    assert (planet.office.service.attempts[0].reason, state()) == ("key mismatch", "stale")


@pytest.mark.parametrize("answer", [Scripted(401, body="bad token"), BAD_TOKEN], ids=["401", "403"])
def test_a_refused_signature_stops_the_sending_and_costs_no_device(planet: Planet, answer: Scripted) -> None:
    assert planet.tell(answer) == {"retry": 1}
    assert (Circuit.objects.get().origin, state()) == (planet.office.service.origin, "active")


def test_what_waited_for_a_refused_signature_goes_out_when_it_is_taken_again(planet: Planet) -> None:
    planet.tell(BAD_TOKEN)
    assert planet.deliver(NOW + timedelta(minutes=16)) == {"accepted": 1}
    assert not Circuit.objects.exists()


def test_a_message_that_is_too_large_goes_out_short(planet: Planet) -> None:
    assert planet.tell(Scripted(413)) == {"accepted": 1}
    assert planet.told["title"] == "New posts on Orrery"


def test_a_message_that_is_too_large_even_when_short_is_given_up(planet: Planet) -> None:
    assert planet.tell(Scripted(413), Scripted(413)) == {"failed": 1}
    assert (len(planet.office.service.attempts), state()) == (2, "active")


@pytest.mark.parametrize(
    "value", ["120", format_datetime(NOW + timedelta(seconds=120), usegmt=True)], ids=["seconds", "date"]
)
def test_a_push_service_that_asks_for_time_gets_it(planet: Planet, value: str) -> None:
    assert planet.tell(Scripted(429, {"Retry-After": value})) == {"retry": 1}
    assert wait() == timedelta(seconds=120)


def test_before_that_time_nothing_is_sent_and_then_it_arrives(planet: Planet) -> None:
    planet.tell(Scripted(429, {"Retry-After": "120"}))
    assert planet.deliver(NOW + timedelta(seconds=119)) == {}
    assert planet.deliver(NOW + timedelta(seconds=120)) == {"accepted": 1}
    assert len(planet.browser.inbox) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_push_service_that_is_down_is_asked_again_soon(planet: Planet, status: int) -> None:
    assert planet.tell(Scripted(status)) == {"retry": 1}
    assert timedelta(seconds=15) <= wait() <= timedelta(seconds=30)


def test_a_push_service_that_stays_down_is_asked_until_the_notice_is_old_and_the_device_stays(planet: Planet) -> None:
    planet.tell(*[Scripted(500)] * 99)
    for hours in range(1, 25):
        planet.deliver(NOW + timedelta(hours=hours))
    assert (Delivery.objects.get().state, len(planet.office.service.attempts), state()) == ("expired", 24, "active")


def test_a_push_service_that_says_nothing_is_asked_again(planet: Planet) -> None:
    planet.office.script(planet.browser, Scripted(hangs=True))
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    assert planet.deliver(timeout_seconds=0.5) == {"retry": 1}
    assert Delivery.objects.get().reason == "no answer in time"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(planet: Planet, status: int) -> None:
    target = planet.office.service.new_subscription(planet.office.key.public)
    assert planet.tell(Scripted(status, {"Location": target.endpoint})) == {"failed": 1}
    assert [attempt.token for attempt in planet.office.service.attempts] == [planet.browser.token]


def test_the_log_holds_no_endpoint_no_secret_and_no_token(planet: Planet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (Scripted(500), Scripted(302, {"Location": "/"}), BAD_TOKEN):
        planet.tell(answer)
    header = planet.office.service.attempts[0].headers["authorization"]
    token = header.removeprefix("vapid t=").partition(",")[0]
    assert caplog.records
    assert not [secret for secret in (planet.browser.token, planet.browser.auth, token) if secret in caplog.text]
