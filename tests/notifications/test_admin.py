"""The log that the operator reads: what it shows, what it must not show, and that nothing in it can be changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from notifications.delivery_log import spans
from notifications.models import Circuit, Delivery, DeliverySum, Notice, PushSubscription, RemovedDevice
from notifications.vapid.keys import VapidKey
from tests.curators import log_in, page
from tests.notifications.outbox import make_curator, make_device

pytestmark = pytest.mark.django_db
DELIVERIES = "admin:notifications_delivery_changelist"
DEVICES = "admin:notifications_pushsubscription_changelist"
SECRET = "secret-part-of-the-endpoint"


def make_delivery(device: PushSubscription | None = None, **fields: object) -> Delivery:
    """Accepted just now, unless the fields say otherwise."""
    number, now = Delivery.objects.count(), timezone.now()
    endpoint = f"https://fcm.googleapis.com/fcm/send/{SECRET}{number}"
    defaults = {
        "notice": Notice.objects.create(title="12 new posts", expires_at=now + timedelta(days=1)),
        "device": device or make_device(endpoint=endpoint, p256dh=f"point-{number}", auth=f"auth-{number}"),
        "device_name": "Laptop",
        "service": "fcm.googleapis.com",
        "state": "accepted",
        "finished_at": now,
        "status": 201,
        "reason": "accepted",
        "latency_ms": 87,
        "returned_ttl_seconds": 7200,
        "attempts": 2,
    }
    return Delivery.objects.create(**{**defaults, **fields})


def test_the_log_tells_what_became_of_each_delivery() -> None:
    make_delivery()
    html = page(log_in(), DELIVERIES)
    for word in ("12 new posts", "Laptop", "fcm.googleapis.com", "accepted", "201", "87 ms", "2 h"):
        assert word in html


def test_the_log_never_says_delivered() -> None:
    make_delivery()
    assert "delivered" not in page(log_in(), DELIVERIES).lower()


@pytest.mark.parametrize("name", ["delivery", "notice", "pushsubscription"])
def test_no_page_shows_an_endpoint_or_a_key(name: str) -> None:
    delivery = make_delivery()
    rows = {"delivery": delivery, "notice": delivery.notice, "pushsubscription": delivery.device}
    client = log_in()
    html = page(client, f"admin:notifications_{name}_changelist")
    html += page(client, f"admin:notifications_{name}_change", rows[name].pk)  # type: ignore[union-attr]
    device = delivery.device
    assert device is not None
    for secret in (SECRET, device.p256dh, device.auth, device.endpoint_hash):
        assert secret not in html


@pytest.mark.parametrize("field", ["endpoint", "p256dh", "auth"])
def test_no_page_lets_guess_an_endpoint_or_a_key(field: str) -> None:
    device = make_delivery().device
    start = getattr(device, field)[:1]
    address = f"{reverse('admin:notifications_pushsubscription_changelist')}?{field}__startswith={start}"
    assert log_in().get(address).status_code == 400


@pytest.mark.parametrize("name", ["delivery", "notice", "pushsubscription"])
def test_nothing_can_be_added_or_changed(name: str) -> None:
    delivery = make_delivery()
    rows = {"delivery": delivery, "notice": delivery.notice, "pushsubscription": delivery.device}
    client = log_in()
    assert client.get(reverse(f"admin:notifications_{name}_add")).status_code == 403
    url = reverse(f"admin:notifications_{name}_change", args=[rows[name].pk])  # type: ignore[union-attr]
    assert client.post(url, {"name": "x", "state": "gone"}).status_code == 403


def test_who_is_no_superuser_sees_no_devices_of_others() -> None:
    make_device()
    client = log_in(may=["view_pushsubscription", "change_pushsubscription"])
    assert client.get(reverse(DEVICES)).status_code == 403


def test_an_account_with_devices_can_be_deleted() -> None:
    owner = make_curator()
    make_delivery(make_device(owner))
    response = log_in().post(reverse("admin:auth_user_delete", args=[owner.pk]), {"post": "yes"})
    assert response.status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert Delivery.objects.get().device is None


@pytest.mark.parametrize("way", ["one", "several"])
def test_a_device_that_a_superuser_deletes_does_not_come_back_by_itself(way: str) -> None:
    device = make_device()
    if way == "one":
        log_in().post(reverse("admin:notifications_pushsubscription_delete", args=[device.pk]), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [device.pk], "post": "yes"}
        log_in().post(reverse(DEVICES), data)
    assert not PushSubscription.objects.exists()
    assert RemovedDevice.objects.get().endpoint_hash == device.endpoint_hash


def test_totals_are_shown_by_push_service() -> None:
    for state in ("accepted", "accepted", "failed"):
        make_delivery(state=state, latency_ms=100)
    make_delivery(service="web.push.apple.com", latency_ms=250)
    html = page(log_in(), DELIVERIES)
    assert html.index("web.push.apple.com") > html.index("fcm.googleapis.com")
    assert "250 ms" in html


def test_totals_are_of_the_last_day() -> None:
    make_delivery(created_at=timezone.now() - timedelta(hours=25))
    assert "The last 24 hours" not in page(log_in(), DELIVERIES)


def test_sums_by_day_and_month_are_told_in_words_with_and_without_rows() -> None:
    today = timezone.now().replace(hour=12)
    apple = {"service": "web.push.apple.com"}
    for state in ("accepted", "accepted", "failed"):
        make_delivery(state=state, finished_at=today)
    make_delivery(finished_at=today - timedelta(days=1), **apple)
    for day, state, count in (
        (today, "accepted", 1_200),
        (today - timedelta(days=13), "gone", 1),
        (today - timedelta(days=12), "gone", 2),
        (today - timedelta(days=90), "accepted", 5),
        (today - timedelta(days=90), "expired", 2),
    ):
        DeliverySum.objects.create(day=day.date(), service="fcm.googleapis.com", state=state, count=count)
    shown = [(span.name, span.service, span.outcome) for span in spans(today)]
    assert shown == [
        (f"{today:%d %b %Y}", "Google (Chrome)", "1,202 accepted, 1 failed"),
        (f"{today - timedelta(days=1):%d %b %Y}", "Apple (Safari)", "1 accepted"),
        (f"{today - timedelta(days=12):%d %b %Y}", "Google (Chrome)", "2 devices gone"),
        (f"{today - timedelta(days=13):%d %b %Y}", "Google (Chrome)", "1 device gone"),
        (f"{today - timedelta(days=90):%B %Y}", "Google (Chrome)", "5 accepted, 2 too late"),
    ]
    client = log_in()
    address = reverse("admin:notifications_delivery_sums")
    assert f'<a href="{address}">What came of all messages, by day and month</a>' in page(client, DELIVERIES)
    assert "1,202 accepted, 1 failed" in page(client, "admin:notifications_delivery_sums")


def test_hosts_of_one_push_service_are_one_line() -> None:
    for host in ("wns2-par02p.notify.windows.com", "wns2-by3p.notify.windows.com"):
        make_delivery(service=host)
    assert [(span.service, span.outcome) for span in spans(timezone.now())] == [("Microsoft (Edge)", "2 accepted")]


def test_without_messages_there_are_no_sums() -> None:
    client = log_in()
    assert "by day and month" not in page(client, DELIVERIES)
    assert "No message has come to its end yet." in page(client, "admin:notifications_delivery_sums")


def test_the_sums_are_for_who_may_see_the_log() -> None:
    assert log_in(may=["view_notice"]).get(reverse("admin:notifications_delivery_sums")).status_code == 403


def test_a_notice_says_how_many_it_reached_after_the_log_forgot_them() -> None:
    delivery = make_delivery()
    make_delivery(notice=delivery.notice, state="failed")
    Notice.objects.filter(pk=delivery.notice.pk).update(summed_count=40, summed_accepted_count=39)
    html = page(log_in(), "admin:notifications_notice_changelist")
    assert 'class="field-device_count">42<' in html
    assert 'class="field-accepted_count">40<' in html


def test_an_open_circuit_is_a_line_on_top() -> None:
    now = timezone.now()
    Circuit.objects.create(
        origin="https://web.push.apple.com", reason="403 BadJwtToken", open_until=now + timedelta(minutes=9)
    )
    html = page(log_in(), DELIVERIES)
    assert "Nothing is sent to web.push.apple.com" in html
    assert "403 BadJwtToken" in html


def test_messages_that_nobody_sends_are_a_line_on_top() -> None:
    make_delivery(state="pending", finished_at=None, next_at=timezone.now() - timedelta(minutes=11))
    assert "Is the worker running?" in page(log_in(), DELIVERIES)


def test_a_key_that_is_gone_is_a_line_on_top(site_key: VapidKey) -> None:
    for key_id in (site_key.id, "0" * 16, "1" * 16):
        make_device(key_id=key_id)
    assert "The VAPID key of 2 devices is gone" in page(log_in(), DELIVERIES)


def test_without_trouble_there_is_no_such_line(site_key: VapidKey) -> None:
    make_delivery(make_device(key_id=site_key.id))
    assert "errornote" not in page(log_in(), DELIVERIES)


def test_a_long_log_costs_no_more_queries_than_a_short_one() -> None:
    client = log_in()

    def queries(more: int) -> int:
        for _ in range(more):
            make_delivery()
        with CaptureQueriesContext(connection) as context:
            page(client, DELIVERIES)
        return len(context)

    assert queries(2) == queries(20)
