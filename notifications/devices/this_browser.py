"""Which device the session's browser is: noted when it subscribes or is known again, gone with the logout."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from notifications.models import PushSubscription

_KEY = "push_device"


def bind(request: HttpRequest, endpoint_hash: str) -> None:
    """Remember the device; an empty hash forgets it. The session is written only if something changes."""
    if bound_hash(request) == endpoint_hash:
        return
    if endpoint_hash:
        request.session[_KEY] = endpoint_hash
    else:
        del request.session[_KEY]


def bound_hash(request: HttpRequest) -> str:
    return str(request.session.get(_KEY, ""))


def connect() -> None:
    user_logged_out.connect(leave, dispatch_uid="notifications.leave")


def leave(sender: object, request: HttpRequest, user: User | None, **kwargs: object) -> None:
    """Receives Django's `user_logged_out`: the next person here must not read what was meant for this one."""
    if user is None or not bound_hash(request):
        return
    device = PushSubscription.objects.of(user).filter(endpoint_hash=bound_hash(request)).first()
    if device is not None:
        # Only now: it needs cryptography, and every command imports this module.
        import_string("notifications.devices.subscribing.remove")(device, timezone.now())
