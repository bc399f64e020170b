"""Subscriptions with an end (`expirationTime`): refused once it is past, renewed before it comes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.devices import subscribing
from notifications.devices.incoming import Offer, Standing
from notifications.models import PushSubscription
from notifications.vapid.keys import KeyRing, VapidKey
from tests.factories import NOW
from tests.notifications.outbox import make_curator, make_device
from tests.notifications.visitors import Visitor, make_user

pytestmark = pytest.mark.django_db
A_SECOND, AN_HOUR, A_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    return Visitor(make_user(), site_key.id)


def milliseconds(moment: datetime) -> float:
    return moment.timestamp() * 1000


def subscribe(key: VapidKey, expires_at: datetime) -> PushSubscription:
    offer = Offer("https://fcm.googleapis.com/a", "key", "secret", key.id, "", expires_at)
    return subscribing.subscribe(make_curator(), offer, ring=KeyRing(key), name="Phone", previous_hash="", now=NOW)


@pytest.mark.parametrize("end", [NOW, NOW - A_SECOND, NOW - 400 * A_DAY, datetime.fromtimestamp(0, NOW.tzinfo)])
def test_what_has_ended_is_refused(site_key: VapidKey, end: datetime) -> None:
    with pytest.raises(subscribing.Ended):
        subscribe(site_key, end)
    assert not PushSubscription.objects.exists()


def test_what_has_not_ended_yet_is_taken_with_its_end(site_key: VapidKey) -> None:
    assert subscribe(site_key, NOW + A_SECOND).expires_at == NOW + A_SECOND


def test_the_browser_is_told_in_words_and_that_a_new_one_is_needed(curator: Visitor) -> None:
    response = curator.subscribe(expirationTime=milliseconds(timezone.now() - A_SECOND))
    answer = json.loads(response.content)
    assert (response.status_code, answer["rotate"]) == (409, True)
    assert "subscription has ended" in answer["error"]


def test_a_device_that_is_told_is_not_replaced_by_what_has_ended(curator: Visitor) -> None:
    curator.subscribe()
    before = curator.device()
    assert curator.subscribe(expirationTime=milliseconds(timezone.now() - AN_HOUR)).status_code == 409
    assert (curator.device().state, curator.device().expires_at) == ("active", before.expires_at)


@pytest.mark.parametrize(
    ("lasts", "passed", "is_renewed"),
    [
        (60 * A_DAY, 57 * A_DAY - A_SECOND, False),
        (60 * A_DAY, 57 * A_DAY, True),
        (60 * A_DAY, 61 * A_DAY, True),
        (A_DAY, 18 * AN_HOUR - A_SECOND, False),  # one that is always short is not renewed at every visit
        (A_DAY, 18 * AN_HOUR, True),
    ],
)
def test_a_browser_that_comes_by_shortly_before_the_end_gets_a_new_one(
    site_key: VapidKey, lasts: timedelta, passed: timedelta, is_renewed: bool
) -> None:
    user, ring = make_curator(), KeyRing(site_key)
    device = make_device(user, key_id=site_key.id, changed_at=NOW, expires_at=NOW + lasts)
    standing = Standing(device.endpoint_hash, site_key.id)
    advice = subscribing.advise(user, standing, ring=ring, now=NOW + passed)
    assert (advice.known, advice.rotate) == (True, is_renewed)


def test_one_without_an_end_is_never_renewed_for_it(curator: Visitor) -> None:
    curator.subscribe()
    assert not curator.sync()["rotate"]


def test_once_it_has_ended_the_page_no_longer_says_that_the_device_is_told(curator: Visitor) -> None:
    curator.subscribe()
    devices = reverse("notifications:devices")
    believed = f'data-believed="{curator.endpoint_hash}"'
    assert believed in curator.client.get(devices).content.decode()
    PushSubscription.objects.update(expires_at=timezone.now() - A_SECOND)
    page = curator.client.get(devices).content.decode()
    assert believed not in page  # so the script asks what to do, whatever it asked today
    assert "needs repair: open this page on it" in page
