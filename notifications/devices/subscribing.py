"""Devices come, are known again, and go: the rules, without HTTP.

Refused             the sentence is for the person
  NoAccount         it was deleted a moment ago
  OwnedByAnother    the endpoint is another person's, and the keys don't prove that it is the same browser
  TooManyDevices
  Ended             the browser itself says that it is over
  UnknownKey        made with a VAPID key that we don't have: the browser must subscribe anew
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from notifications.models import PushSubscription, RemovedDevice, endpoint_digest
from notifications.vapid.keys import KeyRing

from .incoming import Offer, Standing, Withdrawal

MAX_DEVICES_PER_PERSON = 20
"""More than anybody uses; without a limit, one account could make us send without end."""


class Refused(Exception):
    """See the module's docstring."""

    sentence = "This device can't be told of new posts."


class NoAccount(Refused):
    sentence = "Your account is gone: nobody can be told."


class OwnedByAnother(Refused):
    sentence = "This browser's subscription belongs to another account."


class TooManyDevices(Refused):
    sentence = f"{MAX_DEVICES_PER_PERSON} devices are told already. Remove one that you no longer use."


class UnknownKey(Refused):
    sentence = "The site has a new key: this browser has to subscribe again."


class Ended(Refused):
    sentence = "This browser's subscription has ended, so nothing would arrive. Load this page again to get a new one."


@dataclass(frozen=True, slots=True)
class Advice:
    """What a browser should do with its subscription."""

    known: bool
    """It is told of new posts, unless its state or `rotate` says otherwise."""
    rotate: bool
    """Subscribe again: the site has another key, or the subscription is about to end."""
    release: bool
    """Unsubscribe: the device was taken away, or tells another account."""
    state: str
    others: int
    """How many other devices the person has."""


def subscribe(
    user: User, offer: Offer, *, ring: KeyRing, name: str, previous_hash: str, now: datetime
) -> PushSubscription:
    """The user's device with the browser's present subscription; raises `Refused`.

    Preferences and name of a device that is known already, by its endpoint or as `previous_hash`, stay as they are.
    """
    if ring.get(offer.key_id) is None:
        raise UnknownKey
    if offer.expires_at is not None and offer.expires_at <= now:
        raise Ended
    endpoint_hash = endpoint_digest(offer.endpoint)
    try:
        with transaction.atomic():
            _lock(user)
            device = _known_device(user, offer, endpoint_hash, previous_hash) or _new_device(user, offer.name or name)
            _renew(device, offer, endpoint_hash, now)
            RemovedDevice.objects.forget(endpoint_hash)
    except IntegrityError as error:  # somebody else brought the same endpoint at this moment
        raise OwnedByAnother from error
    return device


def withdraw(user: User | None, withdrawal: Withdrawal, now: datetime) -> bool:
    """Whether a device was removed: the user's own, or anybody's if the secret proves that this is its browser."""
    endpoint_hash = endpoint_digest(withdrawal.endpoint)
    device = PushSubscription.objects.filter(endpoint_hash=endpoint_hash).first()
    if device is None:
        return False
    is_own = user is not None and device.user_id == user.pk
    if not is_own and not _same(device.auth, withdrawal.auth):
        return False
    remove(device, now)
    return True


def remove(device: PushSubscription, now: datetime) -> None:
    """Tell this device no more, and let its browser know when it comes by."""
    with transaction.atomic():
        PushSubscription.objects.filter(pk=device.pk).lock()
        RemovedDevice.objects.remember(device.endpoint_hash, now)
        device.delete()


def advise(user: User, standing: Standing, *, ring: KeyRing, now: datetime) -> Advice:
    """What the browser should do; a known device counts as seen."""
    device = PushSubscription.objects.filter(endpoint_hash=standing.endpoint_hash).first()
    is_own = device is not None and device.user_id == user.pk
    others = PushSubscription.objects.of(user).exclude(endpoint_hash=standing.endpoint_hash).count()
    if device is None or not is_own:
        is_removed = RemovedDevice.objects.filter(endpoint_hash=standing.endpoint_hash).exists()
        return Advice(known=False, rotate=False, release=device is not None or is_removed, state="", others=others)
    PushSubscription.objects.filter(pk=device.pk).update(seen_at=now)
    is_current = ring.current is not None and ring.current.id == standing.key_id == device.key_id
    is_stale = device.state == PushSubscription.State.STALE or device.ends_soon(now)
    rotate = ring.current is not None and (not is_current or is_stale)
    return Advice(known=True, rotate=rotate, release=False, state=device.state, others=others)


def _lock(user: User) -> None:
    """One at a time for each person, so that the limit is kept and a double click makes one device."""
    if not User.objects.select_for_update().filter(pk=user.pk).exists():
        raise NoAccount


def _known_device(user: User, offer: Offer, endpoint_hash: str, previous_hash: str) -> PushSubscription | None:
    # Locked: at this moment a push service may say that the old subscription has ended, and the device is dropped.
    devices = PushSubscription.objects.select_for_update()
    device = devices.filter(endpoint_hash=endpoint_hash).first()
    if device is None:
        return devices.of(user).filter(endpoint_hash=previous_hash).first()
    if device.user_id == user.pk:
        return device
    if not (_same(device.p256dh, offer.p256dh) and _same(device.auth, offer.auth)):
        raise OwnedByAnother
    # Another person sits at this browser now. Nothing of the first one's stays: not the wishes, not what is on its way.
    device.delete()
    return None


def _new_device(user: User, name: str) -> PushSubscription:
    if PushSubscription.objects.of(user).count() >= MAX_DEVICES_PER_PERSON:
        raise TooManyDevices
    return PushSubscription(user=user, name=name)


def _renew(device: PushSubscription, offer: Offer, endpoint_hash: str, now: datetime) -> None:
    """The browser's present subscription, and a clean sheet: what went wrong before no longer says anything."""
    facts = {
        "endpoint": offer.endpoint,
        "endpoint_hash": endpoint_hash,
        "p256dh": offer.p256dh,
        "auth": offer.auth,
        "key_id": offer.key_id,
        "expires_at": offer.expires_at,
        "state": PushSubscription.State.ACTIVE,
        "error_count": 0,
        "failing_since": None,
        "last_error": "",
        "gone_at": None,
        "paused_until": None,
        "changed_at": now,
        "seen_at": now,
    }
    for field, value in facts.items():
        setattr(device, field, value)
    device.save(update_fields=list(facts) if device.pk else None)


def _same(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode())
