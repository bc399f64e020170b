"""A device that is dropped in the very moment in which its owner, or its browser, changes something about it."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from django.db import connections

from notifications.devices import subscribing
from notifications.devices.forms import MuteForm, NameForm, WishesForm
from notifications.models import PushSubscription
from notifications.vapid.keys import VapidKey
from tests.notifications.visitors import Visitor, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    curator = Visitor(make_user(), site_key.id)
    curator.subscribe()
    return curator


def drop_just_before(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Thread:
    """Somebody who drops all devices, as the sender does, when the function is called; he may have to wait for us."""

    def drop() -> None:
        try:
            PushSubscription.objects.all().delete()
        finally:
            connections.close_all()

    dropper, function = Thread(target=drop), getattr(owner, name)

    def run(*args: Any, **kwargs: Any) -> Any:
        if dropper.ident is None:
            dropper.start()
            dropper.join(timeout=0.5)
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, run)
    return dropper


@pytest.mark.parametrize(
    ("verb", "form", "data"),
    [
        ("rename", NameForm, {"name": "Kitchen"}),
        ("mute", MuteForm, {"until": "hour"}),
        ("wishes", WishesForm, {"wants_everything": "yes", "text": "detailed"}),
    ],
)
def test_a_form_brings_no_dropped_device_back(
    curator: Visitor, monkeypatch: pytest.MonkeyPatch, verb: str, form: type, data: dict[str, str]
) -> None:
    device = curator.device()
    prefix = f"device-{device.pk}-" if verb == "wishes" else ""
    dropper = drop_just_before(monkeypatch, form, "is_valid")
    response = curator.press(verb, device, **{f"{prefix}{name}": value for name, value in data.items()})
    dropper.join()
    assert response.status_code == 302
    assert not PushSubscription.objects.exists()


def test_a_device_that_is_dropped_while_it_subscribes_anew_answers_as_ever(
    curator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    curator.move()
    dropper = drop_just_before(monkeypatch, subscribing, "_renew")
    assert curator.subscribe().status_code == 200
    dropper.join()
