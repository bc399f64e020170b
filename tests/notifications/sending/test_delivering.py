"""From a due delivery to its end: what is asked again before it goes out, and what every answer leaves behind."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from aggregator.models import Entry, Feed
from notifications.models import Circuit, Delivery, Notice, PushSubscription
from notifications.notices.planner import plan
from notifications.sending import delivering, settling
from notifications.sending.delivering import deliver_due
from notifications.sending.types import Answer, Message
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.notifications.outbox import HOST, FakeSender, Office, deliver, make_device, office
from tests.push.service import Scripted

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)
A_MINUTE_AGO = 1 / 24 / 60
LATER = NOW + timedelta(hours=1)
SIGNATURE_REFUSED = Answer(403, body="nothing that we know")


def new_delivery(device: PushSubscription | None = None, **fields: Any) -> Delivery:
    """Of a new post; the device wants everything, unless one is given."""
    device = device or make_device()
    make_entry(days_ago=A_MINUTE_AGO, **fields)
    plan(NOW)
    return Delivery.objects.filter(device=device).latest("pk")


def told(**fields: Any) -> tuple[PushSubscription, Delivery]:
    device = make_device(**fields)
    return device, new_delivery(device)


def answered(*answers: Answer, title: str = "", **fields: Any) -> tuple[PushSubscription, Delivery, FakeSender]:
    """A device whose push service gives these answers, its delivery after one run, and the sender."""
    device = make_device(**fields)
    sender = FakeSender({device.endpoint: answers})
    delivery = new_delivery(device, title=title)
    deliver(sender)
    delivery.refresh_from_db()
    return device, delivery, sender


def again(row: Any) -> Any:
    row.refresh_from_db()
    return row


# -- with the real sender --------------------------------------------------------------------------------------------


def test_a_notice_reaches_the_browser(office: Office) -> None:
    _, browser = office.make_device()
    make_entry(make_feed("Fresh Paint"), "Drying", days_ago=A_MINUTE_AGO)
    plan(NOW)
    assert office.deliver() == {"accepted": 1}
    notification = office.service.received[0].json["notification"]
    assert (notification["title"], notification["body"]) == ("Drying", "Fresh Paint")
    assert notification["navigate"] == f"http://testserver/notifications/n/{Notice.objects.get().pk}/"
    assert len(browser.inbox) == 1


def test_the_log_keeps_what_the_push_service_said(office: Office) -> None:
    device, _ = office.make_device()
    delivery = new_delivery(device)
    office.deliver()
    delivery = again(delivery)
    assert (delivery.state, delivery.status, delivery.attempts) == ("accepted", 201, 1)
    assert delivery.returned_ttl_seconds == 24 * 3600
    assert delivery.latency_ms is not None
    assert delivery.finished_at == NOW
    assert delivery.lease is None
    assert again(device).accepted_at == NOW


def test_a_message_waits_for_a_browser_that_is_off(office: Office) -> None:
    device, browser = office.make_device()
    browser.go_offline()
    new_delivery(device)
    office.deliver()
    assert browser.inbox == []
    browser.go_online()
    assert len(browser.inbox) == 1


def test_of_several_runs_while_a_browser_is_off_the_last_notice_arrives(office: Office) -> None:
    device, browser = office.make_device()
    browser.go_offline()
    for title in ("First", "Second"):
        new_delivery(device, title=title)
        office.deliver()
    browser.go_online()
    assert len(browser.inbox) == 1
    assert b"Second" in browser.inbox[0]


def test_topics_are_the_same_for_a_device_and_differ_between_devices(office: Office) -> None:
    for _ in range(2):
        office.make_device()
    for _ in range(2):
        make_entry(days_ago=A_MINUTE_AGO)
        plan(NOW)
        office.deliver()
    topics = {message.token: message.topic for message in office.service.received}
    assert len(office.service.received) == 4
    assert len(set(topics.values())) == 2
    assert all(len(topic) == 32 for topic in topics.values())


def test_one_poison_row_stops_nobody(office: Office) -> None:
    origin, key_id = office.service.origin, office.key.id
    poisoned = [make_device(endpoint=f"{origin}/wpush/v2/{number}", p256dh="!", key_id=key_id) for number in range(3)]
    good = [office.make_device()[0] for _ in range(3)]
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    assert office.deliver() == {"accepted": 3, "failed": 3}
    assert all(again(device).error_count == 1 for device in poisoned)
    assert all(again(device).error_count == 0 for device in good)


@pytest.mark.slow
def test_a_push_service_that_hangs_delays_no_other(office: Office) -> None:
    with_hanging = [office.make_device() for _ in range(4)]
    for _, browser in with_hanging:
        office.script(browser, Scripted(hangs=True))
    good, _ = office.make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    assert office.deliver(timeout_seconds=5) == {"accepted": 1, "retry": 4}
    accepted_ms = Delivery.objects.get(device=good).latency_ms
    assert accepted_ms is not None
    assert accepted_ms < 4_500


def test_a_retry_goes_out_when_the_push_service_wants_it(office: Office) -> None:
    device, browser = office.make_device()
    office.script(browser, Scripted(429, {"Retry-After": "120"}))
    delivery = new_delivery(device)
    office.deliver()
    assert again(delivery).next_at == NOW + timedelta(seconds=120)
    assert office.deliver(NOW + timedelta(seconds=119)) == {}
    assert office.deliver(NOW + timedelta(seconds=120)) == {"accepted": 1}
    assert again(delivery).attempts == 2


# -- asked again before it goes out ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "stale"}, "repair"),
        ({"state": "disabled"}, "repair"),
        ({"expires_at": NOW}, "has ended"),
        ({"muted_until": LATER}, "muted"),
        ({"most_a_day": 0}, "24 hours"),
        ({"wants_everything": False}, "no longer wanted"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_changed_after_planning_is_heeded(changes: dict[str, Any], reason: str) -> None:
    device, delivery = told()
    PushSubscription.objects.filter(pk=device.pk).update(**changes)
    sender = FakeSender()
    assert deliver(sender) == {"suppressed": 1}
    assert sender.sent == []
    assert reason in again(delivery).reason


@pytest.mark.parametrize("flag", ["is_staff", "is_active"])
def test_who_is_no_curator_any_more_is_not_told(flag: str) -> None:
    device, _ = told()
    setattr(device.user, flag, False)
    device.user.save()
    assert deliver(FakeSender()) == {"suppressed": 1}


def test_a_removed_device_is_not_told() -> None:
    device, delivery = told()
    device.delete()
    assert deliver(FakeSender()) == {"suppressed": 1}
    assert again(delivery).device_name == "Phone"


def test_a_post_that_was_hidden_meanwhile_is_not_told() -> None:
    told()
    Entry.objects.update(is_hidden=True)
    assert deliver(FakeSender()) == {"suppressed": 1}


def test_a_device_that_still_wants_one_of_the_posts_is_told() -> None:
    device = make_device()
    feed = make_feed(category=make_category("Django"))
    make_entry(feed, days_ago=A_MINUTE_AGO)
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    PushSubscription.objects.update(wants_everything=False)
    device.categories.add(feed.category)
    assert deliver(FakeSender()) == {"accepted": 1}


def told_of_one_of_two() -> tuple[PushSubscription, Feed]:
    """A device that chose one feed, and the feed, when two have brought a post each."""
    device, feed = make_device(wants_everything=False), make_feed()
    device.feeds.add(feed)
    make_device()  # wants both
    for of in (feed, make_feed("Another")):
        make_entry(of, days_ago=A_MINUTE_AGO)
    plan(NOW)
    return device, feed


def test_a_title_that_was_hidden_meanwhile_is_not_told_for_the_sake_of_other_posts() -> None:
    device, feed = told_of_one_of_two()
    PushSubscription.objects.update(wants_everything=True)
    Entry.objects.filter(feed=feed).update(is_hidden=True)
    assert deliver(FakeSender()) == {"accepted": 1, "suppressed": 1}
    assert "no longer shown" in Delivery.objects.get(device=device).reason


def test_a_title_that_is_no_longer_wanted_is_not_told_for_the_sake_of_other_posts() -> None:
    device, _ = told_of_one_of_two()
    device.feeds.set(Feed.objects.filter(title="Another"))
    assert deliver(FakeSender()) == {"accepted": 1, "suppressed": 1}
    assert "no longer wanted" in Delivery.objects.get(device=device).reason


def test_text_became_generic_after_planning() -> None:
    told()
    PushSubscription.objects.update(text="generic")
    sender = FakeSender()
    deliver(sender)
    assert Notice.objects.get().title.encode() not in sender.sent[0].payload


def test_the_site_chose_to_name_no_post_after_planning(settings: LazySettings) -> None:
    told()
    notice = Notice.objects.get()
    settings.PUSH_NAME_NO_POST = True
    sender = FakeSender()
    assert deliver(sender) == {"accepted": 1}
    assert notice.title.encode() not in sender.sent[0].payload
    assert notice.entry is not None
    assert notice.entry.feed.shown_title.encode() not in sender.sent[0].payload


@pytest.mark.parametrize("hours", [1, 672])
def test_a_push_service_keeps_a_message_as_long_as_the_site_says(settings: LazySettings, hours: int) -> None:
    settings.PUSH_LIFETIME_HOURS = hours
    told()
    sender = FakeSender()
    deliver(sender)
    assert sender.sent[0].ttl_seconds == hours * 3600


def test_a_notice_is_not_sent_after_its_time() -> None:
    _, delivery = told()
    assert deliver(FakeSender(), NOW + timedelta(hours=24)) == {"expired": 1}
    assert again(delivery).finished_at == NOW + timedelta(hours=24)


def test_the_time_that_a_message_may_wait_never_reaches_zero() -> None:
    told()
    sender = FakeSender()
    deliver(sender, NOW + timedelta(hours=24) - timedelta(seconds=1))
    assert sender.sent[0].ttl_seconds == 60


def test_at_most_so_many_a_day() -> None:
    device = make_device(most_a_day=2)
    states = []
    for hours in (0, 1, 2, 23, 25):
        now = NOW + timedelta(hours=hours)
        make_entry(first_seen_at=now - timedelta(minutes=1), published_at=now)
        plan(now)
        states += list(deliver(FakeSender(), now))
    assert states == ["accepted", "accepted", "suppressed", "suppressed", "accepted"]
    assert device.deliveries.count() == 5


def test_what_waits_together_counts_once_for_the_daily_limit() -> None:
    device = make_device(most_a_day=1)
    for _ in range(3):
        new_delivery(device)
    assert deliver(FakeSender()) == {"accepted": 1}
    assert Delivery.objects.get(state="accepted").notice.entry_count == 3


def test_a_device_that_was_asked_to_wait_waits() -> None:
    _, delivery = told(paused_until=LATER)
    assert deliver(FakeSender()) == {"retry": 1}
    assert (again(delivery).next_at, delivery.attempts) == (LATER, 0)


def test_what_another_worker_holds_is_left_to_it() -> None:
    told()
    Delivery.objects.update(state="leased", lease=uuid.uuid4(), next_at=NOW + timedelta(seconds=1))
    assert deliver(FakeSender()) == {}
    assert deliver(FakeSender(), NOW + timedelta(seconds=1)) == {"accepted": 1}


def test_a_worker_that_was_too_slow_changes_nothing() -> None:
    device, delivery = told()
    sender = FakeSender({device.endpoint: [Answer(410)]})
    other = uuid.uuid4()

    def take_it_away(message: Message) -> None:
        Delivery.objects.update(lease=other)
        connection.close()

    sender.before_answer = take_it_away
    assert deliver(sender) == {"stale": 1}
    assert (again(delivery).state, delivery.lease) == ("leased", other)
    assert PushSubscription.objects.exists()


# -- answers ---------------------------------------------------------------------------------------------------------


def test_a_browser_that_subscribed_anew_meanwhile_is_kept_and_told() -> None:
    device, delivery = told()
    sender = FakeSender({device.endpoint: [Answer(410)]})

    def subscribe_anew(message: Message) -> None:
        if len(sender.sent) == 1:
            PushSubscription.objects.update(changed_at=NOW + timedelta(seconds=1))
            connection.close()

    sender.before_answer = subscribe_anew
    deliver(sender)
    deliver(sender)
    assert again(delivery).state == "accepted"
    assert PushSubscription.objects.get() == device


def test_a_device_of_another_key_waits_for_repair() -> None:
    device, delivery, _ = answered(Answer(403, body="key mismatch"))
    assert (delivery.state, again(device).state) == ("failed", "stale")


def test_a_message_that_is_too_large_is_sent_once_more_with_a_short_text() -> None:
    _, delivery, sender = answered(Answer(413), Answer(201), title="Long " * 20)
    assert (delivery.state, delivery.attempts) == ("accepted", 2)
    assert b"New posts on" in sender.sent[1].payload
    assert len(sender.sent[1].payload) < len(sender.sent[0].payload)


def test_a_message_that_is_too_large_even_when_short_has_failed() -> None:
    device, delivery, sender = answered(Answer(413), Answer(413))
    assert (delivery.state, len(sender.sent)) == ("failed", 2)
    assert again(device).state == "active"


def test_an_accepted_message_clears_the_errors() -> None:
    device, _, _ = answered(Answer(201), error_count=2, failing_since=NOW, last_error="bad", paused_until=NOW)
    device = again(device)
    assert (device.error_count, device.failing_since, device.last_error, device.paused_until) == (0, None, "", None)


def failures(*hours: int) -> PushSubscription:
    """A device whose push service refuses a message, for an unknown reason, at these times."""
    device = make_device()
    for hour in hours:
        now = NOW + timedelta(hours=hour)
        make_entry(first_seen_at=now - timedelta(minutes=1), published_at=now)
        plan(now)
        deliver(FakeSender(default=418), now)
    return again(device)


def test_three_errors_over_a_day_are_the_end_of_a_device() -> None:
    assert failures(0, 12, 24).state == "disabled"


def test_three_errors_in_a_bad_hour_are_not() -> None:
    device = failures(0, 1, 2, 23)
    assert (device.state, device.error_count) == ("active", 4)


def test_two_errors_over_a_day_are_not() -> None:
    assert failures(0, 30).state == "active"


def test_a_service_that_is_down_is_tried_again_until_the_notice_is_old() -> None:
    _, delivery = told()
    now, states = NOW, []
    while not states or states[-1] == "retry":
        states += list(deliver(FakeSender(default=500), now))
        now = max(again(delivery).next_at, now)
    assert states[-1] == "expired"
    assert NOW + timedelta(hours=23) < delivery.finished_at <= NOW + timedelta(hours=24)


def test_too_many_messages_for_all_puts_off_all_of_that_push_service() -> None:
    first, second = make_device(), make_device()
    other = make_device(endpoint="https://other.example/1")
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender({first.endpoint: [Answer(429, {"retry-after": "60"})]}, default=201)
    Delivery.objects.filter(device=second).update(next_at=NOW + timedelta(seconds=1))
    deliver(sender)
    waiting = Delivery.objects.filter(state__in=["retry", "pending"])
    assert set(waiting.values_list("device", "next_at")) == {
        (device.pk, NOW + timedelta(seconds=60)) for device in (first, second)
    }
    assert Delivery.objects.get(device=other).state == "accepted"


def test_a_wait_that_outlives_its_notice_still_holds_for_others_and_to_its_end() -> None:
    device = make_device(wants_everything=False)
    delivering.test_push(device, NOW)
    other = new_delivery(make_device())
    Delivery.objects.filter(pk=other.pk).update(next_at=NOW + timedelta(seconds=1))
    assert deliver(FakeSender({device.endpoint: [Answer(429, {"retry-after": "7200"})]})) == {"expired": 1}
    assert again(other).next_at == NOW + timedelta(seconds=7200)


def test_a_wait_holds_for_notices_that_are_planned_meanwhile() -> None:
    answered(Answer(429, {"retry-after": "600"}))
    sender, soon = FakeSender(), NOW + timedelta(minutes=5)
    other = new_delivery(make_device())
    assert deliver(sender, soon) == {"retry": 1}
    assert again(other).next_at == NOW + timedelta(seconds=600)
    assert sender.sent == []


def test_when_the_wait_is_over_all_go_out() -> None:
    answered(Answer(429, {"retry-after": "600"}))
    new_delivery(make_device())
    assert deliver(FakeSender(), NOW + timedelta(seconds=600))["accepted"] == 2


def test_a_push_service_that_answers_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MAX_CLAIMED_DELIVERIES", 5)
    monkeypatch.setattr(delivering, "MAX_MESSAGES_UNDER_WAY_PER_SERVICE", 5)
    for _ in range(40):
        make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender()
    sender._default = Answer(None, problem="no answer in time")
    deliver(sender)
    assert settling.MAX_FAILED_MESSAGES <= len(sender.sent) < 25
    assert not Delivery.objects.due(NOW).exists()


# -- our own fault ---------------------------------------------------------------------------------------------------


def refused(devices: int = 5) -> FakeSender:
    """Devices of a push service that refuses our signature, after one run."""
    for _ in range(devices):
        make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender(default=403)
    deliver(sender)
    return sender


def test_our_own_fault_costs_no_device() -> None:
    refused()
    assert PushSubscription.objects.filter(state="active", error_count=0).count() == 5
    assert Delivery.objects.filter(state="retry").count() == 5


def test_our_own_fault_opens_the_circuit_of_that_push_service() -> None:
    refused()
    circuit = Circuit.objects.get()
    assert (circuit.origin, circuit.open_until) == (f"https://{HOST}", NOW + timedelta(minutes=15))


def test_while_a_circuit_is_open_nothing_is_sent() -> None:
    refused()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender()
    assert deliver(sender) == {}
    assert sender.sent == []


def test_while_a_circuit_is_open_new_devices_wait_for_it() -> None:
    refused()
    new_delivery()
    sender = FakeSender()
    assert deliver(sender) == {"retry": 1}
    assert sender.sent == []
    assert not Delivery.objects.due(NOW + timedelta(minutes=14)).exists()


def test_after_the_rest_one_message_tries_first() -> None:
    refused()
    sender = FakeSender(default=403)
    deliver(sender, NOW + timedelta(minutes=15))
    assert len(sender.sent) == 1
    assert Circuit.objects.get().open_until == NOW + timedelta(minutes=30)


def test_when_the_probe_is_taken_all_go_out_at_once() -> None:
    refused()
    assert deliver(FakeSender(), NOW + timedelta(minutes=15))["accepted"] == 5
    assert not Circuit.objects.exists()


def test_a_lost_probe_is_followed_by_another() -> None:
    refused()
    Circuit.objects.update(open_until=NOW + timedelta(minutes=17))  # as a worker left it that took the probe and died
    assert deliver(FakeSender(), NOW + timedelta(minutes=16))["accepted"] == 0
    assert deliver(FakeSender(), NOW + timedelta(minutes=17))["accepted"] == 5


def test_a_device_that_is_always_refused_silences_no_other() -> None:
    poison = make_device()
    others = [make_device() for _ in range(4)]
    sender = FakeSender({poison.endpoint: [Answer(403)] * 100})
    for day in range(3):
        published = NOW + timedelta(days=day)
        make_entry(first_seen_at=published - timedelta(minutes=1), published_at=published)
        plan(published)
        for minutes in range(0, 60, 5):
            deliver(sender, published + timedelta(minutes=minutes))
    assert [device.deliveries.filter(state="accepted").count() for device in others] == [3] * 4
    assert not Circuit.objects.exists()
    poison.refresh_from_db()
    assert poison.state == "disabled"


def test_a_device_that_was_refused_is_not_the_one_that_tries_if_there_are_others() -> None:
    poison, _ = told()
    sender = FakeSender({poison.endpoint: [Answer(403)] * 100})
    deliver(sender)
    other = new_delivery()
    deliver(sender, NOW + timedelta(minutes=15))
    assert again(other).state == "accepted"


# -- tests, and the whole --------------------------------------------------------------------------------------------


def test_a_test_push_goes_to_its_device_only() -> None:
    device = make_device(muted_until=LATER, most_a_day=0, wants_everything=False)
    other = told()[1]
    delivery = delivering.test_push(device, NOW)
    sender = FakeSender()
    counts = deliver_due(clock=lambda: NOW, sender=sender, among=Delivery.objects.filter(pk=delivery.pk))
    assert counts == {"accepted": 1}
    assert [message.endpoint for message in sender.sent] == [device.endpoint]
    assert again(other).state == "pending"


def test_a_test_push_takes_no_notice_of_posts_away() -> None:
    device, _ = told()
    delivering.test_push(device, NOW)
    sender = FakeSender()
    deliver(sender)
    assert len({message.topic for message in sender.sent}) == 2


def test_a_test_push_does_not_count_for_the_daily_limit() -> None:
    device = make_device(most_a_day=1)
    delivering.test_push(device, NOW)
    new_delivery(device)
    assert deliver(FakeSender()) == {"accepted": 2}


def test_a_mistake_in_the_sender_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bad, _ = told()
    make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender()

    def fail(message: Message) -> None:
        if message.endpoint == bad.endpoint:
            raise ZeroDivisionError

    sender.before_answer = fail
    assert deliver(sender) == {"accepted": 1, "failed": 1}
    assert again(bad).error_count == 0


def test_a_sender_that_cannot_open_says_so() -> None:
    class Broken(FakeSender):
        async def __aenter__(self) -> Broken:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deliver(Broken())


def test_the_log_names_no_endpoint(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="notifications")
    device, _, _ = answered(Answer(410))
    answered(Answer(201))
    assert device.short_hash in caplog.text
    assert HOST in caplog.text
    assert device.endpoint not in caplog.text


def test_more_than_a_claim_is_sent_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MAX_CLAIMED_DELIVERIES", 3)
    monkeypatch.setattr(delivering, "MAX_MESSAGES_UNDER_WAY_PER_SERVICE", 3)
    for _ in range(10):
        make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    assert deliver(FakeSender()) == {"accepted": 10}


def test_a_payload_is_built_once_for_all_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        make_device()
    make_entry(days_ago=A_MINUTE_AGO)
    plan(NOW)
    sender = FakeSender()
    deliver(sender)
    assert len({id(message.payload) for message in sender.sent}) == 1
