"""A new password ends no notifications. So it says who is told all the same, and offers to end that."""

from __future__ import annotations

import html

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from notifications.models import PushSubscription, RemovedDevice
from notifications.vapid.keys import VapidKey
from tests.notifications.outbox import make_device
from tests.notifications.visitors import Visitor, make_user

pytestmark = pytest.mark.django_db
NEW = "a much longer secret"


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    return Visitor(make_user(), site_key.id)


def change_password(visitor: Visitor) -> str:
    data = {"old_password": "secret", "new_password1": NEW, "new_password2": NEW}
    response = visitor.client.post(reverse("admin:password_change"), data, follow=True)
    assert response.redirect_chain, response.content
    return html.unescape(response.content.decode())


def press(visitor: Visitor, **data: str) -> str:
    response = visitor.client.post(reverse("notifications:remove_all"), data, follow=True)
    return html.unescape(response.content.decode())


def names() -> list[str]:
    return sorted(PushSubscription.objects.values_list("name", flat=True))


def test_it_names_each_device_of_ones_own_and_no_other(curator: Visitor) -> None:
    curator.subscribe(name="Desk")
    make_device(curator.user, name="Old phone", state="stale")
    make_device(name="Somebody's tablet")
    page = change_password(curator)
    assert "Your password was changed." in page
    assert "2 devices of yours are still told of new posts" in page
    assert "Desk" in page
    assert "Old phone" in page
    assert "Somebody's tablet" not in page
    assert page.count("this device</span>") == 1


def test_all_but_the_one_at_hand_are_ended(curator: Visitor) -> None:
    curator.subscribe(name="Desk")
    phone = make_device(curator.user, name="Phone")
    make_device(name="Somebody's tablet")
    assert "Stop on all but this device" in change_password(curator)
    assert "1 device is no longer told of new posts." in press(curator, keep="this")
    assert names() == ["Desk", "Somebody's tablet"]
    assert RemovedDevice.objects.get().endpoint_hash == phone.endpoint_hash  # its browser doesn't bring it back
    assert curator.sync()["known"]


def test_all_of_them_are_ended(curator: Visitor) -> None:
    curator.subscribe(name="Desk")
    make_device(curator.user, name="Phone")
    assert "Stop on all of them" in change_password(curator)
    assert "2 devices are no longer told of new posts." in press(curator)
    assert names() == []
    assert curator.sync()["release"]


def test_where_the_only_device_is_this_one_it_can_be_ended(curator: Visitor) -> None:
    curator.subscribe()
    page = change_password(curator)
    assert "1 device of yours is still told of new posts" in page
    assert "Stop on it" in page
    assert "all but" not in page


def test_without_devices_it_says_that_there_are_none(curator: Visitor) -> None:
    page = change_password(curator)
    assert "No device of yours is told of new posts." in page
    assert reverse("notifications:remove_all") not in page


def test_the_button_is_for_curators_and_needs_a_post(curator: Visitor) -> None:
    make_device(curator.user)
    address = reverse("notifications:remove_all")
    assert curator.client.get(address).status_code == 405
    assert Client().post(address).status_code == 302
    assert PushSubscription.objects.exists()


def test_who_changes_somebody_elses_password_is_told_of_his_devices(curator: Visitor) -> None:
    make_device(curator.user, name="Lost phone")
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    assert curator.user is not None
    page = boss.get(reverse("admin:auth_user_password_change", args=[curator.user.pk])).content.decode()
    assert "is told of new posts on: Lost phone." in page
    there = f"{reverse('admin:notifications_pushsubscription_changelist')}?user__id__exact={curator.user.pk}"
    assert there in page
    assert "Lost phone" in boss.get(there).content.decode()


def test_of_somebody_without_devices_nothing_is_said(curator: Visitor) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    assert curator.user is not None
    page = boss.get(reverse("admin:auth_user_password_change", args=[curator.user.pk])).content.decode()
    assert "is told of new posts on" not in page
